/* SPDX-License-Identifier: MIT
 *
 * A teacher's space turned to a pupil's: the rotation R that makes T R most like O (orthogonal Procrustes
 * problem, Schönemann 1966, doi:10.1007/BF02289451) is the orthogonal polar factor of T'O, which the
 * Newton-Schulz iteration X <- (3 X - X X'X) / 2 reaches with products alone (Higham, Functions of Matrices,
 * 2008, chapter 8).
 */
#include <math.h>

#include "model/train/multiply.h"
#include "model/train/targets.h"
#include "proto/stop.h"
#include "proto/vector.h"

enum { D = KITH_DIMENSION, SQUARE = D * D, ROUNDS = 100 };
static const double NEAR = 1e-8;  /* the sum of squares by which X'X may miss the unit matrix */
static const double SHORT = 1e-3; /* of the longest that a sum can be: less has a direction by chance */

/* square becomes (3 I - X'X) / 2. Returns by how much X'X misses I. */
static double correct(float *square) {
    double miss = 0;
    for (size_t i = 0; i < SQUARE; i++) {
        float unit = i % (D + 1) == 0 ? 1 : 0;
        miss += (double)((square[i] - unit) * (square[i] - unit));
        square[i] = 1.5F * unit - 0.5F * square[i];
    }
    return miss;
}

/* x becomes its orthogonal polar factor; its largest singular value must be below sqrt(3), which a Frobenius
 * norm of 1 ensures. Directions that the targets, or the pupil's vectors, do not have are turned anyhow.
 */
static kith_status make_orthogonal(float *x, float *square, float *product, kith_error *err) {
    const kith_matrix plain = {x, D, false}, turned = {x, D, true}, middle = {square, D, false};
    double length = 0, miss = INFINITY;
    kith_status status = KITH_OK;
    for (size_t i = 0; i < SQUARE; i++)
        length += (double)(x[i] * x[i]);
    for (size_t i = 0; i < SQUARE && length > 0; i++)
        x[i] = (float)(x[i] / sqrt(length));
    for (int round = 0; round < ROUNDS && miss > NEAR && status == KITH_OK; round++) {
        status = kith_multiply(square, &turned, &plain, D, D, D, false, err);
        miss = correct(square);
        if (status == KITH_OK)
            status = kith_multiply(product, &plain, &middle, D, D, D, false, err);
        memcpy(x, product, SQUARE * sizeof *x);
    }
    return status;
}

/* A target in its turned space, and so much of the own vector. */
static kith_status blend(float *target, const float *turned, const float *own, double keep, const char *path,
                         kith_error *err) {
    for (size_t i = 0; i < D; i++)
        target[i] = (float)(turned[i] + keep * own[i]);
    bool directed = kith_dot(target, target) >= SHORT * SHORT * (1 + keep) * (1 + keep);
    return directed && kith_target_normalise(target)
               ? KITH_OK
               : kith_fail(err, KITH_E_REFUSED, 0, path,
                           "its own and the teacher's vector cancel each other");
}

kith_status kith_targets_turn(kith_targets *targets, const kith_targets *own, double keep,
                              const kith_face_set *set, kith_error *err) {
    size_t count = targets->count;
    float *rotation = malloc((size_t)3 * SQUARE * sizeof *rotation);
    float *turned = malloc((count * D + 1) * sizeof *turned);
    const kith_matrix t = {targets->values, D, false}, t_transposed = {targets->values, D, true},
                      o = {own->values, D, false}, r = {rotation, D, false};
    kith_status status = kith_stop_error(err);
    if (status == KITH_OK && (!rotation || !turned))
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to turn targets");
    if (status == KITH_OK)
        status = kith_multiply(rotation, &t_transposed, &o, D, D, count, false, err);
    if (status == KITH_OK)
        status = make_orthogonal(rotation, rotation + SQUARE, rotation + (size_t)2 * SQUARE, err);
    if (status == KITH_OK)
        status = kith_multiply(turned, &t, &r, count, D, D, false, err);
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        status = blend(targets->values + i * D, turned + i * D, own->values + i * D, keep, set->faces[i].path,
                       err);
    free(turned);
    free(rotation);
    return status;
}
