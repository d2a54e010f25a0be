/* SPDX-License-Identifier: MIT
 *
 * libkith-label.so, the part of kith-query that knows Pango and FreeType, as one table of functions. It is
 * loaded when something is drawn: linked, the 18 libraries behind it would cost every run of kith-query 5 ms
 * of processor time.
 */
#ifndef KITH_QUERY_LABEL_PANGO_H
#define KITH_QUERY_LABEL_PANGO_H

#include "query/label.h"

typedef struct kith_label_library {
    void *(*open)(void); /* fonts; NULL: no memory */
    void (*close)(void *fonts);
    /* As kith_label_make(), of printable text; false: no memory. */
    bool (*make)(kith_label *out, void *fonts, const char *text, int size, int widest);
} kith_label_library;

#define KITH_LABEL_TABLE "kith_label_pango"
__attribute__((visibility("default"))) extern const kith_label_library kith_label_pango;

#endif
