#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every header compiles alone, and its guard is its path: `headers.py COMPILER FLAG...`, run by ctest with the
build's own."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
command = sys.argv[1:]
bad = 0
headers = [h for folder in ("proto", "model", "indexer", "query") for h in sorted((ROOT / folder).rglob("*.h"))]
for header in headers:
    run = subprocess.run(
        command + ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", str(ROOT), "-x", "c", "-"],
        input=f'#include "{header.relative_to(ROOT)}"\n', text=True, capture_output=True)
    guard = "KITH_" + re.sub(r"[/.]", "_", str(header.relative_to(ROOT))).upper()
    guarded = f"#ifndef {guard}\n#define {guard}\n" in header.read_text()
    if run.returncode or not guarded:
        bad += 1
        print(f"{header.relative_to(ROOT)}: its guard is not {guard}" if not guarded else
              f"{header.relative_to(ROOT)} does not compile alone:\n{run.stderr}")
print(f"{len(headers)} headers, {bad} bad")
sys.exit(1 if bad or not headers else 0)
