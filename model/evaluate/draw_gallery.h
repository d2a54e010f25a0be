/* SPDX-License-Identifier: MIT
 *
 * Inside model/evaluate/: one gallery, drawn and asked.
 */
#ifndef KITH_MODEL_EVALUATE_DRAW_GALLERY_H
#define KITH_MODEL_EVALUATE_DRAW_GALLERY_H

#include "model/evaluate/identify.h"

/* Photos by person, those that cannot be read left out. */
typedef struct kith_albums {
    uint32_t *photos; /* person p has photos[first[p]] to photos[first[p + 1] - 1] */
    size_t *first;
    size_t persons;
} kith_albums;

bool kith_albums_make(kith_albums *out, const kith_study *study); /* false: no memory */
void kith_albums_clear(kith_albums *albums);

typedef struct kith_drawn {
    kith_probe_result *mated, *strangers;
    size_t mated_count, stranger_count;
    double thresholds[KITH_ASKED_WAYS][KITH_FPIRS]; /* NAN: none */
    bool extrapolated[KITH_ASKED_WAYS][KITH_FPIRS];
} kith_drawn;

/* Draws `persons` persons with options->enrolled photos each, and asks about everything else. The caller owns
 * the arrays of *out, also after an error. KITH_E_MEMORY; KITH_E_STOPPED.
 */
kith_status kith_gallery_draw(kith_drawn *out, const kith_study *study, const kith_albums *albums,
                              size_t persons, const kith_identify_options *options, uint64_t seed,
                              kith_error *err);

#endif
