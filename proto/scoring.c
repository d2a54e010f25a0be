/* SPDX-License-Identifier: MIT */
#include "proto/scoring.h"

const char *const kith_scoring_names[KITH_SCORINGS] = {"best", "mean3"};

float kith_person_score(kith_scoring scoring, const float *scores, size_t count) {
    size_t used = scoring == KITH_SCORE_MEAN3 && count < 3 ? count : scoring == KITH_SCORE_MEAN3 ? 3 : 1;
    double sum = 0;
    for (size_t i = 0; i < used; i++)
        sum += (double)scores[i];
    return (float)(sum / (double)used);
}
