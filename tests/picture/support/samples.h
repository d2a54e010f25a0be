/* SPDX-License-Identifier: MIT
 *
 * Pictures made at test time: bytes of JPEG and PNG files of every kind from known samples, EXIF blocks, and
 * what tests do with bytes. Everything aborts without memory: this is test code.
 */
#ifndef KITH_TESTS_PICTURE_SAMPLES_H
#define KITH_TESTS_PICTURE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/picture/picture.h"

typedef struct bytes {
    unsigned char *data; /* malloc */
    size_t size;
} bytes;

bytes bytes_of_file(const char *path); /* data NULL: cannot be read */
bytes bytes_copy(const void *data, size_t size);

/* `what` put in at `at`. */
bytes bytes_insert(bytes whole, size_t at, const void *what, size_t size);

/* Smooth colours with some detail: width x height RGB8. */
unsigned char *sample_rgb(int width, int height);

/* The pixels of `rgb` as a file with this EXIF orientation would store them (its displayed form is `rgb`);
 * *stored_width, *stored_height: their size. The plain definition of EXIF, pixel by pixel.
 */
unsigned char *sample_stored(const unsigned char *rgb, int width, int height, int orientation,
                             int *stored_width, int *stored_height);

typedef struct jpeg_kind {
    int components; /* 1 grey, 3 colour, 4 CMYK; of the samples */
    int space;      /* J_COLOR_SPACE in the file; JCS_YCCK, JCS_RGB, ...; 0: the usual one */
    int h, v;       /* sampling of the first component; 0: 1 x 1 */
    int quality;    /* 0: 95 */
    int scans;      /* grey only: that many progressive scans, at most 64: DC, then one coefficient each */
    bool progressive, arithmetic;
    unsigned restart; /* MCUs between restart markers */
} jpeg_kind;

bytes sample_jpeg(const unsigned char *samples, int width, int height, jpeg_kind kind);

typedef struct png_kind {
    int colour, depth; /* PNG's colour type and bit depth */
    bool interlaced;
    const unsigned char *palette; /* RGB, colours of them */
    int colours;
    const unsigned char *transparent; /* tRNS's content */
    size_t transparent_size;
} png_kind;

/* rows: as PNG packs them (big-endian 16 bits, pixels below 8 bits packed). */
bytes sample_png(const unsigned char *rows, int width, int height, png_kind kind);

bytes png_insert_chunk(bytes png, const char *type, const void *content, size_t size); /* after IHDR */
bytes jpeg_insert_segment(bytes jpeg, int marker, const void *content, size_t size);   /* after SOI */

enum { EXIF_SIZE = 128 };

/* A TIFF block with an orientation, and DateTimeOriginal and OffsetTimeOriginal when not NULL (19 and 6
 * characters).
 */
void sample_exif(unsigned char out[EXIF_SIZE], bool big_endian, unsigned orientation, const char *date,
                 const char *zone);

bytes jpeg_insert_exif(bytes jpeg, const unsigned char exif[EXIF_SIZE]);

/* Largest and mean difference of two pictures of equal size. */
int largest_difference(const unsigned char *a, const unsigned char *b, size_t count);
double mean_difference(const unsigned char *a, const unsigned char *b, size_t count);

/* Decodes with the default options; aborts when that fails. */
kith_picture decoded(bytes file);

#endif
