/* SPDX-License-Identifier: MIT */
#include "indexer/store/moved.h"

#include <search.h>

typedef struct moved_face {
    char id[KITH_ID_SIZE];
    char person[]; /* ended by zero */
} moved_face;

static int by_id(const void *a, const void *b) {
    return strcmp(((const moved_face *)a)->id, ((const moved_face *)b)->id);
}

void kith_moved_clear(kith_moved *moved) {
    tdestroy(moved->tree, free);
    moved->tree = NULL;
}

static bool has_only(const kith_point *point, const char *path) {
    return point->path_count == 1 && strcmp(point->paths[0], path) == 0;
}

/* One face, unless it is known already: the first name is the one that was there before the run. */
static kith_status add(kith_moved *moved, const kith_point *point, kith_error *err) {
    moved_face *made = malloc(sizeof *made + strlen(point->person) + 1);
    if (made) {
        memcpy(made->id, point->id, sizeof made->id);
        memcpy(made->person, point->person, strlen(point->person) + 1);
    }
    void *node = made ? tsearch(made, &moved->tree, by_id) : NULL;
    if (!node || *(moved_face **)node != made)
        free(made);
    return node ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the names of faces");
}

kith_status kith_moved_add(kith_moved *moved, const kith_points *points, const char *path, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < points->count && status == KITH_OK; i++)
        if (points->items[i].person && has_only(&points->items[i], path))
            status = add(moved, &points->items[i], err);
    return status;
}

kith_status kith_moved_name(const kith_moved *moved, kith_points *points, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < points->count && status == KITH_OK; i++) {
        moved_face key;
        memcpy(key.id, points->items[i].id, sizeof key.id);
        void *node = points->items[i].person ? NULL : tfind(&key, &moved->tree, by_id);
        if (node)
            status = kith_point_set_person(&points->items[i], (*(moved_face **)node)->person, err);
    }
    return status;
}
