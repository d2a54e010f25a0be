/* SPDX-License-Identifier: MIT
 *
 * The way of decoded rows into a displayed picture. A decoder writes rows in the order of the file; they
 * arrive turned as EXIF asks. Without a turn the decoder writes straight into the picture; with one, into a
 * strip of some rows, so that no second picture is needed.
 */
#ifndef KITH_MODEL_PICTURE_ORIENT_H
#define KITH_MODEL_PICTURE_ORIENT_H

#include <stdbool.h>

#include "model/picture/picture.h"

typedef struct kith_canvas {
    kith_picture *picture; /* borrowed; gets width, height and rgb */
    int orientation;       /* EXIF's 1..8 */
    int width, height;     /* as the file has them */
    int next;              /* rows that are done */
    int strip_rows;        /* orientation 1: no strip */
    size_t stride;         /* bytes from a row that is written to the next one */
    unsigned char *strip;
} kith_canvas;

bool kith_orientation_swaps(int orientation); /* whether width and height change places */

/* Bytes that kith_canvas_open() takes. whole: the strip holds all rows (a decoder that goes over them several
 * times). */
size_t kith_canvas_memory(int width, int height, int orientation, bool whole);

/* False: no memory. width and height are the file's, >= 1; their product times 3 fits a size_t (int does). */
bool kith_canvas_open(kith_canvas *canvas, kith_picture *picture, int width, int height, int orientation,
                      bool whole);

/* Where the next rows go, `stride` apart, and for how many there is room. */
unsigned char *kith_canvas_rows(const kith_canvas *canvas, int *room);

void kith_canvas_advance(kith_canvas *canvas, int rows); /* that many were written */

void kith_canvas_fill(kith_canvas *canvas); /* the rows that are missing become grey (128) */

void kith_canvas_close(kith_canvas *canvas); /* frees the strip; the picture stays */

#endif
