/* SPDX-License-Identifier: MIT */
#include "model/statistics/histogram.h"

double kith_histogram_edge(int bin) {
    return (double)bin / (double)KITH_SCORE_BINS_PER_UNIT - 1;
}

void kith_histogram_add(kith_histogram *to, const kith_histogram *from) {
    for (int i = 0; i < KITH_SCORE_BINS; i++)
        to->bins[i] += from->bins[i];
    to->total += from->total;
}

uint64_t kith_histogram_reaching(const kith_histogram *histogram, double threshold) {
    uint64_t count = 0;
    int lowest = threshold > 1 ? KITH_SCORE_BINS : kith_histogram_bin((float)threshold);
    for (int i = lowest; i < KITH_SCORE_BINS; i++)
        count += histogram->bins[i];
    return count;
}

double kith_histogram_threshold(const kith_histogram *histogram, uint64_t most) {
    uint64_t above = 0;
    int bin = KITH_SCORE_BINS;
    while (bin > 0 && above + histogram->bins[bin - 1] <= most)
        above += histogram->bins[--bin];
    return kith_histogram_edge(bin);
}
