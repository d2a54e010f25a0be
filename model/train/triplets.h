/* SPDX-License-Identifier: MIT
 *
 * Anchor, positive, negative: made from a set of named faces, kept as CSV. Columns, in any order, named by
 * the header line: anchor, positive, negative (paths; relative ones below the CSV file's folder), and as far
 * as they are there anchor_augmentation, positive_augmentation, negative_augmentation, split (train or
 * validation). Without a header line the first three columns are anchor, positive, negative. Without
 * augmentations pictures are taken as they are; without a split all is trained on.
 */
#ifndef KITH_MODEL_TRAIN_TRIPLETS_H
#define KITH_MODEL_TRAIN_TRIPLETS_H

#include "model/train/augment.h"

enum { KITH_ANCHOR, KITH_POSITIVE, KITH_NEGATIVE, KITH_TRIPLET };

typedef struct kith_triplet {
    uint32_t face[KITH_TRIPLET]; /* index into the set's faces, or into `files` */
    kith_augmentation augmentation[KITH_TRIPLET];
    bool validation;
    uint32_t line; /* of the file; 0: made */
} kith_triplet;

typedef struct kith_triplets {
    kith_triplet *items;
    size_t count, room;
    char **files; /* of triplets that were read: each file once, in order of first use; else NULL */
    size_t file_count;
} kith_triplets;

/* Every face with another of its person is an anchor in turn, in an order of chance; positive another one of
 * the person, negative one of another person of the same side of the split. `count` triplets in all, divided
 * as the anchors are. KITH_E_REFUSED: no two persons of whom one has two pictures.
 */
kith_status kith_triplets_make(kith_triplets **out, const kith_face_set *set, size_t count, uint64_t seed,
                               kith_error *err);
void kith_triplets_free(kith_triplets **triplets);

/* Atomically. Paths below the folder of `path` are written relative to it, others absolute. KITH_E_IO. */
kith_status kith_triplets_write(const char *path, const kith_triplets *triplets, const kith_face_set *set,
                                kith_error *err);

/* Who is told of what is left out; may be NULL. */
typedef void kith_triplets_tell(void *context, const kith_error *err);

/* Reads the file; rows that are wrong are told with their line and left out. KITH_E_REFUSED: no good row. The
 * faces are then opened from `files`.
 */
kith_status kith_triplets_read(kith_triplets **out, const char *path, kith_triplets_tell *tell, void *context,
                               kith_error *err);

/* Makes the indices those of `set`, which was opened from `files`. Triplets of files that are not in it are
 * left out: each such file is told with their number and the first one's line. KITH_E_REFUSED: none is left.
 */
kith_status kith_triplets_bind(kith_triplets *triplets, const kith_face_set *set, kith_triplets_tell *tell,
                               void *context, kith_error *err);

#endif
