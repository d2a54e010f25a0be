/* SPDX-License-Identifier: MIT
 *
 * All pairs of labelled faces: how their scores lie, and which pairs stand out. Memory does not grow with the
 * number of pairs.
 */
#ifndef KITH_MODEL_STATISTICS_ALL_PAIRS_H
#define KITH_MODEL_STATISTICS_ALL_PAIRS_H

#include <stdint.h>

#include "model/statistics/histogram.h"
#include "model/statistics/score_blocks.h"

typedef struct kith_scored_pair {
    float score;
    uint32_t a, b; /* numbers of the vectors, a < b */
} kith_scored_pair;

typedef struct kith_all_pairs {
    kith_histogram same, different;
    kith_scored_pair *highest; /* pairs of different persons, highest first; equal scores by a, then b */
    kith_scored_pair *lowest;  /* pairs of one person, lowest first */
    size_t highest_count, lowest_count;
} kith_all_pairs;

/* persons: one number per vector, at most 2^32 - 1 vectors; `keep`: the longest that `highest` and `lowest`
 * get. KITH_E_MEMORY; KITH_E_STOPPED by a signal.
 */
kith_status kith_all_pairs_score(kith_all_pairs **out, const kith_vectors *vectors, const uint32_t *persons,
                                 size_t keep, int threads, kith_error *err);
void kith_all_pairs_free(kith_all_pairs **pairs);

/* The lowest threshold that at most `most` pairs of different persons reach: exact while `highest` holds that
 * many, otherwise the next higher ten-thousandth.
 */
double kith_all_pairs_threshold(const kith_all_pairs *pairs, uint64_t most);

#endif
