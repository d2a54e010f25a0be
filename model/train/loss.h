/* SPDX-License-Identifier: MIT
 *
 * How wrong a batch of embeddings is, and which way is better: the loss and its gradient on raw embeddings
 * (not normalised). Everything compares directions: x = e / (|e| + 1e-8). Working memory is taken once; a
 * call allocates nothing of ours. One thread (products of matrices use oneDNN's threads).
 */
#ifndef KITH_MODEL_TRAIN_LOSS_H
#define KITH_MODEL_TRAIN_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/point.h"
#include "proto/status.h"

typedef enum kith_loss_kind {
    KITH_LOSS_TRIPLET, /* rows are anchors, positives, negatives, a third each (Schroff et al. 2015 with
                          cosines): mean of max(0, s_an - s_ap + margin) */
    KITH_LOSS_HARD,    /* each row with a positive and a negative in the batch: its least similar positive and
                          most similar negative (Hermans et al. 2017, arXiv:1703.07737) */
    KITH_LOSS_SEMIHARD, /* each pair of one person: the most similar negative that is less similar than the
                           positive, or if there is none the least similar one (arXiv:1503.03832) */
    KITH_LOSS_ARCFACE,  /* cross-entropy over labels with an additive angular margin (arXiv:1801.07698) */
    KITH_LOSS_DISTIL,   /* towards targets */
} kith_loss_kind;

typedef struct kith_loss_options {
    kith_loss_kind kind;
    size_t rows;   /* embeddings in a call, at most */
    double margin; /* triplets: 2 is the reference's; ArcFace: radians, 0.5 */
    double scale;  /* ArcFace: 64 in the paper; fewer persons want less */
    size_t labels; /* ArcFace */
    /* Distillation: cosine x mean(1 - cos(x, t)) + matrix x mean((X X' - T T')^2)
     * + bank_weight x mean cross-entropy(softmax(t B' / temperature), softmax(x B' / temperature)). */
    double cosine, matrix, bank_weight, temperature; /* 2, 2, 0.5, 0.05 */
    const float *bank;                               /* bank_count unit vectors; must outlive the loss */
    size_t bank_count;
} kith_loss_options;

/* What a kind does not use may be NULL. */
typedef struct kith_loss_input {
    size_t rows;             /* triplets: a multiple of three */
    const float *embeddings; /* rows x KITH_DIMENSION */
    const int *persons;      /* mining: equal numbers are one person, -1 is nobody; also for the figures */
    const int *labels;       /* ArcFace: -1 takes no part */
    const float *weights;    /* ArcFace: labels x KITH_DIMENSION, any length; see kith_arcface_start() */
    float *weights_gradient; /* ArcFace: overwritten; NULL: only evaluate */
    const float *targets;    /* distillation: rows unit vectors */
} kith_loss_input;

typedef struct kith_loss_figures {
    double loss;
    double s_ap, s_an; /* mean similarity of positives and of negatives: of the triplets, else of all pairs
                          with known persons; NaN: there was none */
    double to_target;  /* distillation: mean cosine to the target; else NaN */
    size_t terms;      /* that the loss is a mean of; 0: nothing to learn from this batch, gradient 0 */
} kith_loss_figures;

typedef struct kith_loss kith_loss;

kith_status kith_loss_open(kith_loss **out, const kith_loss_options *options, kith_error *err);
void kith_loss_close(kith_loss **loss);

/* gradient: rows x KITH_DIMENSION, overwritten; NULL: only evaluate. A loss that is not a number is returned
 * as it is: the caller knows step and rate.
 */
kith_status kith_loss_run(kith_loss *loss, const kith_loss_input *input, float *gradient,
                          kith_loss_figures *out, kith_error *err);

/* Weights of ArcFace to begin with: directions by chance. */
void kith_arcface_start(float *weights, size_t labels, uint64_t seed);

#endif
