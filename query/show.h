/* SPDX-License-Identifier: MIT
 *
 * The answers of identify as people read them: a row for each face, and in words why.
 */
#ifndef KITH_QUERY_SHOW_H
#define KITH_QUERY_SHOW_H

#include "query/columns.h"
#include "query/threshold.h"

typedef struct kith_show {
    kith_columns table;
    bool headed;                   /* the titles are printed */
    const kith_certainty *explain; /* in words under each row; NULL: not */
    size_t top;                    /* persons named for each face */
} kith_show;

/* explain: how T is reached, to be told in words under each row; must outlive `show`. NULL: rows only. */
void kith_show_start(kith_show *show, bool color, const kith_certainty *explain, size_t top);

/* A photo that will be shown: its column is made wide enough. */
void kith_show_expect(kith_show *show, const char *photo);

kith_status kith_show_answer(kith_show *show, const kith_answer *answer, kith_error *err);

#endif
