/* SPDX-License-Identifier: MIT
 *
 * The loops of training over one tile: one block of channels of one picture, [pixels][block], aligned to 32
 * bytes. Like model/network/kernels.h: plain C on vectors of eight, compiled for three processors. What is
 * per channel is an array of `block` floats. Sums are made in floats over one tile and added to doubles, so
 * that their error does not grow with the batch. Pure functions.
 */
#ifndef KITH_MODEL_TRAIN_TILES_H
#define KITH_MODEL_TRAIN_TILES_H

#include <stddef.h>

#include "model/network/tables.h"

/* What follows a convolution's sum x: z = activation(x * scale + shift). */
typedef struct kith_affine_tile {
    kith_activation activation;
    const float *scale, *shift;
    const float *slope; /* of LEAKY, PRELU, PRELU_1; else NULL */
    const float *mean;  /* of x: the centre of the sums */
} kith_affine_tile;

/* Where a tile stands in a larger, zero-padded one. */
typedef struct kith_padded {
    int height, width;             /* of the tile */
    int top, left;                 /* zeros before it */
    int whole_height, whole_width; /* with all zeros */
} kith_padded;

/* A depthwise filter's way from `height` x `width` (with its zeros) to out_height x out_width. */
typedef struct kith_slide {
    int kernel, stride;
    int height, width, out_height, out_width;
} kith_slide;

typedef struct kith_tiles {
    /* out = z, plus `add` unless NULL. */
    void (*activate)(float *out, const float *x, const float *add, const kith_affine_tile *affine,
                     size_t pixels, int block);

    /* The same into the middle of zeros. */
    void (*activate_padded)(float *out, const float *x, const kith_affine_tile *affine,
                            const kith_padded *where, int block);

    /* A copy into the middle of zeros, and out of the middle. */
    void (*copy_padded)(float *out, const float *from, const kith_padded *where, int block);
    void (*copy_middle)(float *out, const float *from, const kith_padded *where, int block);

    /* sums[0][c] += sum of (x - mean), sums[1][c] += sum of its square; `step` doubles from row to row. */
    void (*moments)(double *sums, size_t step, const float *x, const float *mean, size_t pixels, int block);

    /* out = (given + add) * activation'(x * scale + shift), add may be NULL; over the tile, p being out and
     * d = given + add: sums[0] += p, sums[1] += p * (x - mean), sums[2] += d * min(x * scale + shift, 0)
     * (the last for slopes only). out may be given or add.
     */
    void (*finish)(double *sums, size_t step, float *out, const float *given, const float *add,
                   const float *x, const kith_affine_tile *affine, size_t pixels, int block);

    /* out = a * gradient + b * (x - mean) + c, into the middle of zeros. x NULL: a * gradient. */
    void (*derive)(float *out, const float *gradient, const float *x, const float *const coefficients[4],
                   const kith_padded *where, int block);

    void (*add)(float *out, const float *from, size_t pixels, int block);

    /* Depthwise, filter [kernel * kernel][block]. The target from the source with its zeros; with the filter
     * turned by 180 degrees and kernel - 1 - before zeros around the target's gradient, it is the way back
     * for stride 1.
     */
    void (*slide)(float *out, const float *from, const float *filter, const kith_slide *shape, int block);

    /* The way back for any stride: out = the gradient of the source with its zeros. */
    void (*slide_back)(float *out, const float *gradient, const float *filter, const kith_slide *shape,
                       int block);

    /* sums[tap][block] += source x gradient; the gradient's rows are `gradient_width` pixels apart. */
    void (*slide_filter)(double *sums, const float *from, const float *gradient, int gradient_width,
                         const kith_slide *shape, int block);

    /* The sum of a * b over the pixels, per channel. */
    void (*products)(float *out, const float *a, const float *b, size_t pixels, int block);

    /* Every pixel is value * factor. */
    void (*fill)(float *out, const float *value, float factor, size_t pixels, int block);
} kith_tiles;

const kith_tiles *kith_tiles_best(void);
extern const kith_tiles kith_tiles_v2, kith_tiles_v3, kith_tiles_v4;

#endif
