#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks an account, `kith-index add --json | account.py`, against its schema and its balance, and says its numbers."""
import json
import pathlib
import sys

import jsonschema

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[3] / "proto/schema/account.schema.json").read_text())

account = json.load(sys.stdin)
jsonschema.validate(account, SCHEMA)
kinds = ("indexed", "unchanged", "without_face", "failed", "ignored")
print(", ".join(f"{account[name]} {name}" for name in kinds))
if account["seen"] != sum(account[name] for name in kinds):
    sys.exit(f"does not balance: {account['seen']} seen")
