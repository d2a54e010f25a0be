/* SPDX-License-Identifier: MIT
 *
 * Compares three ways: the files on the disk, the ledger's records, the gallery's faces. Two sorted lists are
 * walked side by side, so a million photos cost one walk of each and some 100 bytes a place. Writes nothing.
 */
#ifndef KITH_INDEXER_STORE_COMPARE_H
#define KITH_INDEXER_STORE_COMPARE_H

#include "indexer/files/walk.h"
#include "indexer/store/opened.h"
#include "indexer/store/texts.h"

typedef enum kith_difference_kind {
    KITH_DIFFERENCE_GONE,     /* known, but no file is there any more */
    KITH_DIFFERENCE_UNCLEAR,  /* the file cannot be looked at */
    KITH_DIFFERENCE_CHANGED,  /* the file is not as the ledger saw it */
    KITH_DIFFERENCE_NEW,      /* a photo that neither ledger nor gallery knows */
    KITH_DIFFERENCE_UNLISTED, /* the gallery has faces of it, the ledger has no record */
    KITH_DIFFERENCE_MISSING,  /* the gallery has fewer faces of it than the ledger says */
    KITH_DIFFERENCE_EXTRA,    /* or more */
    KITH_DIFFERENCE_STALE,    /* the gallery has faces of other bytes at this place */
    KITH_DIFFERENCE_DAMAGED,  /* a face that the gallery cannot read, or somebody else's: at no known place */
} kith_difference_kind;

const char *kith_difference_name(kith_difference_kind kind); /* "gone", "faces missing" */

typedef struct kith_difference {
    kith_difference_kind kind;
    const char *path;          /* NULL for DAMAGED; during the call only, as all texts */
    const char *sha256;        /* of STALE: the other bytes */
    const kith_damage *damage; /* of DAMAGED */
    uint64_t known, holds;     /* faces: as the ledger and as the gallery has them */
} kith_difference;

typedef kith_status (*kith_difference_visit)(void *context, const kith_difference *difference,
                                             kith_error *err);

/* What lies at or below the roots, none of them below another (none: everything known), and all damaged
 * faces. New photos are looked for below roots only, but for those that `exclude` means. A status other than
 * KITH_OK of `visit`, which must not write, ends the comparison. *places counts the places that were
 * compared.
 */
kith_status kith_compare(kith_opened *opened, const kith_texts *roots, const kith_list *exclude,
                         kith_difference_visit visit, void *context, uint64_t *places, kith_error *err);

#endif
