/* SPDX-License-Identifier: MIT */
#include "model/train/optimiser.h"

#include <math.h>

#include "proto/clones.h"

enum { LANES = 16, BLOCK = 1 << 14 }; /* floats that a thread takes at a time */

/* In doubles, by lanes, so that the sum is the same however many threads step afterwards. */
KITH_CLONES static double sum_of_squares(const float *values, size_t count) {
    double lanes[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)values[i + lane] * (double)values[i + lane];
    for (; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    for (size_t lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

double kith_gradient_norm(const kith_span *spans, size_t count) {
    double sum = 0;
    for (size_t s = 0; s < count; s++)
        sum += sum_of_squares(spans[s].gradients, spans[s].count);
    return sqrt(sum);
}

/* What is the same for all values of a step. */
typedef struct factors {
    float gradient, keep1, keep2, rate, second, epsilon, decay;
} factors;

KITH_CLONES static void step_block(float *restrict values, const float *restrict gradients,
                                   float *restrict first, float *restrict second, size_t count,
                                   const factors *by) {
    float gradient = by->gradient, keep1 = by->keep1, keep2 = by->keep2, rate = by->rate;
    float correct = by->second, epsilon = by->epsilon, stay = 1 - by->decay;
    for (size_t i = 0; i < count; i++) {
        float g = gradients[i] * gradient;
        float m = keep1 * first[i] + (1 - keep1) * g;
        float v = keep2 * second[i] + (1 - keep2) * g * g;
        first[i] = m;
        second[i] = v;
        values[i] = stay * values[i] - rate * m / (sqrtf(v * correct) + epsilon);
    }
}

static void step_span(const kith_span *span, const factors *by, int threads) {
    long blocks = (long)((span->count + BLOCK - 1) / BLOCK);
#pragma omp parallel for num_threads(threads) schedule(static) if (blocks > 1)
    for (long b = 0; b < blocks; b++) {
        size_t at = (size_t)b * BLOCK, left = span->count - at;
        step_block(span->values + at, span->gradients + at, span->first + at, span->second + at,
                   left < BLOCK ? left : BLOCK, by);
    }
}

void kith_optimiser_step(const kith_optimiser *optimiser, const kith_span *spans, size_t count, double norm,
                         double rate, size_t step) {
    bool clips = optimiser->clip > 0 && norm > optimiser->clip;
    factors by = {
        .gradient = clips ? (float)(optimiser->clip / norm) : 1,
        .keep1 = (float)optimiser->beta1,
        .keep2 = (float)optimiser->beta2,
        .rate = (float)(rate / (1 - pow(optimiser->beta1, (double)step))),
        .second = (float)(1 / (1 - pow(optimiser->beta2, (double)step))),
        .epsilon = (float)optimiser->epsilon,
    };
    for (size_t s = 0; s < count; s++) {
        bool decays = optimiser->kind == KITH_ADAMW && spans[s].decays;
        by.decay = decays ? (float)(rate * optimiser->decay) : 0;
        step_span(&spans[s], &by, optimiser->threads);
    }
}

KITH_CLONES void kith_average_step(float *restrict average, const float *restrict values, size_t count,
                                   double decay, size_t step) {
    float take = (float)(1 - fmin(decay, (1 + (double)step) / (10 + (double)step)));
    for (size_t i = 0; i < count; i++)
        average[i] += take * (values[i] - average[i]);
}
