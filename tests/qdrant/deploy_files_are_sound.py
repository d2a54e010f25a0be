#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What deploy/ promises, as far as it can be tried without Docker: pinned versions, nothing open to the outside, no key
in a file, units that systemd understands, and backup.sh against the scripted server. 77 without PyYAML.
"""
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import urllib.request

try:
    import yaml
except ImportError:
    print("skipped: no PyYAML")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
faults = []


def check(good, text):
    if not good:
        faults.append(text)


def check_compose(name, services):
    for service, options in yaml.safe_load((DEPLOY / "qdrant" / name).read_text())["services"].items():
        where = f"{name}: {service}"
        check(re.fullmatch(r"qdrant/qdrant:v\d+\.\d+\.\d+", options["image"]), f"{where}: no pinned version")
        check(all(p.startswith("127.0.0.1:") for p in options.get("ports", [])), f"{where}: open to the outside")
        check(any("/qdrant/storage" in v for v in options["volumes"]), f"{where}: no volume")
        check("/run/secrets/api-key" in options["entrypoint"][-1], f"{where}: no key")
        script = options["entrypoint"][-1].replace("$$", "$")
        check(subprocess.run(["bash", "-n", "-c", script], check=False).returncode == 0, f"{where}: bad shell")
        for source in (v.split(":")[0] for v in options["volumes"] if v.startswith("./")):
            check((DEPLOY / "qdrant" / source).exists(), f"{where}: {source} does not exist")
        services.append(service)


def check_health(port):
    """The health check's own words, at the port of the scripted server and at a closed one."""
    test = yaml.safe_load((DEPLOY / "qdrant/compose.yaml").read_text())["services"]["qdrant"]["healthcheck"]["test"]
    for at, wanted in ((port, 0), (1, 1)):
        command = test[3].replace("$$", "$").replace("6333", str(at))
        run = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
        check((run.returncode == 0) == (wanted == 0), f"health check at port {at}: {run.returncode} {run.stderr}")


def check_units(folder):
    if not shutil.which("systemd-analyze"):
        print("units not verified: no systemd-analyze")
        return
    for unit in ("kith-index.service", "kith-index.timer"):
        text = (DEPLOY / "systemd" / unit).read_text().replace("/usr/local/bin/kith-index", shutil.which("true"))
        (folder / unit).write_text(text)
    for unit in ("kith-index.service", "kith-index.timer"):
        run = subprocess.run(["systemd-analyze", "verify", "--man=no", folder / unit], capture_output=True, text=True,
                             check=False)
        check(not [line for line in run.stderr.splitlines() if "kith-index" in line], f"{unit}: {run.stderr}")


def ask(origin, key, path, method="GET", body=None):
    request = urllib.request.Request(origin + path, method=method, data=body and json.dumps(body).encode())
    request.add_header("api-key", key)
    request.add_header("Content-Type", "application/json")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.load(answer)["result"]


def check_backup(folder, origin, key):
    def backup(collection, keyfile):
        return subprocess.run([DEPLOY / "qdrant/backup.sh", origin, collection, folder, keyfile], capture_output=True,
                              text=True, check=False, env={**os.environ, "http_proxy": "", "no_proxy": "*"})

    keyfile = folder / "key"
    keyfile.write_text(key + "\n")
    ask(origin, key, "/collections/faces", "PUT", {"vectors": {"size": 256, "distance": "Cosine"}})
    run = backup("faces", keyfile)
    check(run.returncode == 0, f"backup.sh: {run.stderr}")
    made = pathlib.Path(run.stdout.strip() or "nothing")
    check(made.exists() and b'"payload_schema"' in made.read_bytes(), f"backup.sh: {made} is no snapshot")
    check(ask(origin, key, "/collections/faces/snapshots") == [], "backup.sh left its snapshot on the server")
    run = backup("nothing", keyfile)
    check(run.returncode != 0 and key not in run.stderr + run.stdout, f"backup.sh of no collection: {run}")
    keyfile.write_text("kith-secret-wrong\n")
    run = backup("faces", keyfile)
    check(run.returncode != 0 and "401" in run.stderr, f"backup.sh with a wrong key: {run}")
    check(not list(folder.glob(".kith-backup*")), "backup.sh left files")


def main():
    services = []
    check_compose("compose.yaml", services)
    check_compose("cluster.yaml", services)
    check(len(services) == 4, f"services: {services}")
    check(isinstance(yaml.safe_load((DEPLOY / "qdrant/production.yaml").read_text()), dict), "production.yaml")
    check((DEPLOY / "qdrant/backup.sh").stat().st_mode & stat.S_IXUSR, "backup.sh cannot be run")
    key = "kith-secret-of-the-backup"
    server = subprocess.Popen([sys.executable, "-B", ROOT / "tests/qdrant/fake_server.py", *sys.argv[1:]],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "QDRANT__SERVICE__API_KEY": key})
    port = int(server.stdout.readline())
    with tempfile.TemporaryDirectory() as folder:
        check_health(port)
        check_units(pathlib.Path(folder))
        check_backup(pathlib.Path(folder), f"http://127.0.0.1:{port}", key)
    server.stdin.close()
    server.wait()
    print("\n".join(faults) or "deploy/ is as it says")
    return 1 if faults else 0


sys.exit(main())
