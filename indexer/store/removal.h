/* SPDX-License-Identifier: MIT
 *
 * Removing that proves itself: a search with one of the faces must not find it. (Galleries on a server count
 * again after each removal, too.)
 */
#ifndef KITH_INDEXER_STORE_REMOVAL_H
#define KITH_INDEXER_STORE_REMOVAL_H

#include "proto/gallery.h"

typedef struct kith_removal { /* {0} to begin */
    uint64_t faces;
    char id[KITH_ID_SIZE]; /* of the face that is searched for; "": nothing was removed */
    float vector[KITH_DIMENSION];
} kith_removal;

/* Removes what the filter meets. */
kith_status kith_removal_remove(kith_removal *removal, kith_gallery *gallery, const kith_filter *filter,
                                kith_error *err);

/* KITH_E_REFUSED: the first face that was removed is still found. */
kith_status kith_removal_search(const kith_removal *removal, kith_gallery *gallery, kith_error *err);

#endif
