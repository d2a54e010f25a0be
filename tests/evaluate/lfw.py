#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kith-model evaluate on LFW, against a naive computation on the same scores.

    lfw.py KITH_MODEL SHARED CACHE [WEIGHTS...]      without weights: mobileface, siamese, reid

Runs the program, then reads the embeddings that it kept (model/evaluate/embedding_cache.c) by the digests of the photos,
and computes every figure in the plainest way: thresholds one by one, pairs by pairs. CACHE is kept, so that a second run
takes seconds. Ends with 1 when a figure differs, or falls below what the network must reach.
"""
import bisect
import hashlib
import json
import math
import os
import pathlib
import struct
import subprocess
import sys

program, shared, cache = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
lfw = shared / "faces" / "lfw"
FLOORS = {"mobileface": (0.984, 0.97), "siamese": (0.932, 0.3), "reid": (0.991, 0.98)}
HEADER, RECORD = 512, struct.Struct("<32sI4f256f16s")

if not (lfw / "pairs.txt").exists():
    print(f"SKIPPED: no photos here: {lfw}")
    sys.exit(77)


def pairs():
    """(photo, photo, same, fold) of each row."""
    lines = (lfw / "pairs.txt").read_text().splitlines()
    folds, rows = map(int, lines[0].split())
    for i, line in enumerate(lines[1:1 + 2 * folds * rows]):
        word = line.split("\t")
        first, second = word[0], word[2] if len(word) == 4 else word[0]
        yield (f"{first}/{first}_{int(word[1]):04d}.jpg", f"{second}/{second}_{int(word[-1]):04d}.jpg", len(word) == 3,
               i // (2 * rows))


def embeddings(pipeline):
    found = {}
    for path in (cache / "kith").glob(f"{pipeline}-*.embeddings"):
        data = path.read_bytes()[HEADER:]
        for at in range(0, len(data) - RECORD.size + 1, RECORD.size):
            record = RECORD.unpack_from(data, at)
            if record[1] == 2:
                found[record[0]] = record[6:262]
    return found


def score(a, b):
    """In F32, as the program keeps scores."""
    return struct.unpack("f", struct.pack("f", math.fsum(x * y for x, y in zip(a, b))))[0]


def right(rows, threshold):
    return sum((s >= threshold) == same for s, same, _ in rows) / len(rows)


def best_threshold(rows):
    """The lowest of the best, in the middle between two scores."""
    scores = sorted({s for s, _, _ in rows})
    thresholds = [scores[0]] + [(a + b) / 2 for a, b in zip(scores, scores[1:])] + [scores[-1] + 1e-6]
    same = sorted(s for s, is_same, _ in rows if is_same)
    different = sorted(s for s, is_same, _ in rows if not is_same)
    return max(thresholds, key=lambda t: (len(same) - bisect.bisect_left(same, t) + bisect.bisect_left(different, t), -t))


def figures(rows):
    folds = sorted({fold for _, _, fold in rows})
    shares = [right([r for r in rows if r[2] == fold], best_threshold([r for r in rows if r[2] != fold])) for fold in folds]
    mean = sum(shares) / len(shares)
    same = [s for s, is_same, _ in rows if is_same]
    different = [s for s, is_same, _ in rows if not is_same]
    auc = sum((s > d) + (s == d) / 2 for s in same for d in different) / len(same) / len(different)
    steps = sorted({*same, *different}, reverse=True)
    curve = [(sum(d >= t for d in different) / len(different), sum(s >= t for s in same) / len(same)) for t in steps]
    tar = {rate: max([y for x, y in curve if x <= rate], default=0) for rate in (0.1, 0.01, 0.001)}
    before = (0, 0)
    for point in curve:
        if point[0] >= 1 - point[1]:
            break
        before = point
    gap, after = 1 - before[1] - before[0], 1 - point[1] - point[0]
    eer = before[0] + gap / (gap - after) * (point[0] - before[0])
    return {"accuracy": mean, "accuracy_deviation": math.sqrt(sum((x - mean) ** 2 for x in shares) / (len(shares) - 1)),
            "auc": auc, "eer": eer, "threshold": best_threshold(rows), "tar": tar}


def check(weights):
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    told = subprocess.run([program, "evaluate", "--pairs", lfw / "pairs.txt", lfw, "--json", "--weights", weights],
                          env=environment, check=True, stdout=subprocess.PIPE).stdout
    answer = json.loads(told)
    kept = embeddings(answer["pipeline"])
    faces = {name: kept[hashlib.sha256((lfw / name).read_bytes()).digest()] for row in pairs() for name in row[:2]}
    wanted = figures([(score(faces[a], faces[b]), same, fold) for a, b, same, fold in pairs()])
    assert answer["undetected"] == answer["failed"] == 0 and answer["photos"] == len(faces)
    differs = []
    for name, value in wanted.items():
        if name == "tar":
            differs += [f"tar {rate}" for rate, share in value.items() if abs(answer["tar"][str(rate)] - share) > 1e-8]
        elif abs(answer[name] - value) > 1e-7:
            differs.append(name)
    print(f"{answer['network']:12} accuracy {100 * wanted['accuracy']:.2f} % +- {100 * wanted['accuracy_deviation']:.2f}, "
          f"AUC {wanted['auc']:.5f}, EER {100 * wanted['eer']:.2f} %, TAR {wanted['tar']}", flush=True)
    accuracy, tar = FLOORS.get(answer["network"], (0, 0))
    if wanted["accuracy"] < accuracy or wanted["tar"][0.001] < tar:
        differs.append("below its floor")
    if differs:
        print("  differs:", ", ".join(differs), json.dumps(wanted))
    return not differs


reid = shared / "weights" / "reid.f32.safetensors"
sys.exit(0 if all([check(name) for name in sys.argv[4:] or ["mobileface", "siamese"] + [str(reid)] * reid.exists()]) else 1)
