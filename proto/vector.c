/* SPDX-License-Identifier: MIT */
#include "proto/vector.h"

#include <math.h>

#include "proto/point.h"

double kith_dot(const float *a, const float *b) {
    double sum = 0;
    for (int i = 0; i < KITH_DIMENSION; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

bool kith_is_unit(const float *vector) {
    return fabs(kith_dot(vector, vector) - 1) <= 1e-3;
}
