/* SPDX-License-Identifier: MIT */
#include "model/statistics/roc.h"

#include <math.h>
#include <stdlib.h>

static int highest_first(const void *left, const void *right) {
    const kith_trial *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

void kith_trials_sort(kith_trial *trials, size_t count) {
    if (count > 1)
        qsort(trials, count, sizeof *trials, highest_first);
}

bool kith_roc_init(kith_roc *out, size_t trials) {
    size_t room = trials + 1;
    *out = (kith_roc){.threshold = calloc(room, sizeof *out->threshold),
                      .far = calloc(room, sizeof *out->far),
                      .tar = calloc(room, sizeof *out->tar)};
    if (out->threshold && out->far && out->tar)
        return true;
    kith_roc_clear(out);
    return false;
}

void kith_roc_clear(kith_roc *roc) {
    free(roc->threshold);
    free(roc->far);
    free(roc->tar);
    *roc = (kith_roc){0};
}

bool kith_roc_fill(kith_roc *roc, const kith_trial *sorted, size_t count, const double *weights) {
    double same = 0, different = 0;
    roc->threshold[0] = INFINITY;
    roc->far[0] = roc->tar[0] = 0;
    roc->count = 1;
    for (size_t i = 0; i < count; i++) {
        *(sorted[i].same ? &same : &different) += weights ? weights[i] : 1;
        if (i + 1 < count && sorted[i + 1].score == sorted[i].score)
            continue;
        roc->threshold[roc->count] = sorted[i].score;
        roc->far[roc->count] = different;
        roc->tar[roc->count++] = same;
    }
    roc->same = same;
    roc->different = different;
    for (size_t i = 0; i < roc->count; i++) {
        roc->far[i] /= different;
        roc->tar[i] /= same;
    }
    return same > 0 && different > 0;
}

double kith_roc_auc(const kith_roc *roc) {
    double area = 0;
    for (size_t i = 1; i < roc->count; i++)
        area += (roc->far[i] - roc->far[i - 1]) * (roc->tar[i] + roc->tar[i - 1]) / 2;
    return area;
}

double kith_roc_eer(const kith_roc *roc) {
    size_t i = 1;
    while (i + 1 < roc->count && roc->far[i] < 1 - roc->tar[i])
        i++;
    double before = 1 - roc->tar[i - 1] - roc->far[i - 1], after = 1 - roc->tar[i] - roc->far[i];
    double part = before > after ? before / (before - after) : 0;
    return roc->far[i - 1] + part * (roc->far[i] - roc->far[i - 1]);
}

size_t kith_roc_at(const kith_roc *roc, double far) {
    size_t low = 0, high = roc->count - 1;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (roc->far[middle] <= far * (1 + 1e-9))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}
