/* SPDX-License-Identifier: MIT
 *
 * What learns: a network's parameters with their optimiser, graph and loss, and one step of it. One thread at
 * a time.
 */
#ifndef KITH_MODEL_TRAIN_LEARNER_H
#define KITH_MODEL_TRAIN_LEARNER_H

#include "model/train/checkpoint.h"
#include "model/train/feed.h"
#include "model/train/loss.h"
#include "model/train/optimiser.h"
#include "model/train/schedule.h"
#include "model/train/targets.h"

typedef struct kith_learner_options {
    kith_parameters *parameters; /* with their first values, and what of them is trained */
    kith_graph *graph;
    const kith_face_set *set;
    const kith_targets *targets; /* distillation */
    kith_loss_options loss;
    kith_optimiser optimiser;
    kith_schedule schedule;
    kith_norm_mode norm;
    double ema; /* 0: none */
    uint64_t seed;
} kith_learner_options;

typedef struct kith_learner {
    kith_learner_options options;
    kith_state state; /* its arrays are this learner's */
    kith_loss *loss;
    float *wanted, *classes_gradient; /* of a batch: targets; ArcFace */
    int *persons, *labels;            /* of a batch */
    kith_span *spans;
    size_t span_count;
} kith_learner;

/* What the options point to must outlive it. */
kith_status kith_learner_open(kith_learner **out, const kith_learner_options *options, kith_error *err);
void kith_learner_close(kith_learner **learner);

/* One step on what the graph was fed. KITH_E_REFUSED: loss or gradient is no number; values and moments are
 * then those of before.
 */
kith_status kith_learner_step(kith_learner *learner, const kith_fed *fed, kith_loss_figures *out,
                              kith_error *err);

/* Exchanges values and their average, when there is one: before validation, and again after it. */
void kith_learner_swap(kith_learner *learner);

#endif
