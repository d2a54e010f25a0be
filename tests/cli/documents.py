#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the committed man pages, completions and list of configuration keys with what the programs print.

    documents.py [--write] PROGRAM...

--write writes them (the build target `documents`). mandoc and zsh check the texts where they are installed.
"""

import argparse
import difflib
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
KEYS = SOURCE / "proto/command/keys.inc"


def printed(program, *words):
    return subprocess.run([program, *words], check=True, stdout=subprocess.PIPE).stdout.decode()


def keys(pages):
    """The names of options that files may set, from the variables that the man pages list."""
    names = {name for page in pages for name in re.findall(r"^\.It Ev KITH_([A-Z0-9_]+)\nas$", page, re.M)}
    head = "/* SPDX-License-Identifier: MIT\n * Written by the build target `documents`. */\n"
    return head + "".join(f'"{name.lower().replace("_", "-")}",\n' for name in sorted(names))


def documents(programs):
    texts, pages = {}, []
    for program in programs:
        name = program.name
        pages.append(printed(program, "--man"))
        texts[SOURCE / f"deploy/man/{name}.1"] = pages[-1]
        texts[SOURCE / f"deploy/completion/bash/{name}"] = printed(program, "--completion", "bash")
        texts[SOURCE / f"deploy/completion/zsh/_{name}"] = printed(program, "--completion", "zsh")
    texts[KEYS] = keys(pages)
    return texts


def checker(path):
    """The command that finds faults in such a file, or None."""
    if path.suffix == ".1":
        return ["mandoc", "-T", "lint", "-W", "warning"]
    shell = path.parent.name
    return [shell, "-n"] if shell in ("bash", "zsh") else None


def faults(path, text):
    command = checker(path)
    if not command:
        return ""
    if not shutil.which(command[0]):
        print(f"{path.name}: NOT CHECKED: the program {command[0]} is not there")
        return ""
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode()


def differences(path, text):
    committed = path.read_text() if path.exists() else ""
    return list(difflib.unified_diff(committed.splitlines(), text.splitlines(), str(path.relative_to(SOURCE)),
                                     "printed by the program", lineterm=""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("programs", nargs="+", type=pathlib.Path)
    given = parser.parse_args()
    good = True
    for path, text in documents(given.programs).items():
        if given.write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = differences(path, text)
        wrong = faults(path, text)
        if found or wrong:
            good = False
            print("\n".join(found) + wrong)
    if not good:
        print("To write them anew: cmake --build BUILD --target documents; then build again, for the keys")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
