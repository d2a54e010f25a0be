/* SPDX-License-Identifier: MIT
 *
 * The frozen part of a network, run by ordinary inference sessions: what enters the rows that are trained
 * (kith_graph_options.first), for any number of pictures.
 */
#ifndef KITH_MODEL_TRAIN_FROZEN_H
#define KITH_MODEL_TRAIN_FROZEN_H

#include "model/train/parameters.h"

typedef struct kith_frozen kith_frozen;

/* The row whose activation enters the rows from `first` on. KITH_E_REFUSED: there is more than one. */
kith_status kith_frozen_row(int *out, const kith_arch *arch, int first, kith_error *err);

/* Copies the values that it needs; batch norms by their moving statistics. */
kith_status kith_frozen_open(kith_frozen **out, const kith_parameters *parameters, int first, int side,
                             int threads, kith_error *err);
void kith_frozen_close(kith_frozen **frozen);
size_t kith_frozen_width(const kith_frozen *frozen); /* floats of one picture's activation */

/* `count` pictures (RGB bytes, side x side, one after the other) to out, [count][width], channels first, by
 * all threads at once. One caller at a time. A network whose frozen part reads vectors is refused by open.
 */
kith_status kith_frozen_run(kith_frozen *frozen, float *out, const unsigned char *rgb, int count,
                            kith_error *err);

#endif
