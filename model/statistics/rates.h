/* SPDX-License-Identifier: MIT
 *
 * Shares with their uncertainty, and thresholds at a rate. Everywhere in kith a score is accepted when it is
 * at least the threshold. Pure functions.
 */
#ifndef KITH_MODEL_STATISTICS_RATES_H
#define KITH_MODEL_STATISTICS_RATES_H

#include <stddef.h>
#include <stdint.h>

/* 95 %, wherever kith states an interval. */
typedef struct kith_interval {
    double low, high;
} kith_interval;

/* Of a share, `events` of `trials`, which may be weighted: Wilson, "Probable inference, the law of
 * succession, and statistical inference", 1927. Without trials 0 to 1.
 */
kith_interval kith_wilson(double events, double trials);

/* How many of `trials` a rate allows: the whole part of their product, where 0.1 of 30 is 3. */
uint64_t kith_events_at(double rate, uint64_t trials);

/* How many trials a rate needs before it allows `events`. */
uint64_t kith_trials_for(double rate, uint64_t events);

/* Scores, highest first; they are numbers or infinite. */
void kith_scores_sort(float *scores, size_t count);

/* How many of sorted scores are at least the threshold. */
size_t kith_scores_reaching(const float *sorted, size_t count, float threshold);

/* The lowest threshold that at most `most` of sorted scores reach; -INFINITY when all may. */
float kith_scores_threshold(const float *sorted, size_t count, size_t most);

#endif
