/* SPDX-License-Identifier: MIT
 *
 * Any bytes through decoding, strict and accepting damage, and what was decoded through the reduction. What
 * kith_picture_measure() said must hold.
 */
#include "model/picture/picture.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

static void reduce(const kith_picture *picture) {
    int width = (picture->width + 2) / 3, height = (picture->height + 1) / 2;
    size_t stride = (size_t)width * 3;
    unsigned char *out = malloc(stride * (size_t)height);
    if (!out || kith_resize_area(out, stride, width, height, picture->rgb, picture->width, picture->height,
                                 NULL) != KITH_OK)
        abort();
    free(out);
}

static void decode(const unsigned char *bytes, size_t size, const kith_decode_options *options) {
    kith_error err = {0}, measure_err = {0};
    kith_picture picture;
    int width = 0, height = 0;
    size_t memory = 0;
    kith_status measured =
        kith_picture_measure(bytes, size, &width, &height, &memory, options, "fuzz", &measure_err);
    kith_status decoded = kith_picture_decode(&picture, bytes, size, options, "fuzz", &err);
    if (decoded == KITH_OK) {
        if (measured != KITH_OK || width != picture.full_width || height != picture.full_height ||
            memory < (size_t)picture.width * (size_t)picture.height * 3)
            abort();
        reduce(&picture);
    } else if (picture.rgb || err.code != decoded || !err.text[0]) {
        abort();
    }
    kith_picture_clear(&picture);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size) {
    kith_decode_options options = {.max_pixels = 1000000};
    decode(bytes, size, &options);
    options.accept_damaged = true;
    options.full_size = true;
    decode(bytes, size, &options);
    return 0;
}
