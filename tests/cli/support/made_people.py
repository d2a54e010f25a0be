#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lines for kith-index import: faces of made persons. made_people.py TEMPLATE ROWS...

TEMPLATE is a line of kith-index export, whose pipeline the faces get. A row is NAME:PERSON:COUNT[:FROM]: faces FROM
(default 0) to FROM + COUNT - 1 of the made person number PERSON, under NAME (empty: without one); N..M in place of
a number makes rows of a range, with {} in NAME standing for it. Two faces of one person score about 0.6, of two
about 0. A face is in /made/PERSON-FACE.jpg.
"""
import hashlib
import json
import math
import random
import sys


def vector(person, face):
    own, photo = random.Random(f"person {person}"), random.Random(f"face {person} {face}")
    values = [own.gauss(0, 1) + 0.8 * photo.gauss(0, 1) for _ in range(256)]
    length = math.sqrt(sum(v * v for v in values))
    return [round(v / length, 9) for v in values]


template = json.loads(open(sys.argv[1]).readline())
for row in sys.argv[2:]:
    name, persons, count, *start = row.split(":")
    first, _, last = persons.partition("..")
    for person in range(int(first), int(last or first) + 1):
        for face in range(int(start[0]) if start else 0, (int(start[0]) if start else 0) + int(count)):
            line = dict(template, person=name.replace("{}", f"{person:02}"), paths=[f"/made/{person}-{face}.jpg"],
                        sha256=hashlib.sha256(f"{person} {face}".encode()).hexdigest(), face=0, faces=1,
                        vector=vector(person, face))
            line.pop("id", None)
            if not name:
                line.pop("person")
            print(json.dumps(line))
