/* SPDX-License-Identifier: MIT
 *
 * Where --draw writes: one file for one photo, a folder for several. Never over a photo that was asked about,
 * never twice to the same name in a run.
 */
#ifndef KITH_QUERY_TARGET_H
#define KITH_QUERY_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

typedef struct kith_target {
    const char *path;
    bool folder;
    char **used; /* names that were written to the folder, owned */
    size_t used_count;
} kith_target;

/* several: more than one photo may come, so that path must be a folder. KITH_E_USAGE, KITH_E_IO. */
kith_status kith_target_open(kith_target *out, const char *path, bool several, kith_error *err);
void kith_target_close(kith_target *target);

/* The file for a photo; *out is newly allocated. KITH_E_IO: it is the photo itself. */
kith_status kith_target_for(char **out, kith_target *target, const char *photo, kith_error *err);

#endif
