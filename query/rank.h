/* SPDX-License-Identifier: MIT
 *
 * Who a face looks like: the persons of a gallery, best first.
 */
#ifndef KITH_QUERY_RANK_H
#define KITH_QUERY_RANK_H

#include "proto/result.h"
#include "proto/scoring.h"

typedef struct kith_ranking {
    kith_candidate *items; /* best first; names and faces live in `hits` */
    size_t count;
    kith_hits hits;
} kith_ranking;

/* The best `persons` persons among the named points that the filter meets, by their score. Exact for both
 * ways of scoring.
 */
kith_status kith_rank_persons(kith_ranking *out, kith_gallery *gallery, const float probe[KITH_DIMENSION],
                              const kith_filter *filter, kith_scoring scoring, size_t persons,
                              kith_error *err);
void kith_ranking_clear(kith_ranking *ranking);

#endif
