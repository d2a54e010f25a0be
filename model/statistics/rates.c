/* SPDX-License-Identifier: MIT */
#include "model/statistics/rates.h"

#include <math.h>
#include <stdlib.h>

static const double QUANTILE = 1.959963984540054; /* of the normal distribution, at 97.5 % */

kith_interval kith_wilson(double events, double trials) {
    if (!(trials > 0))
        return (kith_interval){0, 1};
    double z2 = QUANTILE * QUANTILE, share = events / trials;
    double centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
    double half =
        QUANTILE / (1 + z2 / trials) * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials));
    return (kith_interval){events > 0 ? fmax(centre - half, 0) : 0,
                           events < trials ? fmin(centre + half, 1) : 1};
}

/* Rates as people write them are not exact in binary: what lies this near to a whole number is one. */
static const double ROUNDING = 1e-9;

uint64_t kith_events_at(double rate, uint64_t trials) {
    return (uint64_t)floor(rate * (double)trials * (1 + ROUNDING));
}

uint64_t kith_trials_for(double rate, uint64_t events) {
    return (uint64_t)ceil((double)events / rate * (1 - ROUNDING));
}

static int highest_first(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a < b) - (a > b);
}

void kith_scores_sort(float *scores, size_t count) {
    if (count > 1)
        qsort(scores, count, sizeof *scores, highest_first);
}

size_t kith_scores_reaching(const float *sorted, size_t count, float threshold) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] >= threshold)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

float kith_scores_threshold(const float *sorted, size_t count, size_t most) {
    return most < count ? nextafterf(sorted[most], INFINITY) : -INFINITY;
}
