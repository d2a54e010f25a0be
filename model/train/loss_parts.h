/* SPDX-License-Identifier: MIT
 *
 * What the kinds of losses share. All write gradients on unit vectors to loss->slope; loss.c takes them back
 * to raw ones. Inside model/train/loss*.c only.
 */
#ifndef KITH_MODEL_TRAIN_LOSS_PARTS_H
#define KITH_MODEL_TRAIN_LOSS_PARTS_H

#include "model/train/loss.h"
#include "model/train/multiply.h"

struct kith_loss {
    kith_loss_options options;
    size_t wide;                          /* columns of logits: labels or bank */
    float *unit, *length;                 /* of the embeddings */
    float *slope;                         /* d loss / d unit */
    float *alike;                         /* rows x rows: unit unit' */
    float *pairs;                         /* rows x rows: d loss / d alike */
    float *target_alike;                  /* distillation: rows x rows */
    float *logits, *target_logits;        /* rows x wide */
    float *unit_weights, *weights_length; /* ArcFace */
};

/* Fills figures->loss, ->terms and what else is its own, and adds to loss->slope when `learn`. */
kith_status kith_loss_triplet(kith_loss *loss, const kith_loss_input *input, bool learn,
                              kith_loss_figures *out, kith_error *err);
kith_status kith_loss_mined(kith_loss *loss, const kith_loss_input *input, bool learn, kith_loss_figures *out,
                            kith_error *err);
kith_status kith_loss_arcface(kith_loss *loss, const kith_loss_input *input, bool learn,
                              kith_loss_figures *out, kith_error *err);
kith_status kith_loss_distil(kith_loss *loss, const kith_loss_input *input, bool learn,
                             kith_loss_figures *out, kith_error *err);

/* unit = raw / (length + 1e-8), row by row; and a gradient on unit as one on raw: 0 where a row has no
 * direction.
 */
void kith_to_units(float *unit, float *length, const float *raw, size_t rows);
void kith_from_units(float *gradient, const float *slope, const float *unit, const float *length,
                     size_t rows);

/* slope += (pairs + pairs') unit. */
kith_status kith_pairs_to_units(kith_loss *loss, size_t rows, kith_error *err);

/* In place: softmax of each row of `wide` values times `factor`; sums[i], unless NULL, is log(sum(exp)). */
void kith_softmax(float *rows, double *sums, size_t count, size_t wide, double factor);

#endif
