/* SPDX-License-Identifier: MIT
 *
 * What of an old gallery goes over to new faces of the same photo: names, by the boxes that cover each other.
 * Face numbers would do as long as detector and its settings are the same; boxes do always. One thread.
 */
#ifndef KITH_INDEXER_STORE_CARRY_H
#define KITH_INDEXER_STORE_CARRY_H

#include "indexer/stages/task.h"
#include "indexer/store/opened.h"

typedef enum kith_carry_which { KITH_CARRY_KNOWN, KITH_CARRY_ALL } kith_carry_which;

typedef struct kith_carrier {
    kith_opened *source;
    kith_carry_which which; /* known: faces that no old one covers are left out */
    uint64_t lost;          /* old faces that no new one covers; each is told */
    char *claim;            /* of the last photo */
} kith_carrier;

/* A kith_carry_over (indexer/store/store.h). */
kith_status kith_carry_names(void *carrier, const kith_task *task, kith_point *points, size_t count,
                             const char **claim, kith_error *err);
void kith_carrier_clear(kith_carrier *carrier);

/* Intersection over union of two boxes (x, y, width, height). */
double kith_box_iou(const float *a, const float *b);

#endif
