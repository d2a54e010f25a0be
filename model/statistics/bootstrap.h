/* SPDX-License-Identifier: MIT
 *
 * How much a figure depends on the persons that happened to be there: percentile intervals (Efron,
 * Tibshirani, "An introduction to the bootstrap", 1993, chapter 13) over persons, because photos of one
 * person are not independent. A pair of two persons counts as often as the product of theirs (Bolle, Ratha,
 * Pankanti, "Error analysis of pattern recognition systems - the subsets bootstrap", 2004, draw persons in
 * the same way).
 */
#ifndef KITH_MODEL_STATISTICS_BOOTSTRAP_H
#define KITH_MODEL_STATISTICS_BOOTSTRAP_H

#include "model/statistics/rates.h"
#include "proto/status.h"

/* Fills `values` for a sample in which each person occurs weights[person] times; NAN: the sample says nothing
 * about that one.
 */
typedef void (*kith_statistic)(void *context, const double *weights, double *values);

/* Intervals of `count` figures from `rounds` samples of `persons` persons. Of a figure that was NAN in more
 * than half of the rounds the interval is NAN. KITH_E_MEMORY, or KITH_E_STOPPED by a signal.
 */
kith_status kith_bootstrap(kith_interval *out, size_t count, size_t persons, size_t rounds, uint64_t seed,
                           kith_statistic statistic, void *context, kith_error *err);

#endif
