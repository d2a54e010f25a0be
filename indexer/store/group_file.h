/* SPDX-License-Identifier: MIT
 *
 * The groups that kith-index cluster found last in a gallery, so that `label group:N` means them: ids of
 * faces, in the user's state folder. Only what names them reads it; when it is gone, cluster makes it again.
 */
#ifndef KITH_INDEXER_STORE_GROUP_FILE_H
#define KITH_INDEXER_STORE_GROUP_FILE_H

#include <jansson.h>

#include "indexer/store/texts.h"
#include "proto/gallery.h"

/* groups: an array; group N is its item N - 1, an object: "faces", an array of ids, and of a group that is
 * like a person with a name "like", the id of one of that person's faces (no name: `forget` does not look
 * here), and "likeness". KITH_E_IO.
 */
kith_status kith_group_file_write(kith_gallery *gallery, const json_t *groups, kith_error *err);

typedef struct kith_group_like {
    char id[KITH_ID_SIZE]; /* "": the group is like nobody */
    double likeness;
} kith_group_like;

/* The ids of group `number`, from 1, are added to *out. KITH_E_REFUSED: cluster did not run on this gallery,
 * found fewer groups, or the file is damaged.
 */
kith_status kith_group_file_read(kith_texts *out, kith_group_like *like, kith_gallery *gallery, size_t number,
                                 kith_error *err);

#endif
