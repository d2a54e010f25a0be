/* SPDX-License-Identifier: MIT
 *
 * One spelling for every file: absolute, links in the folders above resolved, the file's own name as it is (a
 * link to a photo is a place of its own). Paths are bytes, not text.
 */
#ifndef KITH_INDEXER_FILES_PATH_H
#define KITH_INDEXER_FILES_PATH_H

#include <stdbool.h>

#include "proto/status.h"

/* Remembers the folder that it resolved last: lists of files name many in a row. One thread; {0} to begin. */
typedef struct kith_path_resolver {
    char *folder, *resolved;
} kith_path_resolver;

void kith_path_resolver_clear(kith_path_resolver *resolver);

/* *out is newly allocated. A folder, or a link to one, becomes what it resolves to. What does not exist keeps
 * its name below the nearest folder that does. KITH_E_MEMORY; KITH_E_USAGE when it
 * is empty; KITH_E_IO when the current folder is gone.
 */
kith_status kith_path_absolute(char **out, kith_path_resolver *resolver, const char *path, kith_error *err);

char *kith_path_join(const char *folder, const char *name); /* newly allocated; NULL: no memory */

/* Whether a path is the folder, or lies below it; both absolute. */
bool kith_path_is_under(const char *path, const char *folder);

#endif
