#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the shipped networks were taught, again: learn from a stronger network's vectors, calibrate, and compare before
and after.

    teach.py BUILD OUT NETWORK [--shared DIR] [--only-compare]

mobileface learns from half A of the chips (persons of odd numbers) and the nameless ones, since half B judges it;
siamese from all chips, so that its figure on half B is of faces that it has seen. LFW only judges. Thresholds are
measured on half A, whose faces both have seen, though no names. What mobileface becomes is the mean of before and
after. OUT/NETWORK/calibrated.safetensors is the file that is shipped (kith-model convert makes it F16). Hours of two
processors; a stopped run goes on when the command is repeated.
"""
import argparse
import array
import json
import pathlib
import struct
import subprocess

RECIPES = {
    "mobileface": ["--keep", "1", "--blends", "24000", "--epochs", "5", "--lr", "4e-4", "--ema", "0.999",
                   "--validation", "0.02"],
    "siamese": ["--blends", "40000", "--epochs", "8", "--lr", "5e-4", "--ema", "0.999", "--validation", "0.02"],
}


def halfway(before, after, out):
    """The mean of two model files of F32 with the metadata of the second: most of what was learned, and more of what
    was known of other faces (Wortsman et al. 2022, arXiv:2109.01903, with their usual share of a half)."""
    def read(path):
        data = path.read_bytes()
        length, = struct.unpack("<Q", data[:8])
        return json.loads(data[8:8 + length]), data[:8 + length], data[8 + length:]

    def values(tensors, data, name):
        begin, end = tensors[name]["data_offsets"]
        return array.array("f", data[begin:end])

    (old, _, old_data), (new, header, new_data) = read(before), read(after)
    mean = bytearray(new_data)
    for name in new.keys() - {"__metadata__"}:
        pair = zip(values(old, old_data, name), values(new, new_data, name), strict=True)
        begin, end = new[name]["data_offsets"]
        mean[begin:end] = array.array("f", [(a + b) / 2 for a, b in pair]).tobytes()
    out.write_bytes(header + mean)
    return out


def half_a(chips, out):
    """A folder with links to the persons of odd numbers."""
    out.mkdir(parents=True, exist_ok=True)
    for person in sorted(chips.glob("p*[13579]")):
        if not (out / person.name).exists():
            (out / person.name).symlink_to(person.resolve())
    rows = (chips / "landmarks.csv").read_text().splitlines(keepends=True)
    (out / "landmarks.csv").write_text("".join(row for row in rows if int(row[1:4]) % 2 == 1))
    return out


def names(chips, out, remainder):
    """A file of the persons whose number leaves `remainder`."""
    out.write_text("".join(f"{person.name}\n" for person in sorted(chips.glob("p*"))
                           if int(person.name[1:]) % 2 == remainder))
    return out


def figures(program, weights, lfw, chips, half_b):
    def evaluate(*words):
        return json.loads(subprocess.run([program, "evaluate", "--json", "--weights", weights, *words],
                                         stdout=subprocess.PIPE, check=True).stdout)

    gallery = evaluate("--identify", "--chips", "--persons", half_b, "--gallery-size", "50", chips)["galleries"][0]
    fnir = next(row["fnir"] for row in gallery["open_set"] if row["fpir"] == 0.01)
    return evaluate("--pairs", lfw / "pairs.txt", lfw), fnir


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("network", choices=RECIPES)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--only-compare", action="store_true")
    given = parser.parse_args()
    program, run = given.build / "bin/kith-model", given.out / given.network
    faces, weights = given.shared / "faces", given.shared / "weights"
    run.mkdir(parents=True, exist_ok=True)
    chips, half_b = faces / "chips", names(faces / "chips", given.out / "half-b.txt", 0)
    half = names(chips, given.out / "half-a.txt", 1)
    before, after = weights / f"{given.network}.f32.safetensors", run / "calibrated.safetensors"
    teacher = weights / "reid.f32.safetensors"
    if not given.only_compare:
        data = half_a(chips, given.out / "half-a") if given.network == "mobileface" else chips
        subprocess.run([program, "train", "--chips", "--data", data, "--nameless", faces / "unlabelled", "--arch",
                        given.network, "--init", before, "--loss", "distil", "--teacher", teacher,
                        *RECIPES[given.network], "--out", run, "--resume"], check=True)
        taught = run / "best.safetensors"
        if given.network == "mobileface":  # siamese had the same teacher: it knows nothing else
            taught = halfway(before, taught, run / "mean.safetensors")
        subprocess.run([program, "calibrate", "--chips", "--persons", half, "--weights", taught,
                        "--name", "half A of the development chips", "--out", after, chips], check=True)
    print(f"{'':<8} {'LFW':>9} {'AUC':>8} {'TAR at 0.001':>13} {'FNIR at FPIR 0.01, half B':>26}")
    for name, path in (("before", before), ("after", after), ("teacher", teacher)):
        pairs, fnir = figures(program, path, faces / "lfw", chips, half_b)
        print(f"{name:<8} {100 * pairs['accuracy']:>7.2f} % {pairs['auc']:>8.5f} {pairs['tar']['0.001']:>13.4f} "
              f"{100 * fnir:>24.1f} %", flush=True)


main()
