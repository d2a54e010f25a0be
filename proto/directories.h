/* SPDX-License-Identifier: MIT
 *
 * kith's own folders, after the XDG Base Directory Specification.
 */
#ifndef KITH_PROTO_DIRECTORIES_H
#define KITH_PROTO_DIRECTORIES_H

#include <stddef.h>

#include "proto/status.h"

typedef enum kith_directory_kind {
    KITH_DIRECTORY_DATA,   /* $XDG_DATA_HOME/kith, else ~/.local/share/kith */
    KITH_DIRECTORY_STATE,  /* $XDG_STATE_HOME/kith, else ~/.local/state/kith */
    KITH_DIRECTORY_CACHE,  /* $XDG_CACHE_HOME/kith, else ~/.cache/kith: what can be made again */
    KITH_DIRECTORY_CONFIG, /* $XDG_CONFIG_HOME/kith, else ~/.config/kith */
} kith_directory_kind;

/* The absolute path of a folder, without a slash at its end; nothing is made or looked at. Variables that are
 * empty or relative count as not set, as the specification wants. KITH_E_IO: neither the variable nor HOME is
 * set, or the path is longer than `size`.
 */
kith_status kith_directory(char *out, size_t size, kith_directory_kind kind, kith_error *err);

/* Makes the folders above a file that are not there, for the user alone. KITH_E_IO names the one that cannot
 * be made.
 */
kith_status kith_folders_above(const char *path, kith_error *err);

#endif
