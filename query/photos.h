/* SPDX-License-Identifier: MIT
 *
 * The photos of a run, one after the other: the operands, then the lines of a list, read as they come.
 */
#ifndef KITH_QUERY_PHOTOS_H
#define KITH_QUERY_PHOTOS_H

#include "proto/command/option.h"
#include "proto/lines.h"

typedef struct kith_photos {
    const char *const *operands;
    size_t left;      /* of the operands */
    kith_lines *list; /* NULL: there is none */
    const char *where;
} kith_photos;

/* list: a file of names, "-" standard input, NULL none. KITH_E_USAGE: no photo at all, or standard input
 * asked for twice.
 */
kith_status kith_photos_open(kith_photos *out, const kith_arguments *arguments, const char *list, bool nul,
                             kith_error *err);

/* The next one; NULL after the last, until the next call. A line of the list that is no path sets *failure,
 * and *out names the list.
 */
kith_status kith_photos_next(kith_photos *photos, const char **out, kith_error *failure, kith_error *err);
void kith_photos_close(kith_photos *photos);

#endif
