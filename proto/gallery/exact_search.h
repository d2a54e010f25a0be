/* SPDX-License-Identifier: MIT
 *
 * Exact nearest neighbours: dot products of one probe with many vectors, and the best of them. No backend, no
 * files. Sums run in one fixed order on every processor, so a score is the same number everywhere.
 */
#ifndef KITH_PROTO_GALLERY_EXACT_SEARCH_H
#define KITH_PROTO_GALLERY_EXACT_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/point.h"

/* out[i] = probe . vectors[i], for `count` vectors of KITH_DIMENSION floats in a row, 64-byte aligned. */
void kith_exact_scores(float *out, const float *vectors, size_t count, const float *probe);

/* What a search needs to know of a face besides its vector. */
typedef struct kith_face_key {
    uint64_t id[2]; /* the id's 16 bytes as big-endian numbers: the order of ids */
    int64_t row;    /* the backend's own number */
    int64_t person; /* the backend's number of its person; 0: unnamed */
} kith_face_key;

typedef struct kith_ranked {
    float score;
    kith_face_key key;
} kith_ranked;

/* The best `limit` of what is offered (0: all of it): higher scores first, equal ones by id. Memory grows
 * with what is kept. */
typedef struct kith_best {
    kith_ranked *items; /* a heap with the worst at its root once it is full; see kith_best_sort() */
    size_t count, room, limit;
} kith_best;

/* Offers `count` faces with their scores; selected: only those whose byte is not 0 (NULL: all). False: no
 * memory.
 */
bool kith_best_add(kith_best *best, const kith_ranked *item);
bool kith_best_offer(kith_best *best, const float *scores, const kith_face_key *keys, const char *selected,
                     size_t count);
void kith_best_sort(kith_best *best); /* best first; no more offers after it */
void kith_best_clear(kith_best *best);

/* The best face of each person among what is offered. Faces without a person take no part. */
typedef struct kith_leaders {
    kith_ranked *items; /* one for each person, in no order */
    size_t count;
    struct kith_leader_slot *slots; /* private: a hash table by person */
    size_t room;
} kith_leaders;

bool kith_leaders_offer(kith_leaders *leaders, const float *scores, const kith_face_key *keys,
                        const char *selected, size_t count); /* false: no memory */
void kith_leaders_clear(kith_leaders *leaders);

#endif
