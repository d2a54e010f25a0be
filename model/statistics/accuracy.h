/* SPDX-License-Identifier: MIT
 *
 * The share of right decisions about pairs, each fold judged with the threshold that is best on the others
 * (Huang et al., "Labeled faces in the wild", 2007, section 4). A pair without a score is decided wrongly,
 * whatever it is. Pure functions.
 */
#ifndef KITH_MODEL_STATISTICS_ACCURACY_H
#define KITH_MODEL_STATISTICS_ACCURACY_H

#include "model/statistics/roc.h"

typedef struct kith_accuracy {
    double mean;      /* over the folds */
    double deviation; /* of the folds, estimated (divided by folds - 1) */
} kith_accuracy;

/* The threshold with the most right decisions on sorted trials outside of fold `without` (-1: on all): the
 * middle between two scores, of several that are as good the lowest. weights: one per trial, or NULL.
 */
float kith_best_threshold(const kith_trial *sorted, size_t count, const double *weights, int without);

/* Right decisions among the trials of a fold (-1: of all), as a share; NAN when there are none. */
double kith_right_share(const kith_trial *sorted, size_t count, const double *weights, int fold,
                        float threshold);

/* folds >= 2, numbered from 0; one without trials takes no part. */
kith_accuracy kith_fold_accuracy(const kith_trial *sorted, size_t count, const double *weights, int folds);

#endif
