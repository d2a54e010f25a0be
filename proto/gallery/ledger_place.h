/* SPDX-License-Identifier: MIT
 *
 * Where the ledger of a gallery on a server lies: in the state folder, in a file that notes the gallery's
 * mark, so that it is found again when the server has another name or is reached in another way, and the
 * addresses, so that it is found again when a gallery was lost and is made anew.
 */
#ifndef KITH_PROTO_GALLERY_LEDGER_PLACE_H
#define KITH_PROTO_GALLERY_LEDGER_PLACE_H

#include "proto/gallery.h"

typedef struct kith_ledger_file {
    char *path; /* there or not */
    char *mark; /* NULL: the gallery has none */
    char *at;
} kith_ledger_file;

kith_status kith_ledger_place(kith_ledger_file *out, kith_gallery *gallery, kith_error *err);
void kith_ledger_file_clear(kith_ledger_file *file);

/* Notes mark and address in the file, which is there by now. */
kith_status kith_ledger_note_place(const kith_ledger_file *where, kith_error *err);

#endif
