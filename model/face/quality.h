/* SPDX-License-Identifier: MIT
 *
 * What can be said about a face before a network sees it. Pure functions.
 */
#ifndef KITH_MODEL_FACE_QUALITY_H
#define KITH_MODEL_FACE_QUALITY_H

#include "proto/status.h"

enum { KITH_SHARPNESS_SIDE = 112 };

/* Distance between the eyes, in the points' pixels. */
float kith_eyes(const float points[10]);

/* How far the head is turned: the nose's offset from the middle between the eyes, along the line of the eyes,
 * divided by their distance. 0 is frontal, positive is towards the picture's right; no unit.
 */
float kith_yaw(const float points[10]);

/* Variance of the Laplacian (4 neighbours) of the luma of the chip at 112 x 112 pixels, borders left out. A
 * larger chip is reduced to 112 by area average first, so that figures of different networks compare.
 */
kith_status kith_sharpness(float *out, const unsigned char *chip, int side, kith_error *err);

#endif
