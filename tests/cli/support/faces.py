#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Says on one line per face what a gallery holds, for scripts: `kith-index export | faces.py`.

    PERSON (or -): PHOTO, PHOTO #NUMBER of FACES      paths relative to the current folder; sorted
"""
import json
import os
import sys

lines = []
for line in sys.stdin:
    point = json.loads(line)
    paths = [os.path.relpath(path) for path in point["paths"]]
    lines.append(f"{point.get('person') or '-'}: {', '.join(paths)} #{point['face']} of {point['faces']}")
print("\n".join(sorted(lines)) or "no faces")
