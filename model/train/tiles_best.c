/* SPDX-License-Identifier: MIT */
#include "model/network/kernels.h"
#include "model/train/tiles.h"

const kith_tiles *kith_tiles_best(void) {
    int level = kith_processor_level();
    return level == 4 ? &kith_tiles_v4 : level == 3 ? &kith_tiles_v3 : &kith_tiles_v2;
}
