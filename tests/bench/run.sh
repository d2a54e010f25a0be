#!/bin/sh
# All measurements in one run on one machine: run.sh [BUILD]   (default: build/release)
#
# Times mean little alone on a busy machine; every table here has its measure beside it: other runtimes, the sum of the
# parts, the memory's own speed. $KITH_BENCH_PYTHON is a Python with onnxruntime and openvino, when there is one.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build/release}
debian=/usr/bin/python3 # has Pillow by packages.txt; another one first on PATH may not
[ -x "$debian" ] || debian=python3
python=${KITH_BENCH_PYTHON:-$debian}
shared=${KITH_SHARED:-../shared}

title() {
    printf '\n== %s\n' "$*"
}

title "a forward pass of each network, one thread, beside other runtimes"
"$python" tests/bench/forward.py "$build"
title "photos a second of add, beside the sum of its parts; memory"
"$debian" tests/bench/add.py "$build" "$shared/faces/lfw"
title "exact search in 100,000 vectors, beside reading them once"
"$build/tests/bench-search"
title "identify from a cold start"
"$debian" tests/bench/identify.py --build "$build"
title "decoding, beside the bare libraries"
"$build/tests/bench-decode" "$shared/faces/lfw/Abel_Pacheco/Abel_Pacheco_0001.jpg"
title "all pairs of 17,321 faces, beside the processor's peak"
"$build/tests/bench-all_pairs"
title "LFW, folds 1 to 5, and a naive computation of the same figures"
"$debian" tests/evaluate/lfw.py "$build/bin/kith-model" "$shared" "$build/cache"
title "other projects' photos"
"$build/tests/bench-peers"
