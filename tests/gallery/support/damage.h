/* SPDX-License-Identifier: MIT
 *
 * Damages points of a gallery behind kith's back, in a file or on a server, for the contract's tests. All
 * functions assert success.
 */
#ifndef KITH_TESTS_GALLERY_DAMAGE_H
#define KITH_TESTS_GALLERY_DAMAGE_H

#include "tests/gallery/support/made.h"

typedef enum damage_kind {
    DAMAGE_TYPE,    /* a field is of another type or size */
    DAMAGE_MISSING, /* the digest is missing */
    DAMAGE_RANGE,   /* a score is impossible */
    DAMAGE_VECTOR,  /* the vector is all zeros */
    DAMAGES,
} damage_kind;

/* Of face `number` as made_put() put it, Ann. */
void damage_point(kith_gallery *gallery, unsigned number, damage_kind what);

/* Adds points that are none of kith's. */
void damage_add_foreign(kith_gallery *gallery, unsigned count);

#endif
