/* SPDX-License-Identifier: MIT
 *
 * A face among labelled faces: how alike it is to its own person and to the best others. Pure functions.
 */
#ifndef KITH_MODEL_STATISTICS_FACE_SCORES_H
#define KITH_MODEL_STATISTICS_FACE_SCORES_H

#include <stdint.h>

#include "model/statistics/score_rows.h"
#include "proto/scoring.h"

/* Labelled faces: those of one person lie side by side, persons are numbered from 0 in that order. */
typedef struct kith_labelled {
    kith_vectors vectors;
    const uint32_t *persons; /* one number for each vector, never falling */
} kith_labelled;

/* Persons' scores, each way of scoring; -INFINITY: there is no such person or face. */
typedef struct kith_face_scores {
    float own[KITH_SCORINGS];            /* the face's own person, by the other faces */
    float other[KITH_SCORINGS];          /* the best other person */
    float next[KITH_SCORINGS];           /* the best but that one */
    uint32_t own_nearest, other_nearest; /* the most alike faces; UINT32_MAX: none */
} kith_face_scores;

/* A probe of a person, from its scores with all faces of a gallery; `self`: its own number there, SIZE_MAX
 * when it is not one of them.
 */
void kith_face_scores_of(kith_face_scores *out, const kith_labelled *gallery, uint32_t person, size_t self,
                         const float *scores);

/* Of all probes. out: room for one each. KITH_E_MEMORY; KITH_E_STOPPED. */
kith_status kith_face_scores_all(kith_face_scores *out, const kith_labelled *probes,
                                 const kith_labelled *gallery, int threads, kith_error *err);

#endif
