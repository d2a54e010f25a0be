/* SPDX-License-Identifier: MIT
 *
 * Area average in exact integers. Along an axis of n source and m <= n target pixels, both are laid over n x
 * m units: source pixel i covers [i m, (i + 1) m), target pixel k covers [k n, (k + 1) n), and the weight of
 * i in k is the length of what they share. Weights of a target pixel add up to source width x source height.
 *
 * Rows first: a column sum is at most 255 x source height, which 32 bits hold; then columns, in 64 bits.
 */
#include <assert.h>

#include "model/picture/picture.h"

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_ADDRESS__) &&                       \
    !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

/* sums += weight * row */
CLONES static void add_row(uint32_t *restrict sums, const unsigned char *restrict row, uint32_t weight,
                           size_t count) {
    for (size_t i = 0; i < count; i++)
        sums[i] += weight * row[i];
}

static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* One row of the target from the sums of its columns. area: the sum of all weights of a pixel. */
static void reduce_columns(unsigned char *out, const uint32_t *sums, uint64_t width, uint64_t source_width,
                           uint64_t area) {
    double scale = 1.0 / (double)area;
    uint64_t x = 0, left = width; /* left: units of source pixel x that no target pixel had yet */
    for (uint64_t k = 0; k < width; k++) {
        uint64_t sum[3] = {0, 0, 0};
        for (uint64_t wanted = source_width; wanted > 0;) {
            uint64_t weight = smaller(left, wanted);
            for (size_t c = 0; c < 3; c++)
                sum[c] += weight * sums[3 * x + c];
            wanted -= weight;
            left -= weight;
            if (left == 0) {
                x++;
                left = width;
            }
        }
        for (size_t c = 0; c < 3; c++) {
            /* floor(sum / area + 1/2): the floating quotient may be one off just at a step */
            uint64_t twice = 2 * sum[c] + area;
            uint64_t value = (uint64_t)((double)sum[c] * scale + 0.5);
            value -= value * 2 * area > twice;
            value += (value + 1) * 2 * area <= twice;
            out[3 * k + c] = (unsigned char)value;
        }
    }
}

kith_status kith_resize_area(unsigned char *out, size_t out_stride, int width, int height,
                             const unsigned char *rgb, int source_width, int source_height, kith_error *err) {
    assert(width >= 1 && height >= 1 && width <= source_width && height <= source_height);
    /* 2 x 255 x area and the column sums must fit: true for every picture below 2^24 rows and 2^54 pixels. */
    assert(source_height < 1 << 24);
    size_t count = (size_t)source_width * 3;
    uint64_t area = (uint64_t)source_width * (uint64_t)source_height;
    uint32_t *sums = malloc(count * sizeof *sums);
    if (!sums)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to reduce a picture");
    uint64_t left = (uint64_t)height; /* units of the current source row that no target row had yet */
    for (int k = 0; k < height; k++, out += out_stride) {
        memset(sums, 0, count * sizeof *sums);
        for (uint64_t wanted = (uint64_t)source_height; wanted > 0;) {
            uint64_t weight = smaller(left, wanted);
            add_row(sums, rgb, (uint32_t)weight, count);
            wanted -= weight;
            left -= weight;
            if (left == 0) {
                rgb += count;
                left = (uint64_t)height;
            }
        }
        reduce_columns(out, sums, (uint64_t)width, (uint64_t)source_width, area);
    }
    free(sums);
    return KITH_OK;
}
