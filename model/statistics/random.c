/* SPDX-License-Identifier: MIT */
#include "model/statistics/random.h"

uint64_t kith_random_next(kith_random *random) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* Numbers of the last, incomplete round through 0..below - 1 would favour its beginning: they are passed
 * over. */
size_t kith_random_below(kith_random *random, size_t below) {
    uint64_t incomplete = (UINT64_MAX - below + 1) % below, number;
    do
        number = kith_random_next(random);
    while (number < incomplete);
    return (size_t)(number % below);
}

void kith_random_draw(kith_random *random, uint32_t *items, size_t count, size_t chosen) {
    for (size_t i = 0; i < chosen && i < count; i++) {
        size_t j = i + kith_random_below(random, count - i);
        uint32_t drawn = items[j];
        items[j] = items[i];
        items[i] = drawn;
    }
}
