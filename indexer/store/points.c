/* SPDX-License-Identifier: MIT */
#include "indexer/store/points.h"

#include "proto/array.h"

void kith_points_clear(kith_points *points) {
    for (size_t i = 0; i < points->count; i++)
        kith_point_clear(&points->items[i]);
    free(points->items);
    *points = (struct kith_points){0};
}

kith_status kith_points_add(kith_points *points, const kith_point *point, kith_error *err) {
    kith_point *items = kith_array_grow(points->items, points->count, &points->room, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu points", points->count + 1);
    points->items = items;
    kith_status status = kith_point_copy(&points->items[points->count], point, err);
    points->count += status == KITH_OK;
    return status;
}

static kith_status visit(void *context, const kith_point *point, const float *vector, kith_error *err) {
    (void)vector;
    return kith_points_add(context, point, err);
}

kith_status kith_points_of_filter(kith_points *out, kith_gallery *gallery, const kith_filter *filter,
                                  kith_error *err) {
    return kith_gallery_each(gallery, filter, false, visit, out, err);
}

kith_status kith_points_of_digest(kith_points *out, kith_gallery *gallery, const char *sha256,
                                  kith_error *err) {
    kith_filter filter = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_SHA256, KITH_EQUAL, sha256, err);
    return status == KITH_OK ? kith_points_of_filter(out, gallery, &filter, err) : status;
}

kith_status kith_points_leave_path(kith_points *points, kith_gallery *gallery, const char *path,
                                   uint64_t *removed, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < points->count && status == KITH_OK; i++) {
        kith_point *point = &points->items[i];
        kith_point_drop_path(point, path);
        if (point->path_count > 0) {
            status = kith_gallery_update(gallery, point, 1, err);
            continue;
        }
        kith_filter filter = {0};
        uint64_t count = 0;
        status = kith_filter_text(&filter, KITH_FIELD_ID, KITH_EQUAL, point->id, err);
        if (status == KITH_OK)
            status = kith_gallery_remove(gallery, &filter, &count, err);
        if (removed)
            *removed += count;
    }
    return status;
}
