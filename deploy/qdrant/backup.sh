#!/bin/bash
# SPDX-License-Identifier: MIT
# A snapshot of one collection, fetched, checked and then removed from the server:
#     backup.sh http://localhost:6333 COLLECTION FOLDER [KEYFILE]
# KEYFILE's first line is the API key; it reaches curl by a file, never by an argument. Prints the file's path. Of a
# cluster, run it once per node: a snapshot holds the shards of the node that is asked.
# Back again: curl -X POST .../collections/COLLECTION/snapshots/upload?priority=snapshot -F snapshot=@FILE
set -euo pipefail
[ $# -ge 3 ] || { echo "usage: backup.sh ORIGIN COLLECTION FOLDER [KEYFILE]" >&2; exit 2; }
origin=${1%/} collection=$2 folder=$3 keyfile=${4:-}
work=$(mktemp -d "$folder/.kith-backup-XXXXXX")
trap 'rm -rf "$work"' EXIT
: >"$work/headers"
if [ -n "$keyfile" ]; then
    chmod 600 "$work/headers"
    printf 'api-key: %s\n' "$(head -n 1 "$keyfile")" >"$work/headers"
fi
ask() { curl --fail --silent --show-error --header @"$work/headers" "$@"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/made"; }

snapshots=$origin/collections/$collection/snapshots
ask --request POST --output "$work/made" "$snapshots?wait=true"
name=$(field name) checksum=$(field checksum)
case $name in '' | */*) echo "backup.sh: $origin: no snapshot was made" >&2; exit 6 ;; esac
ask --output "$work/$name" "$snapshots/$name"
if [ -n "$checksum" ]; then
    echo "$checksum  $work/$name" | sha256sum --check --quiet
fi
mv "$work/$name" "$folder/$name"
ask --request DELETE --output "$work/gone" "$snapshots/$name?wait=true"
echo "$folder/$name"
