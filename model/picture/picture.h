/* SPDX-License-Identifier: MIT
 *
 * From a file's bytes to pixels: JPEG and PNG to RGB8 as a viewer would show them, with the size of the whole
 * picture and the time it was taken. The kind is read from the content, never from a name. Limits hold before
 * memory is taken. Every function is thread-safe.
 *
 * As shown: turned by EXIF's orientation (XMP's is not read), alpha on white, CMYK converted as Adobe stores
 * it (with or without its marker), 16 bits rounded to 8; gamma and colour profiles are ignored. Of files with
 * several pictures (MPO, gain maps, animations) the first.
 */
#ifndef KITH_MODEL_PICTURE_PICTURE_H
#define KITH_MODEL_PICTURE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/point.h"
#include "proto/status.h"

typedef enum kith_format {
    KITH_FORMAT_NONE, /* no picture's signature */
    KITH_FORMAT_JPEG,
    KITH_FORMAT_PNG,
    KITH_FORMAT_HEIC, /* from here on: recognised, not read */
    KITH_FORMAT_AVIF,
    KITH_FORMAT_WEBP,
    KITH_FORMAT_GIF,
    KITH_FORMAT_BMP,
    KITH_FORMAT_TIFF,
} kith_format;

enum { KITH_SNIFF_SIZE = 32 }; /* bytes of a file's beginning that tell its kind */

kith_format kith_format_of_bytes(const void *bytes, size_t size);
const char *kith_format_name(kith_format format); /* "JPEG", "HEIC"; "no picture" */

/* Whether a file's name ends like a picture's (jpg jpeg jpe jfif png heic heif avif webp gif bmp tif tiff;
 * any case). */
bool kith_format_extension(const char *path);

/* Pixels as displayed. width x height is the working picture, full_* the displayed picture at full size: they
 * differ when a large JPEG was decoded at a smaller scale. Owned by whoever called kith_picture_decode().
 */
typedef struct kith_picture {
    int width, height;
    int full_width, full_height;
    unsigned char *rgb;         /* height rows of width x 3 bytes, no padding */
    char taken[KITH_TIME_SIZE]; /* EXIF DateTimeOriginal as RFC 3339 (the camera's clock; its zone, or Z when
                                   the file names none), "" when there is none */
} kith_picture;

/* NULL in its place, or all zero: the defaults. */
typedef struct kith_decode_options {
    uint64_t max_pixels; /* of the full picture; more is KITH_E_LIMIT before any pixel is decoded; 0:
                            KITH_MAX_PIXELS */
    bool accept_damaged; /* take what decodes of a damaged file (missing rows grey), else KITH_E_FORMAT */
    bool full_size;      /* no scaled decoding: --draw and tests want every pixel */
} kith_decode_options;

enum {
    KITH_MAX_PIXELS = 200 * 1000 * 1000,
    KITH_WORKING_SIDE = 2048,
    KITH_FILE_MOST =
        1 << 30, /* bytes of a file, for whoever reads it: 200 megapixels as they are have 800 MB */
};

/* The size a decode would have, without decoding: displayed full size, and the bytes of memory that decoding
 * takes (for budgets). Errors as kith_picture_decode().
 */
kith_status kith_picture_measure(const void *bytes, size_t size, int *full_width, int *full_height,
                                 size_t *memory, const kith_decode_options *options, const char *where,
                                 kith_error *err);

/* Decodes. JPEG uses libjpeg-turbo's scaled decoding: the smallest of 8/8, 4/8, 2/8, 1/8 whose longest side
 * is at least KITH_WORKING_SIDE, else 8/8. Errors: KITH_E_FORMAT damaged, cut short, unknown, or a kind that
 * is not read (named); KITH_E_LIMIT; KITH_E_MEMORY. `where` names the file in errors. On error *out is
 * zeroed.
 */
kith_status kith_picture_decode(kith_picture *out, const void *bytes, size_t size,
                                const kith_decode_options *options, const char *where, kith_error *err);

void kith_picture_clear(kith_picture *picture); /* frees the pixels, zeroes it */

/* Writes RGB8 as PNG, or JPEG (quality 92) when the path ends in .jpg or .jpeg; a file is whole or the old
 * one (proto/replace.h), a device or FIFO is written to. "-" is standard output (PNG). KITH_E_IO.
 */
kith_status kith_picture_write(const kith_picture *picture, const char *path, kith_error *err);

/* The same as a JPEG in memory, newly allocated; `where` names it in errors. */
kith_status kith_picture_jpeg(void **out, size_t *size, const kith_picture *picture, const char *where,
                              kith_error *err);

/* Area average to width x height, both at most the source's: each target pixel is the mean of the source area
 * that it covers (fractional edges weighted), rounded half up. rgb rows are tight; out is width x height x 3
 * with rows of out_stride bytes. Step 2 of the pipeline (HACKING.md). Returns KITH_E_MEMORY or KITH_OK.
 */
kith_status kith_resize_area(unsigned char *out, size_t out_stride, int width, int height,
                             const unsigned char *rgb, int source_width, int source_height, kith_error *err);

#endif
