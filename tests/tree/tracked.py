#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What must not be in the repository is not: large files, weights that may not be shipped, sources off the format.

Needs a git checkout (skips, exit 77, elsewhere).
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORBIDDEN_NETWORKS = ("reid", "imagenet")  # their licences or sources do not let us ship them
LARGEST = 8 << 20


def tracked():
    run = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True)
    if run.returncode:
        print("skipped: not a git checkout")
        sys.exit(77)
    return [ROOT / name.decode() for name in run.stdout.split(b"\0") if name]


def faults(files):
    for path in files:
        if not path.is_file():
            continue
        name = path.relative_to(ROOT)
        if path.stat().st_size > LARGEST:
            yield f"{name}: larger than {LARGEST} bytes"
        if path.suffix == ".safetensors" and any(word in path.name for word in FORBIDDEN_NETWORKS):
            yield f"{name}: this network must not be shipped"
        if path.suffix == ".safetensors" and path.read_bytes()[:65536].find(b'"kith.arch":"reid"') >= 0:
            yield f"{name}: holds reid, which must not be shipped"
    sources = [str(p) for p in files if p.suffix in (".c", ".h", ".cpp") and p.is_file()]
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", *sources], capture_output=True, text=True, cwd=ROOT)
    if run.returncode:
        lines = [line for line in run.stderr.splitlines() if "error:" in line]
        yield f"clang-format: {len(lines)} places, first: {lines[0] if lines else run.stderr}"


found = list(faults(tracked()))
print("\n".join(found) or "the tracked files are as they should be")
sys.exit(1 if found else 0)
