/* SPDX-License-Identifier: MIT */
#include "model/statistics/accuracy.h"

#include <math.h>

/* A threshold that accepts `accepted` (INFINITY: nothing) but not `refused`, the next lower score. */
static float between(float accepted, float refused) {
    if (isinf(accepted))
        return nextafterf(refused, INFINITY);
    float middle = accepted / 2 + refused / 2;
    return middle > refused ? middle : accepted;
}

/* Right decisions, less those that accepting nothing would make, while the threshold falls. */
float kith_best_threshold(const kith_trial *sorted, size_t count, const double *weights, int without) {
    double right = 0, best = 0;
    float at = INFINITY, above = INFINITY;
    for (size_t i = 0; i < count && !isinf(sorted[i].score); i++) {
        if (sorted[i].fold == without)
            continue;
        if (sorted[i].score != above && right >= best) {
            best = right;
            at = between(above, sorted[i].score);
        }
        above = sorted[i].score;
        right += (sorted[i].same ? 1 : -1) * (weights ? weights[i] : 1);
    }
    return right >= best ? above : at;
}

double kith_right_share(const kith_trial *sorted, size_t count, const double *weights, int fold,
                        float threshold) {
    double right = 0, all = 0;
    for (size_t i = 0; i < count; i++) {
        double weight = weights ? weights[i] : 1;
        if (fold >= 0 && sorted[i].fold != fold)
            continue;
        all += weight;
        if (!isinf(sorted[i].score) && (sorted[i].score >= threshold) == sorted[i].same)
            right += weight;
    }
    return right / all;
}

kith_accuracy kith_fold_accuracy(const kith_trial *sorted, size_t count, const double *weights, int folds) {
    double sum = 0, squares = 0;
    int used = 0;
    for (int fold = 0; fold < folds; fold++) {
        float threshold = kith_best_threshold(sorted, count, weights, fold);
        double share = kith_right_share(sorted, count, weights, fold, threshold);
        if (isnan(share))
            continue;
        sum += share;
        squares += share * share;
        used++;
    }
    double mean = sum / used, variance = (squares - sum * mean) / (used - 1);
    return (kith_accuracy){mean, sqrt(fmax(variance, 0))};
}
