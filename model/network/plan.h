/* SPDX-License-Identifier: MIT
 *
 * Where activations live: one arena, pieces reused as soon as nobody needs their content, residual sums made
 * in place. A plan is pure arithmetic; nothing is allocated here.
 */
#ifndef KITH_MODEL_NETWORK_PLAN_H
#define KITH_MODEL_NETWORK_PLAN_H

#include "model/network/arch.h"

typedef struct kith_plan {
    kith_shape shapes[KITH_LAYERS_MOST];
    size_t offsets[KITH_LAYERS_MOST]; /* bytes from the arena's beginning */
    size_t size;                      /* of the arena, bytes */
} kith_plan;

/* keep_all: every activation has its own piece, for looking at it after the run. */
kith_status kith_plan_make(kith_plan *out, const kith_arch *arch, const int *channels, int width, int height,
                           int batch, bool keep_all, kith_error *err);

#endif
