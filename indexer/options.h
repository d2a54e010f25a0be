/* SPDX-License-Identifier: MIT
 *
 * Option rows that several commands of kith-index share.
 */
#ifndef KITH_INDEXER_OPTIONS_H
#define KITH_INDEXER_OPTIONS_H

#include "indexer/stages/run.h"
#include "proto/gallery_options.h"

enum { WORK_ROWS = 6, WORK_ROWS_OF_REINDEX = 4, WORK_ROWS_OF_VERIFY = 3 };

/* jobs, memory, log, json; and, for `add` only, force and dry-run */
extern const kith_option kith_work_rows[WORK_ROWS];

#define WORK_DEFAULTS                                                                                        \
    { .memory = (size_t)1 << 30 }

/* Files that a walk does not see; the struct has a kith_list `exclude`. */
#define EXCLUDE_ROW(choice)                                                                                  \
    {                                                                                                        \
        .name = "exclude", .type = KITH_OPTION_LIST, .offset = offsetof(choice, exclude),                    \
        .value = "PATTERN",                                                                                  \
        .help = "Pass over files and folders whose name, or path below PATH, meets the shell pattern"        \
    }

/* The key of the gallery that a command writes beside the one it reads; the struct has a `to_key_file`. */
#define TO_KEY_ROW(choice)                                                                                   \
    {                                                                                                        \
        .name = "to-api-key-file", .type = KITH_OPTION_TEXT, .offset = offsetof(choice, to_key_file),        \
        .value = "FILE", .only_here = true,                                                                  \
        .help = "File with the API key of --to when that is on another server, '' for none"                  \
    }

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#endif
