#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No API key is in what a run of the tests wrote: `no_keys.py BUILD`, the last test of a run.

The keys of the tests begin with "kith-secret". Reads ctest's logs of this run (the output of every test) and every
other file that the run left in BUILD/Testing; 77 when keys_go_to_one_server was no part of it.
"""
import pathlib
import sys

SECRET, PROOF = b"kith-secret", b"wants another API key: Invalid API key"  # the key is sent, and refused
files = [file for file in pathlib.Path(sys.argv[1], "Testing").rglob("*") if file.is_file()]
contents = {file: file.read_bytes() for file in files}
if not any(PROOF in content for file, content in contents.items() if file.name.startswith("LastTest.log")):
    print("skipped: the tests of API keys did not run")
    sys.exit(77)
found = [file for file, content in contents.items() if SECRET in content]
for file in found:
    print(f"{file} holds an API key")
print(f"{len(files)} files, {sum(map(len, contents.values()))} bytes, {len(found)} with an API key")
sys.exit(1 if found else 0)
