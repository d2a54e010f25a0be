#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks a log of kith-index add against its schema and says its lines, sorted: outcome, file, reason."""
import json
import os
import pathlib
import sys

import jsonschema

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[3] / "proto/schema/log.schema.json").read_text())

lines = []
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    jsonschema.validate(entry, SCHEMA)
    words = [entry["outcome"], ascii(os.path.relpath(entry["path"])), entry.get("reason")]
    lines.append(": ".join(word for word in words if word))
print("\n".join(sorted(lines)))
