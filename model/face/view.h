/* SPDX-License-Identifier: MIT
 *
 * A picture seen in one of four quarter turns, without copying it: steps in bytes instead of rows. `turn` n
 * is the picture turned n times 90 degrees clockwise.
 */
#ifndef KITH_MODEL_FACE_VIEW_H
#define KITH_MODEL_FACE_VIEW_H

#include <stddef.h>

typedef struct kith_view {
    const unsigned char *origin; /* RGB of pixel (0, 0) as seen */
    ptrdiff_t right, down;       /* bytes to the next pixel as seen */
    int width, height;           /* as seen */
    int turn;
} kith_view;

kith_view kith_view_of(const unsigned char *rgb, int width, int height, int turn);

/* A copy of the view's pixels: rows of `stride` bytes. */
void kith_view_copy(const kith_view *view, unsigned char *out, size_t stride);

/* Luma (0.299 R + 0.587 G + 0.114 B, rounded half up) of the view's pixels: width x height bytes. */
void kith_view_luma(const kith_view *view, unsigned char *out);

/* Pixel centres at integers: a place as seen, in the picture itself, and the reverse. */
void kith_view_point_back(const kith_view *view, const float seen[2], float out[2]);
void kith_view_point(const kith_view *view, const float point[2], float seen[2]);

/* A box (x, y, width, height; edges, not centres) as seen, in the picture itself. */
void kith_view_box_back(const kith_view *view, const float seen[4], float out[4]);

#endif
