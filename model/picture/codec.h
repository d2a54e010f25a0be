/* SPDX-License-Identifier: MIT
 *
 * What picture.c asks of the two decoders. Both: `out` was zeroed by the caller, who clears it on errors.
 */
#ifndef KITH_MODEL_PICTURE_CODEC_H
#define KITH_MODEL_PICTURE_CODEC_H

#include "model/picture/picture.h"

/* A file in memory; everything is borrowed. */
typedef struct kith_encoded {
    const unsigned char *bytes;
    size_t size;
    kith_decode_options options;
    const char *where;
} kith_encoded;

/* Everything of *out but the pixels, and the bytes that decoding takes. */
kith_status kith_jpeg_measure(kith_picture *out, size_t *memory, const kith_encoded *file, kith_error *err);
kith_status kith_png_measure(kith_picture *out, size_t *memory, const kith_encoded *file, kith_error *err);

kith_status kith_jpeg_decode(kith_picture *out, const kith_encoded *file, kith_error *err);
kith_status kith_png_decode(kith_picture *out, const kith_encoded *file, kith_error *err);

/* KITH_E_LIMIT when width x height is more than options.max_pixels. */
kith_status kith_check_pixels(const kith_encoded *file, uint64_t width, uint64_t height, kith_error *err);

#endif
