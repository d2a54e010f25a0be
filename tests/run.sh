#!/bin/sh
# The whole test suite, from a clean tree to the last check; ends with 1 when anything failed.
#
#   tests/run.sh             everything
#   tests/run.sh asan tidy   some parts: release, asan, tsan, onednn3, tidy, fuzz
#
# Each part builds in build/PART and stands alone. Needs the packages of deploy/packages.txt.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
passed=0 failed=0 failures=

part() { # NAME COMMAND...: runs it, says how it went
    name=$1
    shift
    start=$(date +%s)
    echo "=== $name"
    if "$@"; then
        passed=$((passed + 1)) word=passed
    else
        failed=$((failed + 1)) word=FAILED failures="$failures $name"
    fi
    echo "=== $name: $word, $(($(date +%s) - start)) s"
}

build_and_test() { # PRESET [CTEST OPTION...]
    preset=$1
    shift
    cmake --preset "$preset" -DKITH_WERROR=ON >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; return 1; }
    rm -f "build-$preset.log"
    cmake --build --preset "$preset" -j "$jobs" -- --quiet &&
        ctest --preset "$preset" -j "$jobs" "$@"
}

release() {
    build_and_test release -LE slow
}

# AddressSanitizer with UndefinedBehaviorSanitizer. OpenMP's and dlib's one-time allocations are theirs: see
# tests/leaks.txt.
asan() {
    LSAN_OPTIONS="suppressions=$PWD/tests/leaks.txt" build_and_test asan -LE "slow|bench|valgrind"
}

# Only what runs threads of ours. libgomp is not built for ThreadSanitizer; kith runs each network on one thread.
tsan() {
    TSAN_OPTIONS="suppressions=$PWD/tests/races.txt" build_and_test tsan -L threads
}

onednn3() {
    root=$(sh deploy/onednn3.sh build/onednn3-package) &&
        cmake --preset release -B build/onednn3 -DKITH_WERROR=ON -DKITH_ONEDNN_ROOT="$root" >/dev/null &&
        cmake --build build/onednn3 -j "$jobs" -- --quiet &&
        ctest --test-dir build/onednn3 -j "$jobs" --output-on-failure -R '^(network|face|cli)/'
}

tidy() {
    cmake --preset debug >/dev/null &&
        git ls-files -z 'proto/*.c' 'model/*.c' 'indexer/*.c' 'query/*.c' |
        xargs -0 -n 4 -P "$jobs" clang-tidy --quiet -p build/debug 2>/dev/null
}

fuzz() {
    sh tests/fuzz/run.sh "${KITH_FUZZ_SECONDS:-20}"
}

for name in ${*:-release asan tsan onednn3 tidy fuzz}; do
    case $name in
    release | asan | tsan | onednn3 | tidy | fuzz) part "$name" "$name" ;;
    *) echo "tests/run.sh: no part is called $name (release asan tsan onednn3 tidy fuzz)" >&2; exit 2 ;;
    esac
done
[ -z "$failures" ] || echo "failed:$failures"
echo "parts: $passed passed, $failed failed"
[ "$failed" = 0 ]
