#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 at random moments of `kith-index add`, then the same command: the same gallery as a clean run, in which
`kith-index verify` finds nothing.

    kill.py --program BIN/kith-index [--kills 5] [--seed 1] [--server-kills 3 [--qdrant PROGRAM]] [PHOTOS [OPTION...]]

--server-kills: the gallery that suffers is on the scripted Qdrant, which is killed as well, and started again; or on
a real one, whose program --qdrant names.

Without PHOTOS it makes some of the portraits that come with the repository, with copies, copies under another name
and a damaged file among them. Options go to add; default: --person-from dir --which centre. Galleries are equal when
their exports are, but for the times and runs at which faces were indexed.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def make_photos(folder):
    subprocess.run([sys.executable, SOURCE / "tests/photos/make.py", folder], check=True, stdout=subprocess.DEVNULL)
    people = sorted(path for path in folder.iterdir() if path.is_dir())
    photos = [sorted(path.iterdir()) for path in people]
    for i, photo in enumerate(photos[0][:6]):
        shutil.copy(photo, people[0] / f"copy-{i}{photo.suffix}")
    for i, photo in enumerate(photos[1][:3]):
        shutil.copy(photo, people[2] / f"of-another-{i}{photo.suffix}")
    (people[0] / "cut.jpg").write_bytes(photos[0][0].read_bytes()[:3000])


class File:
    """The gallery that suffers."""

    def __init__(self, folder):
        self.gallery = folder / "killed.kith"

    def stop(self):
        pass


class Server(File):
    def __init__(self, folder):
        self.store, self.port = folder / "store", 0
        self.start()
        self.gallery = f"qdrant+http://127.0.0.1:{self.port}/faces"

    def start(self):
        fake = [sys.executable, "-B", SOURCE / "tests/qdrant/fake_server.py", "--strict"]
        self.process = subprocess.Popen([*fake, "--store", self.store, "--port", str(self.port)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()


class Qdrant(File):
    """A real server, whose storage is in the folder."""

    def __init__(self, folder, program):
        self.program, self.storage = program, folder / "storage"
        self.storage.mkdir()
        self.ports = [free_port(), free_port()]
        self.start()
        self.gallery = f"qdrant+http://127.0.0.1:{self.ports[0]}/faces"

    def start(self):
        settings = {"SERVICE__HOST": "127.0.0.1", "SERVICE__HTTP_PORT": str(self.ports[0]),
                    "SERVICE__GRPC_PORT": str(self.ports[1]), "STORAGE__STORAGE_PATH": str(self.storage / "storage"),
                    "STORAGE__SNAPSHOTS_PATH": str(self.storage / "snapshots"), "TELEMETRY_DISABLED": "true"}
        self.process = subprocess.Popen([self.program], cwd=self.storage, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL,
                                        env={**os.environ, **{"QDRANT__" + k: v for k, v in settings.items()}})
        while not answers(self.ports[0]):
            time.sleep(0.1)

    def stop(self):
        self.process.kill()
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def exported(program, gallery):
    lines = subprocess.run([program, "export", "--vectors", "--gallery", gallery], check=True, stdout=subprocess.PIPE)
    points = []
    for line in lines.stdout.splitlines():
        point = json.loads(line)
        del point["indexed"], point["run"]
        points.append(point)
    return points


def command(given, gallery):
    return [given.program, "add", "--json", "--jobs", "2", "--gallery", gallery, *given.options, given.photos]


def run(given, gallery):
    """One undisturbed run: its account and how long it took."""
    start = time.monotonic()
    done = subprocess.run(command(given, gallery), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"add ended with {done.returncode}")
    return json.loads(done.stdout), time.monotonic() - start


def outcomes(account):
    return {name: account[name] for name in ("seen", "failed", "ignored")}  # the same in every run that goes to the end


def kill(given, gallery, seconds):
    process = subprocess.Popen(command(given, gallery), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    killed = process.poll() is None
    process.kill()
    process.wait()
    return killed


def kill_server(given, server, seconds):
    """In the middle of a run that reads everything again; the run goes on when it is back, or ends with 6 when it had not
    yet begun."""
    process = subprocess.Popen([*command(given, server.gallery), "--force"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    server.stop()
    killed = process.poll() is None
    time.sleep(0.5)
    server.start()
    if process.wait() not in (0, 3, 6):
        sys.exit(f"add ended with {process.returncode} after its server was killed")
    return killed


def same(one, other):
    """A server may have made a vector's length 1 again."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == 256 == len(other):
        return all(abs(a - b) <= 1e-6 for a, b in zip(one, other))
    return one == other


def compare(clean, after):
    good = len(clean) == len(after)
    for one, other in zip(clean, after):
        for name in sorted(one.keys() | other.keys()):
            if not same(one.get(name), other.get(name)):
                print(f"{one['id']}: {name} was {one.get(name)}, is {other.get(name)}")
                good = False
    return good


def differences(given, gallery):
    done = subprocess.run([given.program, "verify", "--gallery", gallery, given.photos], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode(errors="replace") or (f"verify ended with {done.returncode}" if done.returncode else "")


def check(given, folder):
    account, seconds = run(given, folder / "clean.kith")
    clean = exported(given.program, folder / "clean.kith")
    kills = 0
    victim = Qdrant(folder, given.qdrant) if given.qdrant else Server(folder) if given.server_kills else File(folder)
    for _ in range(given.kills):
        kills += kill(given, victim.gallery, random.uniform(0.02, 1.2 * seconds / given.kills))
    for _ in range(given.server_kills):
        kills += kill_server(given, victim, random.uniform(0.02, seconds))
    last, _ = run(given, victim.gallery)
    left = differences(given, victim.gallery)
    good = compare(clean, exported(given.program, victim.gallery)) and not left
    again, _ = run(given, victim.gallery)
    victim.stop()
    print(f"{account['seen']} files, {len(clean)} faces, clean run {seconds:.1f} s; killed {kills} times, "
          f"{last['unchanged']} files were kept; {'the same gallery' if good else 'ANOTHER GALLERY'}")
    print(left, end="")
    if outcomes(account) != outcomes(again) or again["indexed"] or len(clean) == 0:
        print(f"accounts differ: {account}\n{last}\n{again}")
        good = False
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--server-kills", type=int, default=0)
    parser.add_argument("--qdrant", metavar="PROGRAM")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2), "little"))
    parser.add_argument("photos", nargs="?")
    parser.add_argument("options", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    given.options = given.options or ["--person-from", "dir", "--which", "centre"]
    random.seed(given.seed)
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="kith-kill-") as name:
        folder = pathlib.Path(name)
        os.environ["XDG_STATE_HOME"] = name
        if not given.photos:
            given.photos = folder / "photos"
            make_photos(given.photos)
        return 0 if check(given, folder) else 1


if __name__ == "__main__":
    sys.exit(main())
