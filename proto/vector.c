/* SPDX-License-Identifier: MIT */
#include "proto/vector.h"

#include <math.h>

#include "proto/point.h"

double kith_dot(const float *a, const float *b) {
    double sums[4] = {0}; /* four at a time: an addition waits for the one before it */
    for (int i = 0; i < KITH_DIMENSION; i += 4)
        for (int k = 0; k < 4; k++)
            sums[k] += (double)a[i + k] * (double)b[i + k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double kith_cosine(double product) {
    return product > 1 ? 1 : product < -1 ? -1 : product;
}

bool kith_is_unit(const float *vector) {
    return fabs(kith_dot(vector, vector) - 1) <= 1e-3;
}
