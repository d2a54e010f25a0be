/* SPDX-License-Identifier: MIT
 *
 * What distillation aims at: a unit vector for each face of a set, from a file or from a teacher network.
 *
 * The file is safetensors: `targets` [n, 256], and `names`, the bytes (as numbers of any type) of n names
 * separated by newlines, as kith_set_face.name. It may hold more than the set needs.
 */
#ifndef KITH_MODEL_TRAIN_TARGETS_H
#define KITH_MODEL_TRAIN_TARGETS_H

#include "model/train/faces.h"

typedef struct kith_targets {
    float *values; /* count x KITH_DIMENSION, in the order of the set's faces, 64-byte aligned */
    size_t count;
} kith_targets;

/* Room for targets, not yet filled. */
kith_status kith_targets_make(kith_targets **out, size_t count, kith_error *err);
void kith_targets_free(kith_targets **targets);

bool kith_target_normalise(float vector[KITH_DIMENSION]); /* false: it has no direction */

/* KITH_E_REFUSED: of another width, not so many names, or a face of the set is missing: named. */
kith_status kith_targets_read(kith_targets **out, const char *path, const kith_face_set *set,
                              kith_error *err);

/* Whether a file can hold the set's targets: known before a teacher has worked for hours. KITH_E_REFUSED: a
 * line break in a name; KITH_E_LIMIT: too many.
 */
kith_status kith_targets_check(const kith_face_set *set, const char *path, kith_error *err);

/* Atomically, as F16; of a set that was checked. */
kith_status kith_targets_write(const char *path, const kith_targets *targets, const kith_face_set *set,
                               kith_error *err);

typedef struct kith_teacher_options {
    const char *weights; /* a model file, or a shipped network's name */
    int side;            /* 0: the network's own */
    int jobs;            /* threads, >= 1 */
    void (*progress)(void *context, size_t done, size_t total); /* from the calling thread; may be NULL */
    void *context;
} kith_teacher_options;

/* The teacher's embedding of each chip plus that of its mirror image, normalised. KITH_E_REFUSED: no network
 * that embeds faces, it wants landmarks and the set has none, or a vector has no direction (the face is
 * named); KITH_E_STOPPED.
 */
kith_status kith_targets_teach(kith_targets **out, const kith_face_set *set,
                               const kith_teacher_options *options, kith_error *err);

/* Each target becomes keep x own + the target in a turned space, normalised; the rotation, one for all, is
 * the one that brings targets nearest to `own` (which changes no cosine between targets). Both are of the
 * set, in its order. Aimed at from where a network stands, a stronger network's vectors are learned without
 * forgetting what it knows. KITH_E_REFUSED: the two vectors of a face cancel each other (named);
 * KITH_E_STOPPED.
 */
kith_status kith_targets_turn(kith_targets *targets, const kith_targets *own, double keep,
                              const kith_face_set *set, kith_error *err);

/* Up to `count` different targets of faces that are trained on, for the bank of kith_loss_options. Newly
 * allocated: *out has *got rows.
 */
kith_status kith_targets_bank(float **out, size_t *got, const kith_targets *targets, const kith_face_set *set,
                              size_t count, uint64_t seed, kith_error *err);

#endif
