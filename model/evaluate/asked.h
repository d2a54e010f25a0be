/* SPDX-License-Identifier: MIT
 *
 * Inside model/evaluate/: what kith-query would do in a drawn gallery when it is asked for an FPIR (--fpir),
 * by the network's calibration and by one of the gallery itself.
 */
#ifndef KITH_MODEL_EVALUATE_ASKED_H
#define KITH_MODEL_EVALUATE_ASKED_H

#include "model/evaluate/draw_gallery.h"
#include "model/statistics/face_scores.h"

/* Fills the thresholds for a gallery whose persons are numbered from 0; NAN where nothing can be said.
 * KITH_E_MEMORY; KITH_E_STOPPED.
 */
kith_status kith_asked_thresholds(kith_drawn *out, const kith_labelled *gallery,
                                  const kith_rate_table *network, kith_error *err);

/* The rates at these thresholds, all draws together. */
void kith_asked_measure(kith_identify_size *out, const kith_drawn *drawn, size_t draws);

#endif
