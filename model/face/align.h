/* SPDX-License-Identifier: MIT
 *
 * From five points to a chip: the least-squares similarity (rotation, one scale, shift, no mirror) that takes
 * a face's points to the network's template, and exact sampling of the picture along it. Pure functions.
 * Step 4 of the pipeline (HACKING.md).
 */
#ifndef KITH_MODEL_FACE_ALIGN_H
#define KITH_MODEL_FACE_ALIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

enum { KITH_POINTS = 5 }; /* eye at the left, other eye, nose tip, mouth corners left and right */

/* u = a x - b y + u0, v = b x + a y + v0: (x, y) in the picture, (u, v) in the chip. */
typedef struct kith_similarity {
    double a, b, u0, v0;
} kith_similarity;

/* The five points, in pixels, of a chip of side x side that the network called `arch` wants; false for a name
 * that has no template.
 */
bool kith_template(float out[2 * KITH_POINTS], const char *arch, int side);

/* Least squares over `count` pairs of points. False when the points of `from` are one point, or a value is
 * not finite: no similarity takes them anywhere.
 */
bool kith_similarity_fit(kith_similarity *out, const float *from, const float *to, size_t count);
double kith_similarity_scale(const kith_similarity *similarity);
void kith_similarity_apply(const kith_similarity *similarity, const float from[2], float to[2]);

/* Fills chip (side x side x 3 bytes) from a picture of width x height x 3 bytes: bilinear, pixel centres at
 * integers, black outside, values rounded half up. A scale below 0.5 samples a picture that is reduced first
 * by area average with the factor floor(1 / scale). KITH_E_MEMORY or KITH_OK.
 */
kith_status kith_align(unsigned char *chip, int side, const kith_similarity *similarity,
                       const unsigned char *rgb, int width, int height, kith_error *err);

#endif
