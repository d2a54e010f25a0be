/* SPDX-License-Identifier: MIT
 *
 * Steps of Adam and AdamW over flat arrays, with clipping by the gradient's norm and a moving average of the
 * values. The result does not depend on the number of threads. Plain functions over the caller's arrays:
 * nothing is kept.
 */
#ifndef KITH_MODEL_TRAIN_OPTIMISER_H
#define KITH_MODEL_TRAIN_OPTIMISER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum kith_optimiser_kind {
    KITH_ADAM,  /* Kingma, Ba 2015, arXiv:1412.6980: m / (sqrt(v) + eps), both bias-corrected */
    KITH_ADAMW, /* the same with decay apart from the gradient (Loshchilov, Hutter 2019, arXiv:1711.05101) */
} kith_optimiser_kind;

typedef struct kith_optimiser {
    kith_optimiser_kind kind;
    double beta1, beta2, epsilon;
    double decay; /* AdamW: per step and rate, of spans that decay */
    double clip;  /* a longer gradient is shortened to this norm, over all spans; 0: never */
    int threads;
} kith_optimiser;

#define KITH_OPTIMISER_DEFAULTS                                                                              \
    { .kind = KITH_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-7, .decay = 5e-4, .threads = 1 }

/* Values that are stepped: one tensor, say. All arrays have `count` floats. */
typedef struct kith_span {
    float *values;
    const float *gradients;
    float *first, *second; /* moments, 0 before the first step */
    size_t count;
    bool decays;
} kith_span;

/* The norm of all gradients; not finite when one of them is not. */
double kith_gradient_norm(const kith_span *spans, size_t count);

/* One step. `norm` is kith_gradient_norm(), finite; `step` counts from 1. */
void kith_optimiser_step(const kith_optimiser *optimiser, const kith_span *spans, size_t count, double norm,
                         double rate, size_t step);

/* average += (1 - keep) (values - average). Early averages forget faster: keep = min(decay, (1 + step) / (10
 * + step)), step from 1, as in TensorFlow's ExponentialMovingAverage.
 */
void kith_average_step(float *average, const float *values, size_t count, double decay, size_t step);

#endif
