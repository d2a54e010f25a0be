/* SPDX-License-Identifier: MIT
 *
 * A file that is whole or the old one: written without a name in its folder, or beside its own where the file
 * system knows no such files, flushed to the disk, then renamed.
 */
#ifndef KITH_PROTO_REPLACE_H
#define KITH_PROTO_REPLACE_H

#include <stdbool.h>
#include <stdio.h>

#include "proto/status.h"

typedef struct kith_replacement {
    FILE *file;        /* to write to */
    const char *path;  /* borrowed */
    char target[4096]; /* what a link leads to */
    char name[4096];   /* of the file meanwhile */
    bool nameless;     /* it gets this name when it is whole */
} kith_replacement;

/* A file that is there is replaced by one of the same owner and access, where links to it lead. KITH_E_IO:
 * cannot be made, may not be written, or is no regular file (a device would be replaced).
 */
kith_status kith_replace_begin(kith_replacement *out, const char *path, kith_error *err);

/* To be called after each begin that succeeded, with what became of the writing: KITH_OK, and everything
 * arrived on the disk, puts the file in its place; else the old one stays. Returns that status, or KITH_E_IO.
 */
kith_status kith_replace_end(kith_replacement *replacement, kith_status status, kith_error *err);

#endif
