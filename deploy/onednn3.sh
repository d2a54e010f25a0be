#!/bin/sh
# SPDX-License-Identifier: MIT
#
# onednn3.sh DIR: puts oneDNN 3.2 (headers and library, from PyPI) into DIR and prints DIR, for
#     cmake -DKITH_ONEDNN_ROOT=$(deploy/onednn3.sh DIR)
# The wheels are only unpacked: pip would install the headers and leave the library out.
set -eu
[ $# -eq 1 ] || { echo "usage: onednn3.sh DIR" >&2; exit 2; }
mkdir -p "$1"
root=$(cd "$1" && pwd)
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$wheels" \
    onednn-cpu-gomp==2023.2.0 onednn-devel-cpu-gomp==2023.2.0 >&2
for wheel in "$wheels"/*.whl; do
    python3 -m zipfile -e "$wheel" "$wheels/unpacked"
done
cp -R "$wheels"/unpacked/*.data/data/include "$wheels"/unpacked/*.data/data/lib "$root"
echo "$root"
