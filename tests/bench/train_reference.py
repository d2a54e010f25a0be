#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference's training run, as it was meant: `siamese`, its last five layers and the dense ones, 53,758 triplets in
batches of 64, margin 2, Adam, rates from 1e-4 to 1e-3 and back in 672 steps, 20 epochs. Once from the reference's own
start (ImageNet) and once from the shipped weights. Persons of training and validation are disjoint, which the reference's
were not.

    train_reference.py BUILD OUT [--shared DIR] [--size 112] [--epochs 20] [--start imagenet|siamese]...

Prints a table beside the reference's own. A stopped run goes on when the command is repeated. At size 224 the cached
activations take about 16 GB as F16, in OUT.
"""
import argparse
import csv
import pathlib
import subprocess

# Epoch: loss, s(a,n), s(a,p) of training, then of validation; the reference's own figures.
REFERENCE = {
    1: (1.8198, 0.4678, 0.6480, 1.7676, 0.3634, 0.5958),
    2: (1.7605, 0.3140, 0.5535, 1.7584, 0.3337, 0.5752),
    3: (1.7489, 0.2771, 0.5281, 1.7349, 0.2537, 0.5188),
    4: (1.7260, 0.2001, 0.4741, 1.7300, 0.2626, 0.5326),
    5: (1.6883, 0.1313, 0.4430, 1.6646, 0.1156, 0.4510),
    6: (1.6618, 0.1062, 0.4444, 1.6557, 0.1234, 0.4677),
    10: (1.6008, 0.0451, 0.4443, 1.6049, 0.0449, 0.4400),
    15: (1.5831, 0.0334, 0.4503, 1.5874, 0.0397, 0.4524),
    20: (1.5713, 0.0318, 0.4604, 1.5762, 0.0383, 0.4621),
}
COLUMNS = ("loss", "s_an", "s_ap", "validation_loss", "validation_s_an", "validation_s_ap")


def show(name, rows):
    for epoch, figures in rows:
        print(f"{name:<10} {epoch:>5}  " + "  ".join(f"{float(figure):8.4f}" for figure in figures), flush=True)


def history(out):
    with open(out / "history.csv", newline="", encoding="ascii") as file:
        return [(int(row["epoch"]), [row[column] for column in COLUMNS]) for row in csv.DictReader(file)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--size", default="112")
    parser.add_argument("--epochs", default="20")
    parser.add_argument("--start", action="append", choices=("imagenet", "siamese"))
    given = parser.parse_args()
    program, triplets = given.build / "bin/kith-model", given.out / "triplets.csv"
    given.out.mkdir(parents=True, exist_ok=True)
    if not triplets.exists():
        subprocess.run([program, "triplets", given.shared / "faces/chips", "--count", "53758", "--out", triplets],
                       check=True)
    starts = {"imagenet": "imagenet.f16", "siamese": "siamese.f32"}
    for start in given.start or starts:
        subprocess.run([program, "train", "--chips", "--triplets", triplets, "--arch", "siamese", "--init",
                        given.shared / f"weights/{starts[start]}.safetensors", "--train", "last5", "--loss", "triplet",
                        "--margin", "2", "--optimiser", "adam", "--clip", "0", "--schedule", "cyclic", "--half-cycle",
                        "336", "--lr", "1e-3", "--batch", "64", "--size", given.size, "--epochs", given.epochs,
                        "--out", given.out / start, "--resume"], check=True)
    print("                   training                      validation")
    print("start      epoch      loss    s(a,n)    s(a,p)      loss    s(a,n)    s(a,p)")
    show("reference", REFERENCE.items())
    for start in given.start or starts:
        show(start, history(given.out / start))


main()
