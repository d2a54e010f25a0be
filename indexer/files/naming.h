/* SPDX-License-Identifier: MIT
 *
 * Who a file shows, as far as the command line says: one person for all, the name of the file's own folder,
 * or the row of a CSV file (path,person). The path alone decides, so the same file gets the same name however
 * it was reached. One thread.
 */
#ifndef KITH_INDEXER_FILES_NAMING_H
#define KITH_INDEXER_FILES_NAMING_H

#include <stdint.h>

#include "proto/status.h"

typedef struct kith_naming kith_naming;

/* person: a name for all files, or NULL; from: "dir", a CSV file, or NULL. Both: KITH_E_USAGE. In a CSV file
 * relative paths are relative to its folder, a first line "path,person" is its header. KITH_E_IO cannot be
 * read; KITH_E_REFUSED names the line that is wrong.
 */
kith_status kith_naming_open(kith_naming **out, const char *person, const char *from, kith_error *err);
void kith_naming_close(kith_naming **naming);

/* The person of an absolute path; *out lives until the next call, NULL: no name. KITH_E_FORMAT: the folder's
 * name is no person's name.
 */
kith_status kith_naming_of(kith_naming *naming, const char *path, const char **out, kith_error *err);

/* The rows that no call of kith_naming_of() met: their paths one by one, *next from 0; NULL at the end. */
const char *kith_naming_unmet(const kith_naming *naming, size_t *next);

#endif
