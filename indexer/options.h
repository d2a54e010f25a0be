/* SPDX-License-Identifier: MIT
 *
 * Option rows that several commands of kith-index share.
 */
#ifndef KITH_INDEXER_OPTIONS_H
#define KITH_INDEXER_OPTIONS_H

#include "indexer/run.h"

/* Which gallery. Every command's struct begins with it. */
typedef struct kith_gallery_choice {
    const char *gallery;
} kith_gallery_choice;

enum { GALLERY_ROWS = 1, WORK_ROWS = 6, WORK_ROWS_OF_REINDEX = 4 };
extern const kith_option kith_gallery_rows[GALLERY_ROWS];

/* jobs, memory, log, json; and, for `add` only, force and dry-run */
extern const kith_option kith_work_rows[WORK_ROWS];

#define GALLERY_GROUP(offset)                                                                                \
    { "Gallery", kith_gallery_rows, GALLERY_ROWS, (offset) }

#define WORK_DEFAULTS                                                                                        \
    { .memory = (size_t)1 << 30 }

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#endif
