/* SPDX-License-Identifier: MIT
 *
 * Products of plain matrices of floats, row by row.
 */
#ifndef KITH_MODEL_TRAIN_MULTIPLY_H
#define KITH_MODEL_TRAIN_MULTIPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

typedef struct kith_matrix {
    const float *values;
    size_t columns; /* as they lie in memory */
    bool transposed;
} kith_matrix;

/* out (m x n) = a (m x k) times b (k x n), + out when `add`. By oneDNN's sgemm, which is the same in all its
 * versions; threads are OpenMP's.
 */
kith_status kith_multiply(float *out, const kith_matrix *a, const kith_matrix *b, size_t m, size_t n,
                          size_t k, bool add, kith_error *err);

#endif
