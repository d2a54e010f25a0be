#!/bin/sh
# Runs each fuzz target of this folder for some seconds from its seeds: run.sh [SECONDS]. A crash, a leak or a report
# of a sanitizer ends with 1 and leaves the input in build/fuzz.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-20}
CC=clang CXX=clang++ cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DKITH_FUZZ=ON >/dev/null
cmake --build build/fuzz --target fuzzers -- --quiet

status=0
for source in tests/fuzz/*.c; do
    name=$(basename "$source" .c)
    mkdir -p "build/fuzz/corpus/$name"
    seeds=tests/fuzz/seeds/$name
    [ -d "$seeds" ] || seeds=
    echo "--- $name, $seconds s"
    "build/fuzz/tests/fuzz-$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 \
        -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" $seeds >"build/fuzz/$name.log" 2>&1 ||
        { status=1 && cat "build/fuzz/$name.log"; }
done
exit $status
