/* SPDX-License-Identifier: MIT */
#include "model/report/thumbnail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/picture/file.h"

static const float MARGIN = 0.25F;

typedef struct part {
    int x, y, width, height;
} part;

static int within(float value, int most) {
    return value > 0 ? value < (float)most ? (int)value : most : 0;
}

/* In pixels of the working picture; at least one. */
static part part_of(const kith_picture *picture, const float box[4]) {
    float scale = (float)picture->width / (float)picture->full_width;
    float side = fmaxf(box[2], box[3]) * (1 + 2 * MARGIN) * scale;
    float left = (box[0] + box[2] / 2) * scale - side / 2, top = (box[1] + box[3] / 2) * scale - side / 2;
    part p = {.x = within(left, picture->width - 1), .y = within(top, picture->height - 1)};
    p.width = within(left + side, picture->width) - p.x;
    p.height = within(top + side, picture->height) - p.y;
    p.width = p.width < 1 ? 1 : p.width;
    p.height = p.height < 1 ? 1 : p.height;
    return p;
}

static kith_status cut(kith_picture *out, const kith_picture *picture, part p, const char *path,
                       kith_error *err) {
    size_t row = (size_t)p.width * 3;
    unsigned char *rgb = malloc(row * (size_t)p.height);
    int longest = p.width > p.height ? p.width : p.height;
    double scale = longest > KITH_THUMBNAIL_SIDE ? (double)KITH_THUMBNAIL_SIDE / longest : 1;
    out->width = (int)fmax(1, p.width * scale);
    out->height = (int)fmax(1, p.height * scale);
    out->rgb = malloc((size_t)out->width * (size_t)out->height * 3);
    kith_status status = KITH_E_MEMORY;
    if (!rgb || !out->rgb)
        kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for a small picture of it");
    for (int y = 0; rgb && y < p.height; y++)
        memcpy(rgb + (size_t)y * row,
               picture->rgb + ((size_t)(p.y + y) * (size_t)picture->width + (size_t)p.x) * 3, row);
    if (rgb && out->rgb)
        status = kith_resize_area(out->rgb, (size_t)out->width * 3, out->width, out->height, rgb, p.width,
                                  p.height, err);
    free(rgb);
    return status;
}

kith_status kith_thumbnail(void **out, size_t *size, const char *path, const float box[4],
                           const kith_decode_options *options, kith_error *err) {
    void *bytes = NULL;
    size_t length = 0;
    kith_picture picture = {0}, small = {0};
    kith_status status = kith_file_read(&bytes, &length, path, err);
    if (status == KITH_OK)
        status = kith_picture_decode(&picture, bytes, length, options, path, err);
    if (status == KITH_OK)
        status = cut(&small, &picture, part_of(&picture, box), path, err);
    if (status == KITH_OK)
        status = kith_picture_jpeg(out, size, &small, path, err);
    kith_picture_clear(&small);
    kith_picture_clear(&picture);
    free(bytes);
    return status;
}
