#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Labeled Faces in the Wild as somebody's archive, with kith-index alone. lfw.py --program KITH_INDEX --shared DIR [--seeds N]

Without names: how many pairs of photos that `cluster` puts together are of one person, and how many of those it
finds, counted here from the folders' names. With names, some of them wrong: `calibrate` lists what is wrong first.
Nothing was chosen or calibrated on these photos.
"""
import argparse
import collections
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

PRECISION = 0.99  # at least
RECALL = 0.88

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True)
parser.add_argument("--shared", required=True)
parser.add_argument("--seeds", type=int, default=6, help="how often names are made wrong")
options = parser.parse_args()
photos = pathlib.Path(options.shared) / "faces/lfw"
if not photos.is_dir():
    print(f"skipped: no {photos}")
    sys.exit(77)
folder = tempfile.TemporaryDirectory(dir="/var/tmp")
os.environ["XDG_STATE_HOME"] = folder.name


def kith(gallery, *words, **how):
    how = {"check": True, **how}
    return subprocess.run([options.program, *words, "--gallery", f"{folder.name}/{gallery}.kith"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **how).stdout


def put(gallery, lines):
    kith(gallery, "import", "-", input="".join(json.dumps(line) + "\n" for line in lines))


def pairs(photos_of_one):
    return {frozenset(pair) for photos in photos_of_one for pair in itertools.combinations(photos, 2)}


kith("all", "add", "--which", "centre", "--person-from", "dir", str(photos))
faces = [json.loads(line) for line in kith("all", "export", "--vectors").splitlines()]
by_person = collections.defaultdict(list)
for face in faces:
    by_person[face["person"]].append(face)
failed = False

# ---- groups ----

put("unnamed", ({key: value for key, value in face.items() if key != "person"} for face in faces))
found = pairs([face["path"] for face in json.loads(line)["faces"]]
              for line in kith("unnamed", "cluster", "--json").splitlines())
true = pairs([face["paths"][0] for face in person] for person in by_person.values())
precision, recall = len(found & true) / len(found), len(found & true) / len(true)
print(f"cluster: {len(faces)} photos, {len(true)} pairs of one person: precision {precision:.4f}, recall {recall:.4f}")
failed |= precision < PRECISION or recall < RECALL

# ---- wrong names ----

several = {name: list(person) for name, person in by_person.items() if len(person) >= 3}
for seed in range(1, options.seeds + 1):
    chance = random.Random(seed)
    chosen = chance.sample(sorted(several), 8)
    named = {face["id"]: name for name, person in several.items() for face in person}
    wrong = set()
    for name, other in zip(chosen[:3], chosen[3:6]):
        face = chance.choice(several[name])
        named[face["id"]] = other
        wrong.add(face["id"])
    for name in chosen[6:]:
        half = chance.sample(several[name], len(several[name]) // 2)
        named.update((face["id"], "Other " + name) for face in half)
        wrong.add(name)
    put(f"wrong{seed}", ({**face, "person": named[face["id"]]} for person in several.values() for face in person))
    # Such names may spoil the calibration: exit status 4, with the same list.
    suspects = json.loads(kith(f"wrong{seed}", "calibrate", "--json", "--top", "10", check=False))["suspects"]
    places = {}
    for place, suspect in enumerate(suspects, 1):
        first, second = suspect["faces"]
        if suspect["kind"] == "face" and first["id"] in wrong:
            places[first["id"]] = place
        names = sorted([first["person"], second["person"]], key=len)
        if names[0] in wrong and names[1] == "Other " + names[0]:
            places.setdefault(names[0], place)
    print(f"calibrate: {len(several)} persons, {len(named)} faces, seed {seed}: what is wrong is in the places "
          f"{sorted(places.values())}")
    failed |= len(places) < len(wrong)
sys.exit(1 if failed else 0)
