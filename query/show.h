/* SPDX-License-Identifier: MIT
 *
 * The answers of identify as people read them: a row for each face, and in words why.
 */
#ifndef KITH_QUERY_SHOW_H
#define KITH_QUERY_SHOW_H

#include "proto/result.h"
#include "query/columns.h"

typedef struct kith_show {
    kith_columns table;
    bool headed;  /* the titles are printed */
    bool explain; /* in words under each row */
    size_t top;   /* persons named for each face */
} kith_show;

void kith_show_start(kith_show *show, bool color, bool explain, size_t top);

/* A photo that will be shown: its column is made wide enough. */
void kith_show_expect(kith_show *show, const char *photo);

kith_status kith_show_answer(kith_show *show, const kith_answer *answer, kith_error *err);

#endif
