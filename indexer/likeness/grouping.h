/* SPDX-License-Identifier: MIT
 *
 * Faces of one person put together, without names: agglomerative clustering. The most alike two groups become
 * one, again and again, while their likeness (linkage.h) reaches the threshold and a face of each is among
 * the 64 nearest of one of the other that reach it, too (exact neighbours). Every person with a name is a
 * group from the beginning, no two of them ever become one, and no face leaves one. The same faces give the
 * same groups.
 */
#ifndef KITH_INDEXER_LIKENESS_GROUPING_H
#define KITH_INDEXER_LIKENESS_GROUPING_H

#include "indexer/store/face_list.h"

typedef struct kith_group {
    uint32_t *faces; /* of the list, without a name; those first that show most */
    size_t count;
    uint32_t person; /* they are alike; UINT32_MAX: nobody who has a name */
    double likeness; /* to that person; NAN */
} kith_group;

typedef struct kith_grouping {
    kith_group *items; /* largest first */
    size_t count;
    uint32_t *faces; /* private: of all groups */
} kith_grouping;

/* Groups of at least `least` faces without a name (of one, when they are alike a person). KITH_E_MEMORY;
 * KITH_E_STOPPED. To be cleared in any case.
 */
kith_status kith_grouping_make(kith_grouping *out, const kith_face_list *list, double threshold, size_t least,
                               int threads, kith_error *err);
void kith_grouping_clear(kith_grouping *grouping);

#endif
