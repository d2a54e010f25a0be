/* SPDX-License-Identifier: MIT */
#include "model/picture/picture.h"

#include <inttypes.h>

#include "model/picture/codec.h"

kith_status kith_check_pixels(const kith_encoded *file, uint64_t width, uint64_t height, kith_error *err) {
    if (width * height <= file->options.max_pixels)
        return KITH_OK;
    return kith_fail(err, KITH_E_LIMIT, 0, file->where,
                     "%" PRIu64 " x %" PRIu64 " pixels are more than the limit of %" PRIu64
                     " (--max-pixels raises it)",
                     width, height, file->options.max_pixels);
}

static kith_encoded encoded(const void *bytes, size_t size, const kith_decode_options *options,
                            const char *where) {
    kith_encoded file = {.bytes = bytes, .size = size, .where = where};
    if (options)
        file.options = *options;
    if (file.options.max_pixels == 0)
        file.options.max_pixels = KITH_MAX_PIXELS;
    return file;
}

static kith_status refuse(const kith_encoded *file, kith_format format, kith_error *err) {
    if (format != KITH_FORMAT_NONE)
        return kith_fail(err, KITH_E_FORMAT, 0, file->where, "%s is not read (convert it to JPEG)",
                         kith_format_name(format));
    return kith_fail(err, KITH_E_FORMAT, 0, file->where,
                     file->size == 0 ? "empty file" : "no picture: neither JPEG nor PNG by its content");
}

kith_status kith_picture_measure(const void *bytes, size_t size, int *full_width, int *full_height,
                                 size_t *memory, const kith_decode_options *options, const char *where,
                                 kith_error *err) {
    kith_encoded file = encoded(bytes, size, options, where);
    kith_picture picture = {0};
    kith_status status;
    kith_format format = kith_format_of_bytes(bytes, size);
    if (format == KITH_FORMAT_JPEG)
        status = kith_jpeg_measure(&picture, memory, &file, err);
    else if (format == KITH_FORMAT_PNG)
        status = kith_png_measure(&picture, memory, &file, err);
    else
        status = refuse(&file, format, err);
    *full_width = picture.full_width;
    *full_height = picture.full_height;
    return status;
}

kith_status kith_picture_decode(kith_picture *out, const void *bytes, size_t size,
                                const kith_decode_options *options, const char *where, kith_error *err) {
    kith_encoded file = encoded(bytes, size, options, where);
    *out = (kith_picture){0};
    kith_status status;
    kith_format format = kith_format_of_bytes(bytes, size);
    if (format == KITH_FORMAT_JPEG)
        status = kith_jpeg_decode(out, &file, err);
    else if (format == KITH_FORMAT_PNG)
        status = kith_png_decode(out, &file, err);
    else
        status = refuse(&file, format, err);
    if (status != KITH_OK)
        kith_picture_clear(out);
    return status;
}

void kith_picture_clear(kith_picture *picture) {
    free(picture->rgb);
    *picture = (kith_picture){0};
}
