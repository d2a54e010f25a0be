/* SPDX-License-Identifier: MIT */
#include "indexer/store/records.h"

#include "proto/array.h"

static void clear(kith_record *record) {
    free((char *)record->path);
    free((char *)record->person);
    free((char *)record->reason);
}

void kith_records_clear(kith_records *records) {
    for (size_t i = 0; i < records->count; i++)
        clear(&records->items[i]);
    free(records->items);
    *records = (struct kith_records){0};
}

kith_status kith_records_add(kith_records *records, const kith_record *record, kith_error *err) {
    kith_record *items = kith_array_grow(records->items, records->count, &records->room, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu records", records->count + 1);
    records->items = items;
    kith_record copy = *record;
    copy.path = strdup(record->path);
    copy.person = record->person ? strdup(record->person) : NULL;
    copy.reason = record->reason ? strdup(record->reason) : NULL;
    if (!copy.path || (record->person && !copy.person) || (record->reason && !copy.reason)) {
        clear(&copy);
        return kith_fail(err, KITH_E_MEMORY, 0, record->path, "no memory for its record");
    }
    records->items[records->count++] = copy;
    return KITH_OK;
}

static kith_status visit(void *context, const kith_record *record, kith_error *err) {
    return kith_records_add(context, record, err);
}

kith_status kith_records_of_digest(kith_records *out, kith_ledger *ledger, const char *sha256,
                                   kith_error *err) {
    return kith_ledger_of_digest(ledger, sha256, visit, out, err);
}
