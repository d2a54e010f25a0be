#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Configuring needs no package of tests: `configure.py CMAKE`, where pkg-config knows no cmocka."""
import os
import shutil
import subprocess
import sys
import tempfile

tree = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with tempfile.TemporaryDirectory() as folder:
    without = os.path.join(folder, "pkg-config")
    with open(without, "w") as script:
        script.write('#!/bin/sh\ncase "$*" in *cmocka*) exit 1 ;; esac\nexec %s "$@"\n' % shutil.which("pkg-config"))
    os.chmod(without, 0o755)
    run = subprocess.run([sys.argv[1], "-G", "Ninja", "-S", tree, "-B", os.path.join(folder, "build")],
                         env={**os.environ, "PKG_CONFIG": without}, capture_output=True, text=True)
    if run.returncode or "cmocka is missing" not in run.stdout:
        sys.exit("configuring without cmocka:\n" + run.stdout + run.stderr)
