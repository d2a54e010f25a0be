/* SPDX-License-Identifier: MIT
 *
 * The two things that kith wants from EXIF: how the picture is turned, and when it was taken.
 *
 * An own reader of ~100 lines instead of libexif: libexif copies the whole block into a tree and parses every
 * camera's maker notes on the way (its CVEs of 2020 and 2026 lie there), which cannot be switched off; this
 * one visits two directories, follows one pointer, allocates nothing.
 */
#ifndef KITH_MODEL_PICTURE_EXIF_H
#define KITH_MODEL_PICTURE_EXIF_H

#include <stddef.h>

#include "proto/point.h"

typedef struct kith_exif {
    int orientation;            /* 1..8 as EXIF numbers them; 1 when the file does not say, or nonsense */
    char taken[KITH_TIME_SIZE]; /* see struct kith_picture */
} kith_exif;

/* Reads a TIFF block ("II*\0..." or "MM\0*...": what follows "Exif\0\0" in a JPEG, the content of PNG's
 * eXIf). Never fails: what is damaged is as if it were not there.
 */
void kith_exif_read(kith_exif *out, const unsigned char *tiff, size_t size);

#endif
