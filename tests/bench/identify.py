#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times `kith-query identify` of one photo from a cold start, against galleries of several sizes.

    identify.py --build BUILD [--faces 1000,100000,1000000] [--runs 5] [--folder FOLDER]

For each size it makes a gallery of random faces, adds the portraits of tests/photos, and prints the median of seconds,
processor seconds and peak memory of new processes: with the gallery's file in the system's memory, and read from disk.
FOLDER needs 2 GB for a million faces and keeps the galleries for the next time.
"""
import argparse
import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = SOURCE / "tests/photos"


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def make(build, path, faces):
    """Random faces carry a made-up pipeline; the gallery then takes the one that the portraits have."""
    if path.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        real = pathlib.Path(folder) / "real.kith"
        run(build / "bin/kith-index", "add", "--gallery", real, PHOTOS / "probe")
        pipeline = json.loads(run(build / "bin/kith-query", "stats", "--json", "--gallery", real))["pipeline"]
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    run(build / "tests/bench-make_gallery", half, faces, 1000)
    database = sqlite3.connect(half)
    database.execute("UPDATE header SET pipeline = ?, canary = NULL", [pipeline])
    database.commit()
    database.close()
    run(build / "bin/kith-index", "add", "--person-from", "dir", "--gallery", half, PHOTOS / "gallery")
    half.rename(path)


def evict(path):
    """The file leaves the system's memory."""
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def ask(build, path):
    """Seconds, processor seconds and peak memory in MB of one process that must find the right name."""
    words = [build / "bin/kith-query", "identify", "--json", "--threshold", "0.4", "--gallery", path,
             PHOTOS / "probe/obama3.jpg"]
    read, write = os.pipe()
    start = time.perf_counter()
    process = os.fork()
    if process == 0:
        os.dup2(write, 1)
        os.execv(words[0], [str(word) for word in words])
    os.close(write)
    with os.fdopen(read) as out:
        answer = json.loads(out.read())
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    if status != 0 or answer["candidates"][0]["person"] != "Barack Obama":
        raise SystemExit(f"wrong answer from {path}: {answer}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--faces", default="1000,100000,1000000")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/kith-bench"))
    given = parser.parse_args()
    build = given.build.resolve()
    given.folder.mkdir(exist_ok=True)
    print(f"{'faces':>9}  {'file':>9}  {'from':<6}  {'seconds':>8}  {'processor':>9}  {'peak':>9}")
    for faces in map(int, given.faces.split(",")):
        path = given.folder / f"{faces}.kith"
        make(build, path, faces)
        size = path.stat().st_size / 1e6
        for source in ("memory", "disk"):
            ask(build, path)
            rows = []
            for _ in range(given.runs):
                if source == "disk":
                    evict(path)
                rows.append(ask(build, path))
            seconds, processor, peak = (statistics.median(column) for column in zip(*rows))
            print(f"{faces:>9}  {size:>6.0f} MB  {source:<6}  {seconds:>8.3f}  {processor:>9.3f}  {peak:>6.0f} MB",
                  flush=True)


if __name__ == "__main__":
    main()
