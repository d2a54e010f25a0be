/* SPDX-License-Identifier: MIT
 *
 * The few loops that are not worth a primitive, or that oneDNN 2.6 has no fast one for. Plain C; the compiler
 * vectorises them once for each of three processors. Maps are blocked: [batch][channels /
 * block][pixels][block]. Pure functions.
 */
#ifndef KITH_MODEL_NETWORK_KERNELS_H
#define KITH_MODEL_NETWORK_KERNELS_H

#include <stddef.h>

/* RGB bytes to three planes: (x - mean) x scale per channel. */
void kith_planes_scaled(float *out, const unsigned char *rgb, size_t pixels, const float mean[3],
                        const float scale[3]);

/* RGB bytes to three equal planes of luma / 127.5 - 1. */
void kith_planes_grey(float *out, const unsigned char *rgb, size_t pixels);

/* In place: x < 0 becomes x times its channel's slope. `blocks` counts those of all pictures; slopes repeat
 * after `period` of them.
 */
void kith_prelu(float *map, const float *slope, size_t blocks, size_t period, size_t pixels, int block);

/* The mean over the pixels, per channel. */
void kith_average(float *out, const float *map, size_t blocks, size_t pixels, int block);

/* out = map x gate per channel (+ add, unless NULL). out may be map. */
void kith_excite(float *out, const float *map, const float *gate, const float *add, size_t blocks,
                 size_t pixels, int block);

/* out = map (height x width) + small (half of both) enlarged twice, nearest. out may be map. */
void kith_upsample_add(float *out, const float *map, const float *small, size_t blocks, int height, int width,
                       int block);

/* `count` channels from `first` on of one blocked map to planes. */
void kith_unblock(float *out, const float *map, int first, int count, size_t pixels, int block);

void kith_sigmoid(float *values, size_t count);

#endif
