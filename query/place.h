/* SPDX-License-Identifier: MIT
 *
 * Where the label of a face goes on a picture: beside its box, inside the picture, off other faces and other
 * labels where that can be had. Pure geometry.
 */
#ifndef KITH_QUERY_PLACE_H
#define KITH_QUERY_PLACE_H

#include <stddef.h>

typedef struct kith_rectangle {
    int x, y, width, height;
} kith_rectangle;

long kith_overlap(const kith_rectangle *a, const kith_rectangle *b); /* pixels that both cover */

/* Sets x and y of label (width and height are given, at most the picture's) for faces[index]; `placed` are
 * the labels that are there already.
 */
void kith_place_label(kith_rectangle *label, int picture_width, int picture_height,
                      const kith_rectangle *faces, size_t face_count, size_t index,
                      const kith_rectangle *placed, size_t placed_count);

#endif
