/* SPDX-License-Identifier: MIT
 *
 * A file's bytes, read once: what is digested is what is decoded. Only pictures are read beyond their first
 * bytes.
 */
#ifndef KITH_INDEXER_STAGES_READ_H
#define KITH_INDEXER_STAGES_READ_H

#include <stddef.h>

#include "indexer/files/stamp.h"
#include "model/picture/picture.h"

typedef struct kith_file_bytes {
    unsigned char *bytes;
    size_t size, room; /* the room is kept from file to file */
} kith_file_bytes;

/* Reads `path` when its first bytes are a JPEG's or PNG's; *format says what they are, and *stamp is the
 * file's at that time. Other kinds: KITH_OK, out->size is 0. Never waits for a FIFO, never opens a device for
 * longer than it takes to see that it is one. KITH_E_IO: cannot be read, or changes while it is read;
 * KITH_E_LIMIT: larger than KITH_FILE_MOST.
 */
kith_status kith_read_picture(kith_file_bytes *out, kith_format *format, kith_stamp *stamp, const char *path,
                              kith_error *err);
void kith_file_bytes_clear(kith_file_bytes *bytes);

#endif
