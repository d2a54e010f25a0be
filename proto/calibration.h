/* SPDX-License-Identifier: MIT
 *
 * What was measured of errors, and where it is kept: a network's calibration in the model file's metadata
 * (kith.calibration), one of a gallery in the gallery itself (its note "calibration"). Both are JSON; texts
 * are untrusted, tables are checked.
 */
#ifndef KITH_PROTO_CALIBRATION_H
#define KITH_PROTO_CALIBRATION_H

#include <stdint.h>

#include "proto/gallery.h"
#include "proto/rate_table.h"
#include "proto/scoring.h"

#define KITH_MARGIN 0.05 /* between the best two persons, where nothing measured another */

/* Of a network: false-match rates of one comparison of two faces. */
typedef struct kith_calibration {
    kith_rate_table table;          /* "fmr" */
    double margin;                  /* "margin" */
    uint64_t persons, faces, pairs; /* of different persons that were compared; 0: not said */
    char data[160];                 /* on which faces, in words; may be "" */
    char made[KITH_TIME_SIZE];      /* RFC 3339; "": not said */
} kith_calibration;

/* Anything that is no calibration is KITH_E_REFUSED; `where` names the model. */
kith_status kith_calibration_parse(kith_calibration *out, const char *json, const char *where,
                                   kith_error *err);
json_t *kith_calibration_json(const kith_calibration *calibration); /* NULL: no memory */

/* Of a gallery: the chance that a stranger is named in it, measured by asking each of its faces against all
 * OTHER persons' faces, so that persons with many faces count as what they are.
 */
typedef struct kith_gallery_calibration {
    kith_rate_table tables[KITH_SCORINGS]; /* "fpir" */
    double margins[KITH_SCORINGS];
    uint64_t faces, persons;   /* with a name, when it was made */
    double compared;           /* with how many faces one was compared, in the mean over persons */
    char made[KITH_TIME_SIZE]; /* RFC 3339 */
} kith_gallery_calibration;

/* Reads it; *found false: the gallery has none. A damaged one is KITH_E_REFUSED. */
kith_status kith_gallery_calibration_read(kith_gallery_calibration *out, bool *found, kith_gallery *gallery,
                                          kith_error *err);
kith_status kith_gallery_calibration_store(kith_gallery *gallery, const kith_gallery_calibration *calibration,
                                           kith_error *err);
kith_status kith_gallery_calibration_drop(kith_gallery *gallery, kith_error *err);
json_t *kith_gallery_calibration_json(const kith_gallery_calibration *calibration); /* NULL: no memory */

/* Whether so many named faces are a quarter more, or less, than were measured. */
bool kith_gallery_calibration_is_old(const kith_gallery_calibration *calibration, uint64_t faces);

#endif
