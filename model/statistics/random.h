/* SPDX-License-Identifier: MIT
 *
 * Draws that a seed repeats everywhere: splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
 * generators", 2014). Not for secrets.
 */
#ifndef KITH_MODEL_STATISTICS_RANDOM_H
#define KITH_MODEL_STATISTICS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct kith_random {
    uint64_t state; /* the seed, to begin */
} kith_random;

uint64_t kith_random_next(kith_random *random);

/* 0 to below - 1, each as likely; below > 0. */
size_t kith_random_below(kith_random *random, size_t below);

/* Puts `chosen` of the items, drawn without putting back, in front, in the order in which they were drawn. */
void kith_random_draw(kith_random *random, uint32_t *items, size_t count, size_t chosen);

#endif
