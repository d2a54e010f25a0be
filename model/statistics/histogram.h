/* SPDX-License-Identifier: MIT
 *
 * Scores of any number of pairs, counted in bins of a ten-thousandth from -1 to 1. {0} to begin.
 */
#ifndef KITH_MODEL_STATISTICS_HISTOGRAM_H
#define KITH_MODEL_STATISTICS_HISTOGRAM_H

#include <stdint.h>

enum { KITH_SCORE_BINS = 20001 }; /* the last one holds exactly 1 */
#define KITH_SCORE_BINS_PER_UNIT 10000.0F

typedef struct kith_histogram {
    uint64_t bins[KITH_SCORE_BINS], total;
} kith_histogram;

/* Scores beyond -1 and 1, by a rounding, are those. (In the header: it is called for each pair.) */
static inline int kith_histogram_bin(float score) {
    float within = score > 1 ? 1 : score > -1 ? score : -1;
    return (int)((within + 1) * KITH_SCORE_BINS_PER_UNIT);
}

double kith_histogram_edge(int bin); /* the lowest score in it */

void kith_histogram_add(kith_histogram *to, const kith_histogram *from);

/* How many scores are in the threshold's bin or above: exact for thresholds that are edges. */
uint64_t kith_histogram_reaching(const kith_histogram *histogram, double threshold);

/* The lowest edge that at most `most` scores reach; just above 1 when even that is too many. */
double kith_histogram_threshold(const kith_histogram *histogram, uint64_t most);

#endif
