/* SPDX-License-Identifier: MIT
 *
 * Where the label of a face goes on a picture: beside its box, inside the picture, off other faces and other
 * labels where that can be had. Pure geometry.
 */
#ifndef KITH_QUERY_PLACE_H
#define KITH_QUERY_PLACE_H

#include <stddef.h>

typedef struct kith_box {
    int x, y, width, height;
} kith_box;

long kith_overlap(const kith_box *a, const kith_box *b); /* pixels that both cover */

/* Sets x and y of label (width and height are given, at most the picture's) for faces[index]; `placed` are
 * the labels that are there already.
 */
void kith_place_label(kith_box *label, int picture_width, int picture_height, const kith_box *faces,
                      size_t face_count, size_t index, const kith_box *placed, size_t placed_count);

#endif
