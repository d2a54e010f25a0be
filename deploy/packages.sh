#!/bin/sh
# Installs the packages of packages.txt: `packages.sh build` what building and running needs, `packages.sh` all.
# As root, or with sudo.
set -eu
here=$(dirname "$0")
wanted=$(awk -v only="${1:-}" '!/^#/ && NF && (only == "" || $2 == only) { print $1 }' "$here/packages.txt")

missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :) in
    *" installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# $missing is a list of words. The environment of sudo is its own, so the frontend is named again.
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
