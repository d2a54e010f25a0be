/* SPDX-License-Identifier: MIT */
#ifndef KITH_INDEXER_STORE_POINTS_H
#define KITH_INDEXER_STORE_POINTS_H

#include "proto/gallery.h"

/* Points as owned copies, so that the gallery may be written to while they are looked at. {0} to begin. */
typedef struct kith_points {
    kith_point *items;
    size_t count, room;
} kith_points;

void kith_points_clear(kith_points *points);
kith_status kith_points_add(kith_points *points, const kith_point *point, kith_error *err); /* a copy */

/* Appends those that a filter meets. */
kith_status kith_points_of_filter(kith_points *out, kith_gallery *gallery, const kith_filter *filter,
                                  kith_error *err);
kith_status kith_points_of_digest(kith_points *out, kith_gallery *gallery, const char *sha256,
                                  kith_error *err);

/* Takes a path away from points and writes them; those without a path are removed from the gallery.
 * *removed (may be NULL) grows by their number.
 */
kith_status kith_points_leave_path(kith_points *points, kith_gallery *gallery, const char *path,
                                   uint64_t *removed, kith_error *err);

#endif
