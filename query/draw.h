/* SPDX-License-Identifier: MIT
 *
 * Answers painted into a picture: a frame around each face and a label beside it, coloured by the decision.
 * The colours are told apart with any kind of colour blindness, and the label's text says the same in words.
 * Sizes follow the picture, so that a label is readable on a thumbnail and on 50 megapixels.
 */
#ifndef KITH_QUERY_DRAW_H
#define KITH_QUERY_DRAW_H

#include "model/picture/picture.h"
#include "proto/result.h"

typedef struct kith_mark {
    float box[4]; /* x, y, width, height in pixels of the picture */
    kith_decision decision;
    char text[160]; /* "Ann Lee 0.71" */
} kith_mark;

/* The mark of an answer about a face. */
void kith_mark_of(kith_mark *out, const kith_answer *answer);

/* Paints the marks. On error some may be missing. */
kith_status kith_draw_marks(kith_picture *picture, const kith_mark *marks, size_t count, kith_error *err);

#endif
