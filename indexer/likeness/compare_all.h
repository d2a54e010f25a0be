/* SPDX-License-Identifier: MIT
 *
 * Every named face of a gallery asked about among all other persons' faces: what a calibration and the search
 * for wrong names are made of. Exact; memory grows with the faces, not with their pairs.
 */
#ifndef KITH_INDEXER_LIKENESS_COMPARE_ALL_H
#define KITH_INDEXER_LIKENESS_COMPARE_ALL_H

#include "indexer/store/face_list.h"
#include "model/statistics/face_scores.h"

#define KITH_COPY_SCORE 0.95 /* two pictures of one moment: rescaled, retouched, or of one burst */

/* Who of the others reaches the threshold with a face. UINT32_MAX: nobody, or several. */
typedef struct kith_reach {
    bool any;
    uint32_t face, person; /* the only one */
} kith_reach;

/* Two faces that stand for their persons: the most alike of two names, or copies under one. */
typedef struct kith_alike {
    uint32_t faces[2];
    float score;
} kith_alike;

typedef struct kith_compared {
    double threshold;
    kith_face_scores *scores; /* of each face */
    kith_reach *reach;        /* of each face, at the threshold */
    kith_alike *names;        /* for each two names that reach it: by the first, then the second person */
    size_t name_count, name_room;
    kith_alike *copies; /* of one person, from KITH_COPY_SCORE on */
    size_t copy_count, copy_room;
} kith_compared;

/* KITH_E_MEMORY; KITH_E_STOPPED. Faces without a name take no part. To be cleared in any case. */
kith_status kith_compare_all(kith_compared *out, const kith_face_list *list, double threshold, int threads,
                             kith_error *err);
void kith_compared_clear(kith_compared *compared);

#endif
