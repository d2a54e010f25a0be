/* SPDX-License-Identifier: MIT */
#ifndef KITH_MODEL_PICTURE_FILE_H
#define KITH_MODEL_PICTURE_FILE_H

#include <stddef.h>

#include "model/picture/picture.h"

/* All bytes of a file, or of standard input ("-"), which may be a pipe; newly allocated. KITH_E_IO: it cannot
 * be read, or is no file but a folder, device or FIFO, which is never waited for; KITH_E_LIMIT: it is longer
 * than KITH_FILE_MOST.
 */
kith_status kith_file_read(void **out, size_t *size, const char *path, kith_error *err);

#endif
