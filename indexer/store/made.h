/* SPDX-License-Identifier: MIT
 *
 * From a worker's faces to points, and names for points that exist.
 */
#ifndef KITH_INDEXER_STORE_MADE_H
#define KITH_INDEXER_STORE_MADE_H

#include "indexer/stages/task.h"
#include "indexer/store/points.h"
#include "model/which.h"

/* The points of a task's embedded faces, with all places that `had` (the points of the same bytes so far)
 * knew; *vectors (count of them, newly allocated) point into the task. A point's name is the task's, else the
 * one that it had.
 */
kith_status kith_made_points(kith_points *out, const float ***vectors, const kith_task *task,
                             const kith_points *had, const char *pipeline, const char *run, kith_error *err);

/* Takes out the points whose id is empty, and their vectors. */
void kith_made_drop(kith_points *made, const float **vectors);

/* Gives the task's name to those of a photo's points that `which` means; *renamed grows by those that had
 * another. KITH_E_FORMAT: the photo has several faces, and which is KITH_WHICH_ONLY.
 */
kith_status kith_known_name(kith_points *points, const kith_task *task, kith_which which, uint64_t *renamed,
                            kith_error *err);

/* How many of the points that were made have a name and had another. */
uint64_t kith_made_renamed(const kith_points *made, const kith_points *had);

/* The failure of a photo with a name and several faces. */
kith_status kith_several_faces(size_t count, const char *path, kith_error *err);

#endif
