/* SPDX-License-Identifier: MIT
 *
 * Text as a picture, in any script that the machine has a font for. Pango does it, over FreeType alone
 * (cairo would bring X11's libraries along). One thread at a time.
 */
#ifndef KITH_QUERY_LABEL_H
#define KITH_QUERY_LABEL_H

#include <stdbool.h>

#include "proto/status.h"

typedef struct kith_labels kith_labels; /* the fonts */

/* KITH_E_IO: libkith-label.so, or what it needs, is not there. */
kith_status kith_labels_open(kith_labels **out, kith_error *err);
void kith_labels_close(kith_labels **labels); /* takes NULL, sets NULL */

/* How much of each pixel the text covers, 0..255, rows without padding; owned. */
typedef struct kith_label {
    int width, height;
    unsigned char *coverage;
} kith_label;

/* One line, bold, about `size` pixels high, as wide as it needs but at most `widest` (the end becomes an
 * ellipsis). Text that is not printable UTF-8 is escaped.
 */
kith_status kith_label_make(kith_label *out, kith_labels *labels, const char *text, int size, int widest,
                            kith_error *err);
void kith_label_clear(kith_label *label);

#endif
