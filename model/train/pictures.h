/* SPDX-License-Identifier: MIT
 *
 * What a run looks like: its history by epoch, and the similarities of validation triplets (the scatter by
 * instance and the histogram of the reference).
 */
#ifndef KITH_MODEL_TRAIN_PICTURES_H
#define KITH_MODEL_TRAIN_PICTURES_H

#include "model/train/history.h"

/* Losses, similarities and accuracy by epoch; what was never measured has no panel. */
kith_status kith_history_draw(const char *path, const kith_history *history, kith_error *err);

kith_status kith_similarities_draw(const char *path, const float *s_ap, const float *s_an, size_t count,
                                   kith_error *err);

#endif
