/* SPDX-License-Identifier: MIT
 *
 * What tells that a file is as it was, without reading it.
 */
#ifndef KITH_INDEXER_FILES_STAMP_H
#define KITH_INDEXER_FILES_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "proto/ledger.h"

typedef struct kith_stamp {
    uint64_t device, inode;
    int64_t size, modified; /* bytes; nanoseconds since 1970 */
} kith_stamp;

kith_stamp kith_stamp_of_file(const struct stat *seen);
kith_stamp kith_stamp_of_record(const kith_record *record);

/* The device does not count: its number may change with every mount. */
bool kith_stamp_same(const kith_stamp *a, const kith_stamp *b);

#endif
