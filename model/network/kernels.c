/* SPDX-License-Identifier: MIT */
#include "model/network/kernels.h"

#include <math.h>
#include <string.h>

/* Sanitizers cannot run before they are set up, which is when the loader picks a clone. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("default", "arch=haswell", "arch=skylake-avx512")))
#else
#define CLONES
#endif

CLONES void kith_planes_scaled(float *out, const unsigned char *rgb, size_t pixels, const float mean[3],
                               const float scale[3]) {
    float *restrict red = out, *restrict green = out + pixels, *restrict blue = out + 2 * pixels;
    float m0 = mean[0], m1 = mean[1], m2 = mean[2], s0 = scale[0], s1 = scale[1], s2 = scale[2];
    for (size_t i = 0; i < pixels; i++) {
        red[i] = ((float)rgb[3 * i] - m0) * s0;
        green[i] = ((float)rgb[3 * i + 1] - m1) * s1;
        blue[i] = ((float)rgb[3 * i + 2] - m2) * s2;
    }
}

CLONES void kith_planes_grey(float *out, const unsigned char *rgb, size_t pixels) {
    float *restrict grey = out;
    for (size_t i = 0; i < pixels; i++) {
        float luma =
            0.299F * (float)rgb[3 * i] + 0.587F * (float)rgb[3 * i + 1] + 0.114F * (float)rgb[3 * i + 2];
        grey[i] = luma / 127.5F - 1;
    }
    memcpy(out + pixels, out, pixels * sizeof *out);
    memcpy(out + 2 * pixels, out, pixels * sizeof *out);
}

CLONES static void prelu_block(float *restrict map, const float *restrict slope, size_t count, int block) {
    for (size_t i = 0; i < count; i++)
        for (int c = 0; c < block; c++) {
            float x = map[i * (size_t)block + (size_t)c];
            map[i * (size_t)block + (size_t)c] = x > 0 ? x : x * slope[c];
        }
}

void kith_prelu(float *map, const float *slope, size_t blocks, size_t period, size_t pixels, int block) {
    for (size_t b = 0; b < blocks; b++) {
        float *at = map + b * pixels * (size_t)block;
        const float *slopes = slope + b % period * (size_t)block;
        if (block == 8)
            prelu_block(at, slopes, pixels, 8);
        else
            prelu_block(at, slopes, pixels, 16);
    }
}

CLONES void kith_average(float *out, const float *map, size_t blocks, size_t pixels, int block) {
    for (size_t b = 0; b < blocks; b++) {
        float sums[16] = {0};
        for (size_t i = 0; i < pixels; i++, map += block)
            for (int c = 0; c < block; c++)
                sums[c] += map[c];
        for (int c = 0; c < block; c++)
            *out++ = sums[c] / (float)pixels;
    }
}

CLONES void kith_excite(float *out, const float *map, const float *gate, const float *add, size_t blocks,
                        size_t pixels, int block) {
    for (size_t b = 0; b < blocks; b++) {
        for (size_t i = 0; i < pixels; i++)
            for (int c = 0; c < block; c++) {
                size_t at = (b * pixels + i) * (size_t)block + (size_t)c;
                out[at] = map[at] * gate[b * (size_t)block + (size_t)c] + (add ? add[at] : 0);
            }
    }
}

CLONES void kith_upsample_add(float *out, const float *map, const float *small, size_t blocks, int height,
                              int width, int block) {
    for (size_t b = 0; b < blocks; b++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                size_t at = ((b * (size_t)height + (size_t)y) * (size_t)width + (size_t)x) * (size_t)block;
                size_t from =
                    ((b * (size_t)(height / 2) + (size_t)(y / 2)) * (size_t)(width / 2) + (size_t)(x / 2)) *
                    (size_t)block;
                for (int c = 0; c < block; c++)
                    out[at + (size_t)c] = map[at + (size_t)c] + small[from + (size_t)c];
            }
}

void kith_unblock(float *out, const float *map, int first, int count, size_t pixels, int block) {
    for (int c = first; c < first + count; c++) {
        const float *from = map + (size_t)(c / block) * pixels * (size_t)block + c % block;
        for (size_t i = 0; i < pixels; i++)
            *out++ = from[i * (size_t)block];
    }
}

void kith_sigmoid(float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        values[i] = 1 / (1 + expf(-values[i]));
}
