/* SPDX-License-Identifier: MIT */
#include "model/train/folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/stop.h"

static int by_bytes(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

kith_status kith_folder_walk(const char *folder, kith_folder_visit *visit, void *context, kith_error *err) {
    char *root = strdup(folder), *roots[] = {root, NULL};
    FTS *tree = root ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_bytes) : NULL;
    FTSENT *entry = NULL;
    kith_status status = KITH_OK;
    if (!tree)
        status =
            kith_fail(err, errno == ENOMEM ? KITH_E_MEMORY : KITH_E_IO, errno, folder, "%s", strerror(errno));
    while (status == KITH_OK && (status = kith_stop_error(err)) == KITH_OK &&
           (errno = 0, entry = fts_read(tree))) {
        bool root_is_bad = entry->fts_level == 0 && entry->fts_info != FTS_D && entry->fts_info != FTS_DP;
        status = root_is_bad ? kith_fail(err, KITH_E_IO, entry->fts_errno, folder, "%s",
                                         entry->fts_errno ? strerror(entry->fts_errno) : "is no folder")
                             : visit(context, entry, err);
    }
    if (status == KITH_OK && errno != 0)
        status = kith_fail(err, KITH_E_IO, errno, folder, "%s", strerror(errno));
    if (tree)
        fts_close(tree);
    free(root);
    return status;
}
