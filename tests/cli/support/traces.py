#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What of exported faces, and which words, are in the bytes of files: traces.py EXPORT FILE... -- WORD..."""
import json
import pathlib
import struct
import sys

split = sys.argv.index("--")
data = b"".join(pathlib.Path(path).read_bytes() for path in sys.argv[2:split])
points = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
vectors = sum(struct.pack("<256f", *point["vector"])[:64] in data for point in points)
digests = len({point["sha256"] for point in points if bytes.fromhex(point["sha256"]) in data})
words = [word for word in sys.argv[split + 1:] if word.encode() in data]
print(f"{vectors} vectors, {digests} digests, words: {' '.join(words) or 'none'}")
