#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one command-line case: a folder that says what is typed and what must be answered.

    tests/cli/NAME/args     the words of one command, one a line; the first is the program
                   script   or a script for sh, instead
                   setup    a script for sh that runs before; its output is not compared, what it starts ends with it
                   stdin    standard input (nothing otherwise)
                   stdout, stderr, status    what is expected; missing: nothing, nothing, 0
                   needs    words that must be there, or the case is skipped (exit 77): `shared`, the folder of
                            data that is not in the repository; any other word: a program

The case runs in an empty folder that is removed afterwards, with a home of its own and no KITH_ variables. Scripts
see $SOURCE (the repository), $BUILD and $SHARED; in `args` and in expected files stand {SOURCE}, {BUILD}, {SHARED},
{TMP} (the folder that the case runs in) and {HOME}. What varies is written, in expected files only, as

    {ANY}  any text within a line     {NUMBER}  {UUID}  {SHA256}  {TIME} (RFC 3339)     {LINES}  any lines, alone

Everything else is compared to the byte. --update writes what was answered, and keeps lines that matched.
"""

import argparse
import difflib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SECONDS = 900
HEX = "[0-9a-f]"
PATTERNS = {
    "{ANY}": r"[^\n]*",
    "{NUMBER}": r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?",
    "{UUID}": f"{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}",
    "{SHA256}": f"{HEX}{{64}}",
    "{TIME}": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})",
}
WORD = re.compile("(" + "|".join(map(re.escape, PATTERNS)) + ")")
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")


def read(path):
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""


def write(path, text):
    if text:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    else:
        path.unlink(missing_ok=True)


def line_matches(expected, line):
    pattern = "".join(PATTERNS.get(part) or re.escape(part) for part in WORD.split(expected))
    return re.fullmatch(pattern, line) is not None


def matched(expected, lines):
    """For each line that was answered, the index of the expected line that it met; None: it met none.

    Lines are met in order, as few as possible by {LINES}; the longest possible beginning is found, and after the
    first line that differs what is equal to the byte is paired for the sake of a short diff.
    """
    reach = {(0, 0): None}  # (expected, answered) -> the state before
    todo, best = [(0, 0)], (0, 0)
    while todo:
        state = todo.pop()
        i, j = state
        best = max(best, state, key=lambda s: (s[1], s[0]))
        if state == (len(expected), len(lines)):
            best = state
            break
        steps = []
        if i < len(expected) and expected[i] == "{LINES}":
            steps = [(i, j + 1), (i + 1, j)]
        elif i < len(expected) and j < len(lines) and line_matches(expected[i], lines[j]):
            steps = [(i + 1, j + 1)]
        for step in steps:
            if step[1] <= len(lines) and step not in reach:
                reach[step] = state
                todo.append(step)
    pairs = [None] * len(lines)
    state = best
    while reach[state] is not None:
        before = reach[state]
        if state[1] > before[1]:
            pairs[before[1]] = before[0]
        state = before
    return pairs, best == (len(expected), len(lines))


def with_placeholders(expected, lines, pairs):
    """The answered lines, in the expected spelling where one is met."""
    out, last = [], None
    for line, pair in zip(lines, pairs):
        if pair is None:
            out.append(line)
        elif expected[pair] != "{LINES}":
            out.append(expected[pair])
        elif pair != last:
            out.append("{LINES}")
        last = pair
    for i, line in enumerate(out):  # behind the first difference: same place or nowhere
        if i < len(expected) and line != expected[i] and line_matches(expected[i], line):
            out[i] = expected[i]
    return out


def missing(case, path, shared):
    for word in read(case / "needs").split():
        if word == "shared":
            if not pathlib.Path(shared).is_dir():
                return f"{shared} is not there"
        elif not shutil.which(word, path=path):
            return f"the program {word} is not there"
    return None


def environment(base, path, places):
    home = base / "home"
    env = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    env.update(PATH=path, HOME=str(home), LANG="C.UTF-8", TZ="UTC", TERM="dumb", TMPDIR=str(base / "tmp"))
    for kind in ("DATA", "STATE", "CACHE", "CONFIG"):
        env[f"XDG_{kind}_HOME"] = str(home / kind.lower())
    env.update(SOURCE=places["{SOURCE}"], BUILD=places["{BUILD}"], SHARED=places["{SHARED}"])
    return env


def end_all(process):
    """Whatever a case has started ends with it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def start(command, folder, env, stdin):
    """Runs a command with everything that it starts; returns status, stdout, stderr."""
    process = subprocess.Popen(command, cwd=folder, env=env, stdin=stdin, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        end_all(process)
        out, err = process.communicate()
        err += f"(killed after {SECONDS} seconds)\n".encode()
    finally:
        end_all(process)
    status = process.returncode
    return 128 - status if status < 0 else status, out, err


def run_case(case, base, env, places):
    here = base / "here"
    for folder in (here, base / "home", base / "tmp"):
        folder.mkdir()
    if (case / "setup").exists():
        status, out, err = start(["sh", "-e", case / "setup"], here, env, subprocess.DEVNULL)
        if status != 0:
            sys.exit(f"{case.name}: setup ended with {status}\n{(out + err).decode(errors='replace')}")
    if (case / "script").exists():
        command = ["sh", case / "script"]
    else:
        command = read(case / "args").splitlines()
        for name, value in places.items():
            command = [word.replace(name, value) for word in command]
        command[0] = shutil.which(command[0], path=env["PATH"]) or sys.exit(f"{case.name}: no program {command[0]}")
        command = [os.fsencode(word) for word in command]
    stdin = open(case / "stdin", "rb") if (case / "stdin").exists() else subprocess.DEVNULL
    return start(command, here, env, stdin)


def generalise(text, places):
    for name, value in sorted(places.items(), key=lambda place: -len(place[1])):
        text = text.replace(value, name)
    return text


def compare(case, name, answered, update):
    """One of stdout, stderr, status. True when it is as expected."""
    expected, lines = read(case / name).split("\n"), answered.split("\n")
    pairs, good = matched(expected, lines)
    if good:
        return True
    shown = with_placeholders(expected, lines, pairs)
    if update:
        write(case / name, "\n".join(shown))
        return True
    for line in difflib.unified_diff(expected, shown, f"{case.name}/{name} expected", "answered", lineterm=""):
        print(line.encode("utf-8", "backslashreplace").decode())
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="the build folder; programs lie in its bin and tests")
    parser.add_argument("--shared", default="", help="the folder of data that is not in the repository")
    parser.add_argument("--update", action="store_true", help="write what was answered as expected")
    parser.add_argument("case", type=pathlib.Path)
    given = parser.parse_args()
    case, build = given.case.resolve(), os.path.abspath(given.build)
    path = os.pathsep.join([f"{build}/bin", f"{build}/tests", "/usr/local/bin:/usr/bin:/bin"])
    reason = missing(case, path, given.shared)
    if reason:
        print(f"{case.name}: SKIPPED: {reason}")
        return 77
    with tempfile.TemporaryDirectory(prefix="kith-cli-") as folder:
        base = pathlib.Path(folder).resolve()
        places = {"{SOURCE}": str(pathlib.Path(__file__).resolve().parents[2]), "{BUILD}": build,
                  "{SHARED}": os.path.abspath(given.shared), "{TMP}": str(base / "here"), "{HOME}": str(base / "home")}
        status, out, err = run_case(case, base, environment(base, path, places), places)
    answers = {"stdout": out, "stderr": err, "status": b"" if status == 0 else f"{status}\n".encode()}
    good = [compare(case, name, generalise(text.decode("utf-8", "surrogateescape"), places), given.update)
            for name, text in answers.items()]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
