/* SPDX-License-Identifier: MIT
 *
 * Verification: are these two photos of one person? A pair with a photo in which no face was found counts as
 * decided wrongly in the accuracy, and no threshold accepts it. Pairs with a photo that cannot be read are
 * left out and counted.
 */
#ifndef KITH_MODEL_EVALUATE_VERIFY_H
#define KITH_MODEL_EVALUATE_VERIFY_H

#include "model/evaluate/groups.h"
#include "model/evaluate/pairs.h"
#include "model/statistics/rates.h"
#include "model/statistics/roc.h"

enum { KITH_FARS = 5, KITH_WORST = 12 };
extern const double kith_fars[KITH_FARS]; /* 1e-1 to 1e-5 */

/* Bootstrapped figures, in this order; TAR follows at the end, one for each FAR. */
typedef enum kith_verify_figure {
    KITH_VERIFY_ACCURACY,
    KITH_VERIFY_AUC,
    KITH_VERIFY_EER,
    KITH_VERIFY_TAR,
    KITH_VERIFY_FIGURES = KITH_VERIFY_TAR + KITH_FARS
} kith_verify_figure;

/* What one group's pairs (both photos of it) do at the threshold of all. */
typedef struct kith_verify_group {
    const char *name;
    size_t same, different;
    size_t refused, accepted; /* wrongly: same pairs refused, different ones accepted */
    double auc;               /* NAN: not both kinds of pairs */
} kith_verify_group;

typedef struct kith_verification {
    size_t pairs, same, different; /* that take part */
    size_t left_out;               /* with a photo that cannot be read */
    size_t undetected;             /* pairs that count as errors for want of a face */
    int folds;
    double deviation;                   /* of the folds' accuracies */
    double threshold;                   /* with the most right decisions on all pairs */
    double values[KITH_VERIFY_FIGURES]; /* NAN: the pairs do not allow it */
    kith_interval intervals[KITH_VERIFY_FIGURES];
    double thresholds[KITH_FARS]; /* of TAR at FAR */
    kith_roc roc;
    kith_trial *trials; /* sorted, highest score first; `number` is the pair's */
    uint32_t worst_same[KITH_WORST],
        worst_different[KITH_WORST]; /* pairs: errors at the threshold, worst first */
    size_t worst_same_count, worst_different_count;
    kith_verify_group *groups;
    size_t group_count;
} kith_verification;

/* groups: NULL for none. KITH_E_REFUSED: too few pairs, the error says how many are needed. */
kith_status kith_verify(kith_verification *out, const kith_study *study, const kith_pair_list *list,
                        const kith_groups *groups, uint64_t seed, kith_error *err);
void kith_verification_clear(kith_verification *verification);

#endif
