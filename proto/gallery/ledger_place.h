/* SPDX-License-Identifier: MIT
 *
 * Where the ledger of a gallery on a server lies: in the state folder, in a file that is named after the
 * gallery's address. The file also has the gallery's mark, so that the same gallery by another name of its
 * host, or through another way to it, finds the same ledger.
 */
#ifndef KITH_PROTO_GALLERY_LEDGER_PLACE_H
#define KITH_PROTO_GALLERY_LEDGER_PLACE_H

#include "proto/gallery.h"

/* *out: the file, there or not; *mark: the gallery's, NULL when it has none. Both newly allocated. */
kith_status kith_ledger_place(char **out, char **mark, kith_gallery *gallery, kith_error *err);

/* Writes the mark into a ledger's file that does not have it. */
kith_status kith_ledger_mark(const char *path, const char *mark, kith_error *err);

#endif
