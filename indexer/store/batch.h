/* SPDX-License-Identifier: MIT
 *
 * What is decided and not yet written: points, changed points, records. Written in this order, so that a
 * record never speaks of points that do not exist. Bounded by being written when it is due. One thread.
 */
#ifndef KITH_INDEXER_STORE_BATCH_H
#define KITH_INDEXER_STORE_BATCH_H

#include "indexer/store/points.h"
#include "indexer/store/records.h"

typedef struct kith_batch {
    kith_points made; /* with vectors */
    float *vectors;   /* made.room x KITH_DIMENSION */
    size_t vector_room;
    kith_points changed;
    kith_records records;
    double since; /* when the first record came; seconds of the monotonic clock */
} kith_batch;

void kith_batch_clear(kith_batch *batch);

/* All take copies. */
kith_status kith_batch_put(kith_batch *batch, const kith_point *point, const float *vector, kith_error *err);
kith_status kith_batch_change(kith_batch *batch, const kith_point *point, kith_error *err);
kith_status kith_batch_record(kith_batch *batch, const kith_record *record, kith_error *err);

bool kith_batch_holds(const kith_batch *batch, const char *sha256, const char *path); /* anything of either */
bool kith_batch_due(const kith_batch *batch);
kith_status kith_batch_write(kith_batch *batch, kith_gallery *gallery, kith_ledger *ledger, kith_error *err);

#endif
