/* SPDX-License-Identifier: MIT
 *
 * Numbers by chance that a seed repeats: splitmix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
 * A stream is one number, so whatever needs chance of its own (a face in an epoch, a layer) mixes its place
 * into the seed and depends on nothing that was drawn before.
 */
#ifndef KITH_MODEL_STATISTICS_RANDOM_H
#define KITH_MODEL_STATISTICS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct kith_random {
    uint64_t state;
} kith_random;

/* The seed of place `place` in the stream of `seed`. */
uint64_t kith_random_mix(uint64_t seed, uint64_t place);

uint64_t kith_random_next(kith_random *random);
double kith_random_uniform(kith_random *random);             /* 0 <= x < 1 */
double kith_random_normal(kith_random *random);              /* mean 0, standard deviation 1 */
size_t kith_random_below(kith_random *random, size_t limit); /* 0..limit - 1, all alike; limit > 0 */
void kith_random_shuffle(kith_random *random, uint32_t *items, size_t count);

#endif
