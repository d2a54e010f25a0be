/* SPDX-License-Identifier: MIT
 *
 * The few loops that are not worth a primitive, or for which oneDNN 2.6 has no fast one (PReLU with a slope
 * per channel falls back to its reference code; its 2 x 2 pool takes four times as long). Plain C on vectors
 * of eight; the compiler makes each for three processors, the loader picks. Maps are blocked, [blocks of all
 * pictures][pixels][block], and aligned to 32 bytes. Pure functions.
 */
#ifndef KITH_MODEL_NETWORK_KERNELS_H
#define KITH_MODEL_NETWORK_KERNELS_H

#include <stddef.h>

typedef struct kith_kernels {
    /* RGB bytes to three planes: (x - mean) x scale per channel. */
    void (*planes_scaled)(float *out, const unsigned char *rgb, size_t pixels, const float mean[3],
                          const float scale[3]);

    /* RGB bytes to three equal planes of luma / 127.5 - 1. */
    void (*planes_grey)(float *out, const unsigned char *rgb, size_t pixels);

    /* In place: x < 0 becomes x times its channel's slope; slopes repeat after `period` blocks. */
    void (*prelu)(float *map, const float *slope, size_t blocks, size_t period, size_t pixels, int block);

    /* The largest of each 2 x 2; `height` and `width` are the result's, half of the map's. */
    void (*max_pool)(float *out, const float *map, size_t blocks, int height, int width, int block);

    /* The mean over the pixels, per channel. */
    void (*average)(float *out, const float *map, size_t blocks, size_t pixels, int block);

    /* out = map x gate per channel (+ add, unless NULL). out may be map. */
    void (*excite)(float *out, const float *map, const float *gate, const float *add, size_t blocks,
                   size_t pixels, int block);

    /* out = map (height x width) + small (half of both) enlarged twice, nearest. out may be map. */
    void (*upsample_add)(float *out, const float *map, const float *small, size_t blocks, int height,
                         int width, int block);
} kith_kernels;

/* The level of x86-64 that this processor has: 2, 3 (AVX2) or 4 (AVX-512). */
int kith_processor_level(void);

/* For this processor. */
const kith_kernels *kith_kernels_best(void);

extern const kith_kernels kith_kernels_v2, kith_kernels_v3, kith_kernels_v4;

/* `count` channels from `first` on of one picture's map to planes. */
void kith_unblock(float *out, const float *map, int first, int count, size_t pixels, int block);

void kith_sigmoid(float *values, size_t count);

/* Numbers below 2^-126 are taken as zero by this thread until they are back: they slow every multiplication
 * and change no output.
 */
unsigned kith_denormals_off(void);
void kith_denormals_back(unsigned before);

#endif
