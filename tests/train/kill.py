#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 and SIGINT at random moments of `kith-model train`, then the same command with --resume: the same weights,
to the bit, and the same history as a run left alone.

    kill.py --program BIN/kith-model [--kills 3] [--seed 1]

The photos are made of the portraits that come with the repository. Each way of training is checked: pictures that a
loader makes, activations from a cache; triplets, mining, ArcFace with its classes, distillation, blends; averages.
"""
import argparse
import csv
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
COMMON = ["--epochs", "3", "--validation", "0.3", "--jobs", "2", "--lr", "1e-4", "--warm-up", "2"]
WAYS = {
    "all, triplets, average": ["--arch", "siamese", "--size", "64", "--batch", "8", "--ema", "0.9"],
    "all, mined, cyclic": ["--arch", "siamese", "--size", "64", "--mining", "semi", "--batch", "8", "--each", "2",
                           "--schedule", "cyclic", "--half-cycle", "3", "--optimiser", "adam"],
    "last5, triplets, on disk": ["--arch", "siamese", "--size", "64", "--train", "last5", "--batch", "8",
                                 "--cache-memory", "0"],
    "head, ArcFace": ["--arch", "mobileface", "--train", "head", "--loss", "arcface", "--batch", "16"],
    "head, distillation": ["--arch", "siamese", "--size", "64", "--train", "head", "--loss", "distil", "--teacher",
                           "mobileface", "--keep", "0.5", "--blends", "8", "--batch", "16"],
}
TIMES = {"images_per_second", "seconds"}


def command(given, way, photos, out, *more):
    return [given.program, "train", "--data", photos, "--out", out, *COMMON, *WAYS[way], *more]


def finish(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"train ended with {done.returncode}: {done.stderr}")


def history(out):
    with open(out / "history.csv", newline="", encoding="ascii") as file:
        return [{name: value for name, value in row.items() if name not in TIMES} for row in csv.DictReader(file)]


def results(out):
    return [(out / name).read_bytes() for name in ("last.safetensors", "best.safetensors")], history(out)


def stop(words, seconds, how):
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, said = process.communicate(timeout=seconds)
        stopped = False
    except subprocess.TimeoutExpired:
        process.send_signal(how)
        _, said = process.communicate()
        stopped = True
    if process.returncode not in ((0, -how, 128 + how) if stopped else (0,)):
        sys.exit(f"train ended with {process.returncode}, {'after' if stopped else 'before'} signal {how}: {said}")
    return stopped


def check(given, way, photos, folder, chance):
    clean, stopped = folder / "clean", folder / "stopped"
    begin = time.monotonic()
    finish(command(given, way, photos, clean))
    seconds = within = time.monotonic() - begin
    kills = 0
    while given.kills and not kills:  # a run that was faster than its stops shows nothing: again, with earlier ones
        shutil.rmtree(stopped, ignore_errors=True)
        for _ in range(given.kills):
            how = chance.choice((signal.SIGKILL, signal.SIGINT))
            kills += stop(command(given, way, photos, stopped, "--resume"), chance.uniform(0.1, 0.9) * within, how)
        within /= 2
    finish(command(given, way, photos, stopped, "--resume"))
    good = results(clean) == results(stopped)
    print(f"{way}: {seconds:.1f} s alone, stopped {kills} times, {'the same' if good else 'ANOTHER RESULT'}")
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    good = True
    with tempfile.TemporaryDirectory() as top:
        photos = pathlib.Path(top) / "photos"
        subprocess.run([sys.executable, SOURCE / "tests/photos/make.py", photos], check=True, stdout=subprocess.DEVNULL)
        for number, way in enumerate(WAYS):
            folder = pathlib.Path(top) / str(number)
            folder.mkdir()
            good &= check(given, way, photos, folder, chance)
    return 0 if good else 1


sys.exit(main())
