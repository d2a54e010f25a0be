/* SPDX-License-Identifier: MIT */
#include "model/face/quality.h"

#include <math.h>
#include <stddef.h>

#include "model/picture/picture.h"

float kith_eyes(const float points[10]) {
    return hypotf(points[2] - points[0], points[3] - points[1]);
}

float kith_yaw(const float points[10]) {
    float along_x = points[2] - points[0], along_y = points[3] - points[1];
    float nose_x = points[4] - (points[0] + points[2]) / 2, nose_y = points[5] - (points[1] + points[3]) / 2;
    float square = along_x * along_x + along_y * along_y;
    return square > 0 ? (nose_x * along_x + nose_y * along_y) / square : 0;
}

static float luma(const unsigned char *rgb) {
    return 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
}

static float laplacian_variance(const unsigned char *chip) {
    enum { SIDE = KITH_SHARPNESS_SIDE, ROW = SIDE * 3 };
    double sum = 0, squares = 0;
    for (int y = 1; y < SIDE - 1; y++) {
        for (int x = 1; x < SIDE - 1; x++) {
            const unsigned char *p = chip + (ptrdiff_t)(y * ROW) + (ptrdiff_t)(x * 3);
            double value = luma(p - 3) + luma(p + 3) + luma(p - ROW) + luma(p + ROW) - 4 * luma(p);
            sum += value;
            squares += value * value;
        }
    }
    double count = (double)(SIDE - 2) * (SIDE - 2), mean = sum / count;
    return (float)fmax(0, squares / count - mean * mean);
}

kith_status kith_sharpness(float *out, const unsigned char *chip, int side, kith_error *err) {
    unsigned char reduced[KITH_SHARPNESS_SIDE * KITH_SHARPNESS_SIDE * 3];
    if (side != KITH_SHARPNESS_SIDE) {
        kith_status status = kith_resize_area(reduced, (size_t)KITH_SHARPNESS_SIDE * 3, KITH_SHARPNESS_SIDE,
                                              KITH_SHARPNESS_SIDE, chip, side, side, err);
        if (status != KITH_OK)
            return status;
        chip = reduced;
    }
    *out = laplacian_variance(chip);
    return KITH_OK;
}
