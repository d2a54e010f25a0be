/* SPDX-License-Identifier: MIT
 *
 * Compiled once for each x86-64 level, KITH_KERNELS being that level's table; see CMakeLists.txt.
 */
#include "model/network/kernels.h"

#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef float v8 __attribute__((vector_size(32), may_alias));
typedef float v8_anywhere __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t v8_mask __attribute__((vector_size(32), may_alias));

enum { LANES = 8 };

/* ---- pictures ---- */

static void split(float *restrict red, float *restrict green, float *restrict blue,
                  const unsigned char *restrict rgb, size_t pixels, const float mean[3],
                  const float scale[3]) {
    const float m0 = mean[0], m1 = mean[1], m2 = mean[2], s0 = scale[0], s1 = scale[1], s2 = scale[2];
    for (size_t i = 0; i < pixels; i++) {
        red[i] = ((float)rgb[3 * i] - m0) * s0;
        green[i] = ((float)rgb[3 * i + 1] - m1) * s1;
        blue[i] = ((float)rgb[3 * i + 2] - m2) * s2;
    }
}

static void planes_scaled(float *out, const unsigned char *rgb, size_t pixels, const float mean[3],
                          const float scale[3]) {
    split(out, out + pixels, out + 2 * pixels, rgb, pixels, mean, scale);
}

static void luma(float *restrict grey, const unsigned char *restrict rgb, size_t pixels) {
    for (size_t i = 0; i < pixels; i++) {
        float red = (float)rgb[3 * i], green = (float)rgb[3 * i + 1], blue = (float)rgb[3 * i + 2];
        grey[i] = (0.299F * red + 0.587F * green + 0.114F * blue) / 127.5F - 1;
    }
}

static void planes_grey(float *out, const unsigned char *rgb, size_t pixels) {
    luma(out, rgb, pixels);
    memcpy(out + pixels, out, pixels * sizeof *out);
    memcpy(out + 2 * pixels, out, pixels * sizeof *out);
}

/* ---- maps, by vectors: a block is one or two of them ---- */

INLINE v8 pick(v8_mask mask, v8 yes, v8 no) {
    return (v8)((mask & (v8_mask)yes) | (~mask & (v8_mask)no));
}

static void prelu(float *map, const float *slope, size_t blocks, size_t period, size_t pixels, int block) {
    size_t lanes = (size_t)block / LANES;
    v8 *at = (v8 *)map;
    for (size_t b = 0; b < blocks; b++) {
        const v8_anywhere *slopes = (const v8_anywhere *)slope + b % period * lanes;
        v8 low = slopes[0], high = slopes[lanes - 1];
        v8 *end = at + pixels * lanes;
        if (lanes == 1) {
            for (; at < end; at++)
                at[0] = pick(at[0] > 0, at[0], at[0] * low);
        } else {
            for (; at < end; at += 2) {
                at[0] = pick(at[0] > 0, at[0], at[0] * low);
                at[1] = pick(at[1] > 0, at[1], at[1] * high);
            }
        }
    }
}

INLINE v8 larger(v8 a, v8 b) {
    return pick(a > b, a, b);
}

static void max_pool(float *out, const float *map, size_t blocks, int height, int width, int block) {
    size_t lanes = (size_t)block / LANES, row = 2 * (size_t)width * lanes;
    v8 *to = (v8 *)out;
    const v8 *from = (const v8 *)map;
    for (size_t y = 0; y < blocks * (size_t)height; y++, from += 2 * row)
        for (size_t x = 0; x < (size_t)width; x++)
            for (size_t k = 0; k < lanes; k++) {
                const v8 *at = from + 2 * x * lanes + k;
                *to++ = larger(larger(at[0], at[lanes]), larger(at[row], at[row + lanes]));
            }
}

static void average(float *out, const float *map, size_t blocks, size_t pixels, int block) {
    size_t lanes = (size_t)block / LANES;
    for (size_t b = 0; b < blocks; b++)
        for (size_t k = 0; k < lanes; k++) {
            const v8 *at = (const v8 *)map + b * pixels * lanes + k;
            v8 even = {0}, odd = {0}; /* two sums: half the wait for each addition */
            size_t i = 0;
            for (; i + 2 <= pixels; i += 2, at += 2 * lanes) {
                even += at[0];
                odd += at[lanes];
            }
            if (i < pixels)
                even += at[0];
            ((v8 *)out)[b * lanes + k] = (even + odd) / (float)pixels;
        }
}

static void excite(float *out, const float *map, const float *gate, const float *add, size_t blocks,
                   size_t pixels, int block) {
    size_t lanes = (size_t)block / LANES;
    for (size_t b = 0; b < blocks; b++)
        for (size_t k = 0; k < lanes; k++) {
            size_t base = b * pixels * lanes + k;
            const v8 *from = (const v8 *)map + base, *plus = (const v8 *)add + base;
            v8 factor = ((const v8 *)gate)[b * lanes + k], *to = (v8 *)out + base;
            for (size_t i = 0; add && i < pixels * lanes; i += lanes)
                to[i] = from[i] * factor + plus[i];
            for (size_t i = 0; !add && i < pixels * lanes; i += lanes)
                to[i] = from[i] * factor;
        }
}

static void upsample_add(float *out, const float *map, const float *small, size_t blocks, int height,
                         int width, int block) {
    size_t lanes = (size_t)block / LANES, row = (size_t)width * lanes;
    for (size_t y = 0; y < blocks * (size_t)height; y++) {
        const v8 *from = (const v8 *)map + y * row, *half = (const v8 *)small + y / 2 * (row / 2);
        v8 *to = (v8 *)out + y * row;
        for (size_t x = 0; x < (size_t)width; x += 2, half += lanes)
            for (size_t k = 0; k < lanes; k++) {
                to[x * lanes + k] = from[x * lanes + k] + half[k];
                to[(x + 1) * lanes + k] = from[(x + 1) * lanes + k] + half[k];
            }
    }
}

const kith_kernels KITH_KERNELS = {
    .planes_scaled = planes_scaled,
    .planes_grey = planes_grey,
    .prelu = prelu,
    .max_pool = max_pool,
    .average = average,
    .excite = excite,
    .upsample_add = upsample_add,
};
