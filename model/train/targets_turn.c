/* SPDX-License-Identifier: MIT
 *
 * A teacher's space turned to a pupil's: the rotation R that makes T R most like O (orthogonal Procrustes
 * problem, Schönemann 1966, doi:10.1007/BF02289451) is the orthogonal polar factor of T'O, which the
 * Newton-Schulz iteration X <- (3 X - X X'X) / 2 reaches with products alone (Higham, Functions of Matrices,
 * 2008, chapter 8).
 */
#include <math.h>

#include "model/train/targets.h"
#include "proto/stop.h"

enum { D = KITH_DIMENSION, SQUARE = D * D, ROUNDS = 100 };
static const double NEAR = 1e-10; /* the sum of squares by which X'X may miss the unit matrix */

/* out = a b, all D x D. */
static void multiply(double *restrict out, const double *restrict a, const double *restrict b) {
    memset(out, 0, SQUARE * sizeof *out);
    for (size_t i = 0; i < D; i++)
        for (size_t k = 0; k < D; k++)
            for (size_t j = 0; j < D; j++)
                out[i * D + j] += a[i * D + k] * b[k * D + j];
}

/* out = a'b. */
static void multiply_transposed(double *restrict out, const double *restrict a, const double *restrict b) {
    memset(out, 0, SQUARE * sizeof *out);
    for (size_t k = 0; k < D; k++)
        for (size_t i = 0; i < D; i++)
            for (size_t j = 0; j < D; j++)
                out[i * D + j] += a[k * D + i] * b[k * D + j];
}

static kith_status cross(double *out, const kith_targets *a, const kith_targets *b, kith_error *err) {
    kith_status status = KITH_OK;
    memset(out, 0, SQUARE * sizeof *out);
    for (size_t k = 0; k < a->count && status == KITH_OK; k++) {
        status = kith_stop_error(err);
        for (size_t i = 0; i < D; i++)
            for (size_t j = 0; j < D; j++)
                out[i * D + j] += (double)a->values[k * D + i] * b->values[k * D + j];
    }
    return status;
}

/* x becomes its orthogonal polar factor; its largest singular value must be below sqrt(3), which a Frobenius
 * norm of 1 ensures. Directions in which x is nearly 0 are turned anyhow: no target has them.
 */
static void make_orthogonal(double *x, double *square, double *product) {
    double length = 0, miss = INFINITY;
    for (size_t i = 0; i < SQUARE; i++)
        length += x[i] * x[i];
    for (size_t i = 0; i < SQUARE && length > 0; i++)
        x[i] /= sqrt(length);
    for (int round = 0; round < ROUNDS && miss > NEAR; round++) {
        multiply_transposed(square, x, x);
        miss = 0;
        for (size_t i = 0; i < SQUARE; i++) {
            double unit = i % (D + 1) == 0 ? 1 : 0;
            miss += (square[i] - unit) * (square[i] - unit);
            square[i] = 1.5 * unit - 0.5 * square[i];
        }
        multiply(product, x, square);
        memcpy(x, product, SQUARE * sizeof *x);
    }
}

static kith_status blend(float *target, const float *own, double keep, const double *rotation,
                         const char *path, kith_error *err) {
    double turned[D];
    for (size_t j = 0; j < D; j++)
        turned[j] = keep * own[j];
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
            turned[j] += target[i] * rotation[i * D + j];
    for (size_t j = 0; j < D; j++)
        target[j] = (float)turned[j];
    return kith_target_normalise(target) ? KITH_OK
                                         : kith_fail(err, KITH_E_REFUSED, 0, path,
                                                     "its own and the teacher's vector cancel each other");
}

kith_status kith_targets_turn(kith_targets *targets, const kith_targets *own, double keep,
                              const kith_face_set *set, kith_error *err) {
    double *rotation = malloc((size_t)3 * SQUARE * sizeof *rotation);
    if (!rotation)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to turn targets");
    kith_status status = cross(rotation, targets, own, err);
    if (status == KITH_OK)
        make_orthogonal(rotation, rotation + SQUARE, rotation + (size_t)2 * SQUARE);
    for (size_t i = 0; i < targets->count && status == KITH_OK; i++)
        if ((status = kith_stop_error(err)) == KITH_OK)
            status =
                blend(targets->values + i * D, own->values + i * D, keep, rotation, set->faces[i].path, err);
    free(rotation);
    return status;
}
