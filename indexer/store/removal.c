/* SPDX-License-Identifier: MIT */
#include "indexer/store/removal.h"

enum { NEAREST = 10 }; /* pictures of other bytes may show the very same face */

/* Takes the first face and ends the walk. */
static kith_status take_first(void *context, const kith_point *point, const float *vector, kith_error *err) {
    kith_removal *removal = context;
    (void)err;
    memcpy(removal->id, point->id, sizeof removal->id);
    memcpy(removal->vector, vector, sizeof removal->vector);
    return KITH_E_STOPPED;
}

kith_status kith_removal_remove(kith_removal *removal, kith_gallery *gallery, const kith_filter *filter,
                                kith_error *err) {
    uint64_t removed = 0;
    kith_status status = KITH_OK;
    if (!removal->id[0])
        status = kith_gallery_each(gallery, filter, true, take_first, removal, err);
    if (status == KITH_E_STOPPED && removal->id[0])
        status = KITH_OK;
    if (status == KITH_OK)
        status = kith_gallery_remove(gallery, filter, &removed, err);
    removal->faces += removed;
    return status;
}

kith_status kith_removal_search(const kith_removal *removal, kith_gallery *gallery, kith_error *err) {
    kith_hits hits = {0};
    bool found = false;
    if (!removal->id[0])
        return KITH_OK;
    kith_status status = kith_gallery_search(gallery, removal->vector, NULL, NEAREST, &hits, err);
    for (size_t i = 0; i < hits.count && status == KITH_OK; i++)
        found |= strcmp(hits.items[i].point.id, removal->id) == 0;
    kith_hits_clear(&hits);
    if (found)
        status = kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(gallery),
                           "a search still finds face %s, which was removed (run it again)", removal->id);
    return status;
}
