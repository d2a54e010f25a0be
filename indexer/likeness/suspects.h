/* SPDX-License-Identifier: MIT
 *
 * Names that are probably wrong, most suspect first, and what each does to the chance that a stranger is
 * named. Pure functions on a compared gallery.
 */
#ifndef KITH_INDEXER_LIKENESS_SUSPECTS_H
#define KITH_INDEXER_LIKENESS_SUSPECTS_H

#include "indexer/likeness/compare_all.h"

typedef enum kith_suspicion {
    KITH_SUSPECT_FACE,   /* a face that is more like another person than like its own */
    KITH_SUSPECT_NAMES,  /* two names for one person */
    KITH_SUSPECT_COPIES, /* one picture twice, under one name */
    KITH_SUSPICIONS
} kith_suspicion;

extern const char *const kith_suspicion_names[KITH_SUSPICIONS]; /* "face", "names", "copies" */

/* How much more alike than it should be: of a face its likeness to the other person less that to its own; of
 * two names their likeness less that of either to anybody else. Likeness is that of linkage.h.
 */
typedef struct kith_suspect {
    kith_suspicion kind;
    double weight;     /* how suspect */
    uint32_t faces[2]; /* the face and the most alike one of the other; of two names, their most alike */
    double likeness;   /* to the other person, of the two names, or the copies' score */
    double own;        /* a face's likeness to its own person; NAN otherwise */
    double without;    /* the chance that a stranger is named when it is mended: the face (the second copy) is
                          gone, the two names are one */
} kith_suspect;

typedef struct kith_suspects {
    kith_suspect *items;
    size_t count, room;
    size_t copies_begin; /* copies come last, from here on */
    double fpir;         /* the chance as it is, at the threshold */
} kith_suspects;

/* Suspect are faces that are more like another person; and two names that are more alike than either to
 * anybody else, when two of their faces reach the threshold of `compared`, or their likeness reaches `alike`.
 * KITH_E_MEMORY; KITH_E_STOPPED. To be cleared in any case.
 */
kith_status kith_suspects_find(kith_suspects *out, const kith_face_list *list, const kith_compared *compared,
                               double alike, int threads, kith_error *err);
void kith_suspects_clear(kith_suspects *suspects);

#endif
