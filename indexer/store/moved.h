/* SPDX-License-Identifier: MIT
 *
 * The names of faces that lost their last place in this run. Photos that are renumbered or swapped move to
 * places which other photos held: the bytes leave one place before they are met at the next, and a name that
 * somebody gave by hand must not be lost between. One thread.
 */
#ifndef KITH_INDEXER_STORE_MOVED_H
#define KITH_INDEXER_STORE_MOVED_H

#include "indexer/store/points.h"

typedef struct kith_moved {
    void *tree; /* of tsearch(3): by the face's id */
} kith_moved;

void kith_moved_clear(kith_moved *moved);

/* Before `points` leave `path`: those that have a name and no other place are remembered. */
kith_status kith_moved_add(kith_moved *moved, const kith_points *points, const char *path, kith_error *err);

/* Faces without a name get the one that they had. */
kith_status kith_moved_name(const kith_moved *moved, kith_points *points, kith_error *err);

#endif
