/* SPDX-License-Identifier: MIT */
#include "model/statistics/random.h"

#include <math.h>

static uint64_t scramble(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

uint64_t kith_random_next(kith_random *random) {
    random->state += 0x9e3779b97f4a7c15U;
    return scramble(random->state);
}

uint64_t kith_random_mix(uint64_t seed, uint64_t place) {
    kith_random random = {scramble(seed + 0x9e3779b97f4a7c15U) ^ place};
    return kith_random_next(&random);
}

double kith_random_uniform(kith_random *random) {
    return (double)(kith_random_next(random) >> 11) * 0x1p-53;
}

/* Box and Muller 1958 (doi:10.1214/aoms/1177706645); the second number is not kept, so that a stream is its
 * state alone.
 */
double kith_random_normal(kith_random *random) {
    double radius = sqrt(-2 * log(1 - kith_random_uniform(random)));
    return radius * cos(6.283185307179586 * kith_random_uniform(random));
}

/* By the product's upper half; what it is uneven by (limit / 2^64) cannot be seen. */
size_t kith_random_below(kith_random *random, size_t limit) {
    return (size_t)(((unsigned __int128)kith_random_next(random) * limit) >> 64);
}

void kith_random_shuffle(kith_random *random, uint32_t *items, size_t count) {
    for (size_t left = count; left > 1; left--) {
        size_t other = kith_random_below(random, left);
        uint32_t moved = items[left - 1];
        items[left - 1] = items[other];
        items[other] = moved;
    }
}
