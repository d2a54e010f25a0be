/* SPDX-License-Identifier: MIT
 *
 * Which points of a gallery are meant: conditions that must all hold. Plain data, so that each backend turns
 * it into its own language (SQL; Qdrant's filter object); both mean the same, and the contract suite says so.
 */
#ifndef KITH_PROTO_FILTER_H
#define KITH_PROTO_FILTER_H

#include <stddef.h>

#include "proto/status.h"

typedef enum kith_field {
    KITH_FIELD_ID,     /* text: the point's id */
    KITH_FIELD_PERSON, /* text; comparing with NULL by KITH_EQUAL / KITH_NOT_EQUAL: unnamed / named; a face
                          without a name is not equal to any name */
    KITH_FIELD_PATH,   /* text: any of the point's paths, true bytes; KITH_UNDER: it, or what lies below it */
    KITH_FIELD_SHA256,
    KITH_FIELD_PIPELINE,
    KITH_FIELD_RUN,
    KITH_FIELD_TAKEN, /* text: RFC 3339 or a prefix of it (2024, 2024-05); points without the field never
                         match */
    KITH_FIELD_SCORE, /* number */
    KITH_FIELD_EYES,  /* number */
    KITH_FIELD_FACE,  /* number */
} kith_field;

typedef enum kith_comparison {
    KITH_EQUAL,
    KITH_NOT_EQUAL,
    KITH_LESS,
    KITH_LESS_EQUAL,
    KITH_GREATER,
    KITH_GREATER_EQUAL,
    KITH_UNDER, /* KITH_FIELD_PATH only */
} kith_comparison;

typedef struct kith_condition {
    kith_field field;
    kith_comparison comparison;
    const char *text; /* for text fields; borrowed */
    double number;    /* for number fields */
} kith_condition;

enum { KITH_FILTER_MOST = 16 };

/* Zero conditions: every point. NULL in place of a filter means the same. */
typedef struct kith_filter {
    kith_condition conditions[KITH_FILTER_MOST];
    size_t count;
} kith_filter;

/* Adds one condition; the text is borrowed. Texts other than KITH_FIELD_TAKEN know only KITH_EQUAL and
 * KITH_NOT_EQUAL; numbers are compared as floats. KITH_E_USAGE: too many, a comparison that the field does
 * not have, or a value that the field cannot have.
 */
kith_status kith_filter_text(kith_filter *filter, kith_field field, kith_comparison comparison,
                             const char *text, kith_error *err);
kith_status kith_filter_number(kith_filter *filter, kith_field field, kith_comparison comparison,
                               double number, kith_error *err);

/* The same check for a filter that was filled by hand; galleries make it on every call. NULL is fine. */
kith_status kith_filter_check(const kith_filter *filter, kith_error *err);

/* Adds the conditions of a `--filter` text: `person=Ann Lee,taken>=2024-05,eyes>20`. Fields: person, path,
 * taken, score, eyes, face, sha256, run, id; comparisons = != < <= > >=, `path^=` for KITH_UNDER; `person=`
 * (nothing after it) means unnamed and `person!=` named. A backslash takes the next character as it is (a
 * comma in a name). Texts live in *storage, newly allocated, to be freed by the caller after the filter;
 * freed and NULL on error. KITH_E_USAGE names the part that is not understood.
 */
kith_status kith_filter_parse(kith_filter *filter, char **storage, const char *text, kith_error *err);

#endif
