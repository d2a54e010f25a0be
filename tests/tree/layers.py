#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The layers hold: who includes whom, read from the sources.

proto includes nothing of ours outside itself; model sees proto; the programs see proto and the public headers of
model, and never each other. Libraries (proto, the folders of model) do not include what prints. Prints each breach as
FILE:LINE and ends with 1.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLIC_MODEL = {"model/embedder.h", "model/options.h", "model/which.h", "model/picture/file.h",
                "model/picture/picture.h", "model/plot/plot.h", "model/report/html.h", "model/report/photos.h",
                "model/statistics/face_scores.h", "model/statistics/score_rows.h", "model/statistics/thresholds.h"}


def allowed(folder, path, included):
    top = included.split("/")[0]
    if included == "proto/command/program.h" and folder in ("proto", "model"):
        return path.parent.name in ("command", "model")
    if top == "proto" or top == folder:
        return True
    if folder in ("indexer", "query"):
        return included in PUBLIC_MODEL
    return False


def breaches():
    for folder in ("proto", "model", "indexer", "query"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".cpp"):
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
                if not match:
                    continue
                included = match.group(1)
                where = f"{path.relative_to(ROOT)}:{number}"
                if "/" not in included:
                    yield f'{where}: "{included}" is not a path from the top'
                elif not allowed(folder, path, included):
                    yield f"{where}: {path.parent.relative_to(ROOT)} must not include {included}"


found = list(breaches())
print("\n".join(found) or "the layers hold")
sys.exit(1 if found else 0)
