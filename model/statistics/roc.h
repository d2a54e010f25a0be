/* SPDX-License-Identifier: MIT
 *
 * Verification: how well scores tell pairs of one person from pairs of two. All figures can be weighted, for
 * samples of bootstrap.h. Pure functions on the caller's arrays.
 */
#ifndef KITH_MODEL_STATISTICS_ROC_H
#define KITH_MODEL_STATISTICS_ROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pair of faces that was compared. A pair without a score (a face that was not found) has -INFINITY: no
 * threshold accepts it.
 */
typedef struct kith_trial {
    float score;
    uint32_t a, b; /* the persons, numbered from 0 */
    bool same;
    int fold;
    uint32_t number; /* the caller's own */
} kith_trial;

void kith_trials_sort(kith_trial *trials, size_t count); /* highest score first */

/* The curve as steps: point i accepts all scores >= threshold[i]. The first accepts nothing (+INFINITY), the
 * last everything. `far` is the share of different pairs that is accepted, `tar` that of same ones.
 */
typedef struct kith_roc {
    float *threshold;
    double *far, *tar;
    size_t count;
    double same, different; /* weights of all pairs */
} kith_roc;

/* Rooms of `trials` + 1 each. False: no memory. */
bool kith_roc_init(kith_roc *out, size_t trials);
void kith_roc_clear(kith_roc *roc);

/* From sorted trials; weights: one per trial, in their order (NULL: 1 each). False when there are not both
 * kinds, and nothing can be said.
 */
bool kith_roc_fill(kith_roc *roc, const kith_trial *sorted, size_t count, const double *weights);

/* The chance that a same pair scores higher than a different one; equal scores count half. */
double kith_roc_auc(const kith_roc *roc);

/* Where as many same pairs are refused as different ones are accepted, between the nearest two points. */
double kith_roc_eer(const kith_roc *roc);

/* The last point of the curve whose FAR is at most `far`: the lowest threshold that keeps to it. */
size_t kith_roc_at(const kith_roc *roc, double far);

#endif
