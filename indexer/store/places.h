/* SPDX-License-Identifier: MIT
 *
 * Places of photos on the disk: whether they are still there, and how a gallery gives one up. A folder that
 * is missing or empty as a whole is rather a disk that is not mounted.
 */
#ifndef KITH_INDEXER_STORE_PLACES_H
#define KITH_INDEXER_STORE_PLACES_H

#include <sys/stat.h>

#include "indexer/store/opened.h"

typedef enum kith_place {
    KITH_PLACE_FILE,    /* *seen is filled */
    KITH_PLACE_GONE,    /* nothing there, or no regular file */
    KITH_PLACE_UNCLEAR, /* no permission, a broken disk */
} kith_place;

kith_place kith_place_look(const char *path, struct stat *seen);

/* KITH_E_REFUSED: missing or an empty folder. `advice` says what to do when it is really so. */
kith_status kith_place_check_root(const char *root, const char *advice, kith_error *err);

/* Its folder is there and has something in it. */
bool kith_place_folder_lives(const char *path);

/* The faces at a path lose it, those without another are removed (*faces grows by their number), and the
 * ledger forgets it.
 */
kith_status kith_place_leave(kith_opened *opened, const char *path, uint64_t *faces, kith_error *err);

#endif
