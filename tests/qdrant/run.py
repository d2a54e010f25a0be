#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a test of galleries against a Qdrant: `run.py [--live] [OPTION OF fake_server.py...] -- PROGRAM [ARGUMENT...]`.

Starts the scripted server and gives its address to the program as KITH_TEST_GALLERY, a prefix of URIs; ends with the
program's status, or 1 when a request was not as the server's description wants it. --live: the server that
KITH_TEST_QDRANT names instead (http://host:port; exit 77 when it is not set); collections made there are deleted.
"""
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def ask(origin, path, method="GET"):
    request = urllib.request.Request(origin + path, method=method)
    if os.environ.get("QDRANT_API_KEY"):
        request.add_header("api-key", os.environ["QDRANT_API_KEY"])
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.load(answer)


def run(command, origin, prefix):
    scheme = origin.split(":", 1)[0]
    address = origin.split("//", 1)[1].rstrip("/")
    return subprocess.run(command, env={**os.environ, "KITH_TEST_GALLERY": f"qdrant+{scheme}://{address}/{prefix}"},
                          check=False).returncode


def live(command):
    origin = os.environ.get("KITH_TEST_QDRANT")
    if not origin:
        print("skipped: KITH_TEST_QDRANT=http://host:port names no server")
        return 77
    prefix = f"kith-test-{os.getpid()}-"
    print(f"on Qdrant {ask(origin, '/')['version']}")
    try:
        return run(command, origin, prefix)
    finally:
        for collection in ask(origin, "/collections")["result"]["collections"]:
            if collection["name"].startswith(prefix):
                ask(origin, "/collections/" + collection["name"], "DELETE")


def scripted(options, command):
    server = subprocess.Popen([sys.executable, "-B", HERE / "fake_server.py", *options], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    origin = f"http://127.0.0.1:{int(server.stdout.readline())}"
    status = run(command, origin, "kith-test-")
    stats = ask(origin, "/_fake/stats")
    server.stdin.close()
    server.wait()
    for violation in stats["violations"]:
        print("not as the server's description wants it:", violation)
    print(f"{stats['requests']} requests on {stats['connections']} connections")
    return status or (1 if stats["violations"] else 0)


def main():
    split = sys.argv.index("--")
    options, command = sys.argv[1:split], sys.argv[split + 1:]
    return live(command) if options == ["--live"] else scripted(options, command)


sys.exit(main())
