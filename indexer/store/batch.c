/* SPDX-License-Identifier: MIT */
#include "indexer/store/batch.h"

#include "proto/timestamp.h"

enum { DUE_POINTS = 256, DUE_RECORDS = 512, DUE_SECONDS = 2 };

void kith_batch_clear(kith_batch *batch) {
    kith_points_clear(&batch->made);
    kith_points_clear(&batch->changed);
    kith_records_clear(&batch->records);
    free(batch->vectors);
    *batch = (struct kith_batch){0};
}

kith_status kith_batch_put(kith_batch *batch, const kith_point *point, const float *vector, kith_error *err) {
    kith_status status = kith_points_add(&batch->made, point, err);
    if (status != KITH_OK)
        return status;
    if (batch->vector_room < batch->made.room) {
        float *vectors = realloc(batch->vectors, batch->made.room * KITH_DIMENSION * sizeof *vectors);
        if (!vectors) /* the batch is not used after an error */
            return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu vectors", batch->made.room);
        batch->vectors = vectors;
        batch->vector_room = batch->made.room;
    }
    memcpy(batch->vectors + (batch->made.count - 1) * KITH_DIMENSION, vector,
           KITH_DIMENSION * sizeof *vector);
    return KITH_OK;
}

kith_status kith_batch_change(kith_batch *batch, const kith_point *point, kith_error *err) {
    return kith_points_add(&batch->changed, point, err);
}

kith_status kith_batch_record(kith_batch *batch, const kith_record *record, kith_error *err) {
    if (batch->records.count == 0)
        batch->since = kith_seconds();
    return kith_records_add(&batch->records, record, err);
}

bool kith_batch_holds(const kith_batch *batch, const char *sha256, const char *path) {
    for (size_t i = 0; i < batch->records.count; i++) {
        const kith_record *record = &batch->records.items[i];
        if (strcmp(record->path, path) == 0 || (sha256[0] && strcmp(record->sha256, sha256) == 0))
            return true;
    }
    return false;
}

bool kith_batch_due(const kith_batch *batch) {
    size_t records = batch->records.count;
    return batch->made.count >= DUE_POINTS || records >= DUE_RECORDS ||
           (records > 0 && kith_seconds() - batch->since >= DUE_SECONDS);
}

kith_status kith_batch_write(kith_batch *batch, kith_gallery *gallery, kith_ledger *ledger, kith_error *err) {
    kith_status status = KITH_OK;
    if (batch->made.count > 0)
        status = kith_gallery_put(gallery, batch->made.items, batch->vectors, batch->made.count, err);
    if (status == KITH_OK && batch->changed.count > 0)
        status = kith_gallery_update(gallery, batch->changed.items, batch->changed.count, err);
    if (status == KITH_OK && batch->records.count > 0)
        status = kith_ledger_put(ledger, batch->records.items, batch->records.count, err);
    return status;
}
