/* SPDX-License-Identifier: MIT
 *
 * Text as a picture, by Pango (any script that the machine has a font for) over FreeType alone: no cairo, no
 * X11 libraries in a program that seldom draws. Fonts are looked for when the first label is made. One thread
 * at a time.
 */
#ifndef KITH_QUERY_LABEL_H
#define KITH_QUERY_LABEL_H

#include "proto/status.h"

typedef struct kith_labels kith_labels; /* the fonts */

kith_status kith_labels_open(kith_labels **out, kith_error *err);
void kith_labels_close(kith_labels **labels); /* takes NULL, sets NULL */

/* How much of each pixel the text covers, 0..255, rows without padding; owned. */
typedef struct kith_label {
    int width, height;
    unsigned char *coverage;
} kith_label;

/* One line, bold, `size` pixels from line to line, as wide as it needs but at most `widest` (the end becomes
 * an ellipsis). Text that is not printable UTF-8 is escaped.
 */
kith_status kith_label_make(kith_label *out, kith_labels *labels, const char *text, int size, int widest,
                            kith_error *err);
void kith_label_clear(kith_label *label);

#endif
