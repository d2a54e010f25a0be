/* SPDX-License-Identifier: MIT */
#include "indexer/store/places.h"

#include <dirent.h>
#include <errno.h>

#include "indexer/store/points.h"

kith_place kith_place_look(const char *path, struct stat *seen) {
    if (stat(path, seen) == 0)
        return S_ISREG(seen->st_mode) ? KITH_PLACE_FILE : KITH_PLACE_GONE;
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? KITH_PLACE_GONE : KITH_PLACE_UNCLEAR;
}

static bool is_empty(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    while (folder && count < 3 && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return folder && count < 3;
}

kith_status kith_place_check_root(const char *root, const char *advice, kith_error *err) {
    struct stat seen;
    if (stat(root, &seen) != 0)
        return kith_fail(err, KITH_E_REFUSED, errno, root, "%s; a disk that is not mounted? (%s)",
                         strerror(errno), advice);
    if (S_ISDIR(seen.st_mode) && is_empty(root))
        return kith_fail(err, KITH_E_REFUSED, 0, root, "is empty; a disk that is not mounted? (%s)", advice);
    return KITH_OK;
}

bool kith_place_folder_lives(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = strndup(path, slash && slash > path ? (size_t)(slash - path) : 1);
    struct stat seen;
    bool lives = folder && stat(folder, &seen) == 0 && S_ISDIR(seen.st_mode) && !is_empty(folder);
    free(folder);
    return lives;
}

kith_status kith_place_leave(kith_opened *opened, const char *path, uint64_t *faces, kith_error *err) {
    kith_filter filter = {0};
    kith_points points = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_PATH, KITH_EQUAL, path, err);
    if (status == KITH_OK)
        status = kith_points_of_filter(&points, opened->gallery, &filter, err);
    if (status == KITH_OK)
        status = kith_points_leave_path(&points, opened->gallery, path, faces, err);
    if (status == KITH_OK)
        status = kith_ledger_drop(opened->ledger, path, err);
    kith_points_clear(&points);
    return status;
}
