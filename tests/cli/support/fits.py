#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Passes JSON lines through, `kith-query people --json | fits.py people`, and fails at one that its schema refuses."""
import json
import pathlib
import sys

import jsonschema

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "proto/schema"

schema = json.loads((FOLDER / f"{sys.argv[1]}.schema.json").read_text())
resolver = jsonschema.RefResolver(f"{FOLDER.as_uri()}/", schema)
judge = jsonschema.Draft202012Validator(schema, resolver=resolver)
lines = 0
for lines, line in enumerate(sys.stdin, 1):
    sys.stdout.write(line)
    for error in judge.iter_errors(json.loads(line)):
        sys.exit(f"line {lines} does not fit: {error.message}")
if lines == 0:
    sys.exit("no line")
