# SPDX-License-Identifier: MIT
"""What the programs print as JSON fits the published schemas, and what is not that does not.

    json_fits_its_schemas.py PROGRAM     the program built from support/lines.c
"""
import copy
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: no module jsonschema (Debian: python3-jsonschema)", file=sys.stderr)
    sys.exit(77)

folder = pathlib.Path(__file__).resolve().parents[2] / "proto" / "schema"
schemas = {name: json.loads((folder / f"{name}.schema.json").read_text()) for name in ("point", "result", "log")}
for path in folder.iterdir():
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))
judges = {name: jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver(f"{folder.as_uri()}/", schema))
          for name, schema in schemas.items()}
failures = []


def must_fit(name, value):
    for error in judges[name].iter_errors(value):
        failures.append(f"{name}: {error.message} in {json.dumps(value)[:200]}")


def must_not_fit(name, value, why):
    if judges[name].is_valid(value):
        failures.append(f"{name}: fits, {why}")


run = "00000000-0000-4000-8000-000000000001"
lines = [line.split(" ", 1) for line in subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()]
lines += [("log", json.dumps(line)) for line in (
    {"path": "/a", "outcome": "indexed", "faces": 1, "person": "Ann", "sha256": "0" * 64, "run": run},
    {"path": "/\ufffd", "path_raw": "L/8=", "outcome": "failed", "reason": "cut short", "run": run},
    {"path": "/a", "outcome": "no face", "run": run}, {"path": "/a", "outcome": "unchanged", "run": run},
    {"path": "/a", "outcome": "ignored", "reason": "no picture", "run": run})]
seen = {name: 0 for name in schemas}
for name, text in lines:
    value = json.loads(text)
    seen[name] += 1
    must_fit(name, value)
    must_not_fit(name, {**value, "surprise": 1}, "an unknown field")
    for key in value:
        must_not_fit(name, {**value, key: {"no": "such"}}, f"an object as {key}")
        if key in schemas[name]["required"]:
            without = copy.deepcopy(value)
            del without[key]
            must_not_fit(name, without, f"without {key}")
must_not_fit("log", {"path": "/a", "outcome": "failed", "run": run}, "failed without a reason")
for answer in (json.loads(text) for name, text in lines if name == "result"):
    if answer["face"] < 0:
        must_not_fit("result", {key: answer[key] for key in answer if key != "reason"}, "nobody and no reason")
        must_not_fit("result", {**answer, "decision": "unknown"}, "a decision without a face")
    else:
        must_not_fit("result", {**answer, "decision": "failed", "reason": "r"}, "failed, and a face")
if seen["point"] < 3 or seen["result"] < 6:
    failures.append(f"only {seen} lines were seen")
print("\n".join(failures) or f"{seen}: all fit")
sys.exit(bool(failures))
