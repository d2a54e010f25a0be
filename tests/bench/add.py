#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast `kith-index add` is beside the sum of its parts, and how much memory it takes.

    add.py BUILD LFW [--photos N] [--runs N]

Prints bench-add's table for N photos of LFW and for 40 photos of 12 megapixels (portraits, enlarged), then the peak
memory of `add --jobs 2` over LFW and over three times as many photos (the same with a number behind the picture, so
that they are other files).
"""
import argparse
import os
import pathlib
import subprocess
import tempfile

from PIL import Image

GALLERY = pathlib.Path(__file__).resolve().parents[1] / "photos/gallery"


def enlarge(folder):
    """40 different photos of 4000 x 3000."""
    portraits = sorted(path for path in GALLERY.rglob("*") if path.is_file())
    for i in range(40):
        photo = Image.open(portraits[i % len(portraits)]).convert("RGB")
        width = min(photo.width, photo.height * 4 // 3) - i  # no two are the same
        height = width * 3 // 4
        left, top = (photo.width - width) // 2, (photo.height - height) * (i % 3) // 6
        photo.crop((left, top, left + width, top + height)).resize((4000, 3000), Image.Resampling.BICUBIC).save(
            folder / f"{i:02}.jpg", quality=92)


def multiply(photos, folder):
    """Three files for each photo."""
    for i, photo in enumerate(photos):
        data = photo.read_bytes()
        for copy in range(3):
            (folder / f"{i:05}-{copy}.jpg").write_bytes(data + bytes([copy]))


def peak(program, photos, folder):
    """Megabytes of one add over files; whatever happens to be cached does not count."""
    names = folder / "list"
    names.write_bytes(b"".join(os.fsencode(photo) + b"\0" for photo in photos))
    gallery = folder / "peak.kith"
    gallery.unlink(missing_ok=True)
    child = subprocess.Popen([program, "add", "--jobs", "2", "--gallery", gallery, "-0", "--files-from", names],
                             stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    if status != 0:
        raise SystemExit(f"add ended with {status}")
    return used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("lfw", type=pathlib.Path)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    program, bench = given.build / "bin/kith-index", given.build / "tests/bench-add"
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        folder = pathlib.Path(name)
        for part in ("large", "many"):
            (folder / part).mkdir()
        print("LFW")
        subprocess.run([bench, program, given.lfw, str(given.photos), str(given.runs)], check=True)
        print("12 megapixels", flush=True)
        enlarge(folder / "large")
        subprocess.run([bench, program, folder / "large", "40", str(given.runs)], check=True)
        photos = sorted(given.lfw.rglob("*.jpg"))[:given.photos]
        once = peak(program, photos, folder)
        multiply(photos, folder / "many")
        many = sorted((folder / "many").iterdir())
        print(f"peak memory: {once:.0f} MB for {len(photos)} photos, {peak(program, many, folder):.0f} MB for {len(many)}; "
              f"{peak(program, sorted((folder / 'large').iterdir()), folder):.0f} MB for 40 of 12 megapixels")


if __name__ == "__main__":
    main()
