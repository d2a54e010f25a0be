/* SPDX-License-Identifier: MIT
 *
 * Which files a command means: operands (files, folders and all below them) in the order of their bytes, then
 * the lines of a list. Nothing is opened but folders: a FIFO or device in the tree cannot make it wait. Links
 * to files are followed, links to folders are not (operands are); a folder inside of itself is refused, so
 * the walk always ends. The list is never in memory as a whole; of a folder the names are. One thread.
 */
#ifndef KITH_INDEXER_FILES_WALK_H
#define KITH_INDEXER_FILES_WALK_H

#include "indexer/files/stamp.h"
#include "proto/command/option.h"
#include "proto/status.h"

typedef struct kith_walk_options {
    const char *const *operands;
    size_t operand_count;
    const char *list;  /* a file of paths, "-": standard input, NULL: none; relative to the current folder */
    int list_fd;       /* or an open file of them, when > 0; the walk closes it */
    char delimiter;    /* between the list's paths */
    kith_list exclude; /* shell patterns: met by the path below its operand, or by the name; not seen at all
                        */
} kith_walk_options;

typedef enum kith_walk_kind {
    KITH_WALK_FILE,   /* a regular file, with its stamp */
    KITH_WALK_OTHER,  /* no file to look into: reason says what it is */
    KITH_WALK_FAILED, /* err says why */
    KITH_WALK_LATER,  /* the list has nothing at the moment */
    KITH_WALK_END,
} kith_walk_kind;

typedef struct kith_walk_entry {
    kith_walk_kind kind;
    const char *path; /* absolute; until the next call */
    kith_stamp stamp;
    const char *reason;
    kith_error err;
} kith_walk_entry;

typedef struct kith_walk kith_walk;

/* KITH_E_IO: the list cannot be opened. `options` and what it points to must outlive the walk. */
kith_status kith_walk_open(kith_walk **out, const kith_walk_options *options, kith_error *err);
void kith_walk_close(kith_walk **walk);

/* The next entry. A status other than KITH_OK ends the walk: no memory, or the list cannot be read on. */
kith_status kith_walk_next(kith_walk *walk, kith_walk_entry *out, kith_error *err);

#endif
