/* SPDX-License-Identifier: MIT
 *
 * dlib's shape predictor files ("shape_predictor_68_face_landmarks.dat"): integers of one to eight bytes,
 * numbers as mantissa and exponent, vectors with their length first. Every count and index is checked before
 * it is used, and no count asks for more memory than the file's size bears. The format is described by dlib's
 * headers serialize.h, float_details.h and image_processing/shape_predictor.h (19.24).
 */
#ifndef KITH_MODEL_FACE_SHAPE_FILE_H
#define KITH_MODEL_FACE_SHAPE_FILE_H

#include "model/embedder.h"
#include "proto/status.h"

/* The most of a cascade: grey values that it compares, trees; the usual file has 500 of each. */
enum { KITH_SHAPE_FEATURES = 4096, KITH_SHAPE_TREES = 4096 };

/* Inner node of a tree: left when feature[first] - feature[second] > threshold. */
typedef struct kith_shape_split {
    int first, second;
    float threshold;
} kith_shape_split;

/* Where a grey value is read: beside landmark `anchor`, in shape coordinates. */
typedef struct kith_shape_feature {
    int anchor;
    float x, y;
} kith_shape_feature;

/* All trees have the same depth: split_count inner nodes (children of n: 2n + 1, 2n + 2), one leaf more. */
typedef struct kith_shape_file {
    float mean[2 * KITH_LANDMARKS]; /* the shape to start from, 0..1 in the rectangle */
    int cascade_count, tree_count, split_count, feature_count;
    kith_shape_split *splits;     /* cascades x trees x splits */
    float *leaves;                /* cascades x trees x (splits + 1) x 136 */
    kith_shape_feature *features; /* cascades x features */
} kith_shape_file;

kith_status kith_shape_file_read(kith_shape_file *out, const char *path, kith_error *err);
void kith_shape_file_clear(kith_shape_file *file);

#endif
