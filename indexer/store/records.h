/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_STORE_RECORDS_H
#define KITH_INDEXER_STORE_RECORDS_H

#include "proto/ledger.h"

/* Ledger records as owned copies. {0} to begin. */
typedef struct kith_records {
    kith_record *items;
    size_t count, room;
} kith_records;

void kith_records_clear(kith_records *records);
kith_status kith_records_add(kith_records *records, const kith_record *record, kith_error *err); /* a copy */

/* Appends those of a digest. */
kith_status kith_records_of_digest(kith_records *out, kith_ledger *ledger, const char *sha256,
                                   kith_error *err);

#endif
