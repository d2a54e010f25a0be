/* SPDX-License-Identifier: MIT
 *
 * The faces of a gallery in memory, person by person: what is needed to compare all with all. A gallery of a
 * million faces takes 1.2 GiB.
 */
#ifndef KITH_INDEXER_STORE_FACE_LIST_H
#define KITH_INDEXER_STORE_FACE_LIST_H

#include "proto/gallery.h"

typedef struct kith_listed_face {
    char id[KITH_ID_SIZE];
    char *path; /* the first of its places */
    char *name; /* of its person; NULL: none */
    int face;
    float box[4], score, eyes, yaw;
    uint64_t photo; /* the first 64 bits of the file's digest: which faces are of one photo */
} kith_listed_face;

/* Named faces first, person by person in the order of names, then those without a name; within each in the
 * order of ids. {0} to begin.
 */
typedef struct kith_face_list {
    kith_listed_face *faces;
    float *vectors;    /* KITH_DIMENSION each */
    uint32_t *persons; /* number of the person, from 0; person_count: no name */
    size_t *begins;    /* of each person's faces; begins[person_count]: of those without a name */
    size_t count, named, person_count;
    size_t room, vector_room;
} kith_face_list;

/* Those that the filter meets (NULL: all). KITH_E_MEMORY; KITH_E_STOPPED; the gallery's own errors. To be
 * cleared in any case.
 */
kith_status kith_face_list_load(kith_face_list *out, kith_gallery *gallery, const kith_filter *filter,
                                kith_error *err);
void kith_face_list_clear(kith_face_list *list);

/* How many faces a person has, and what it is called. */
size_t kith_face_list_size(const kith_face_list *list, size_t person);
const char *kith_face_list_name(const kith_face_list *list, size_t person);

/* "PATH#NUMBER"; out is newly allocated, NULL: no memory. */
char *kith_listed_name(const kith_listed_face *face);

/* Its id, path, number, and person when it has one; the caller owns it. NULL: no memory. */
json_t *kith_listed_json(const kith_listed_face *face);

#endif
