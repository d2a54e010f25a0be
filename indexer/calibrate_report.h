/* SPDX-License-Identifier: MIT
 *
 * What kith-index calibrate tells: lines for people, one JSON object (proto/schema/calibrate.schema.json),
 * and a page with the curve and the suspects' faces.
 */
#ifndef KITH_INDEXER_CALIBRATE_REPORT_H
#define KITH_INDEXER_CALIBRATE_REPORT_H

#include "indexer/likeness/suspects.h"
#include "proto/calibration.h"

/* Borrowed, but for the suspects. */
typedef struct kith_calibrated_gallery {
    const char *uri;
    const kith_face_list *list;
    const kith_calibration *network;
    bool stored; /* there were persons enough, and their names make a useful one */
    kith_gallery_calibration calibration;
    double fpir, threshold; /* what the model's calibration promises, and at which threshold */
    bool extrapolated;
    kith_suspects suspects;
} kith_calibrated_gallery;

/* On standard output, `top` suspects and as many copies. KITH_E_MEMORY. */
kith_status kith_calibrated_text(const kith_calibrated_gallery *result, size_t top, kith_error *err);
kith_status kith_calibrated_json(const kith_calibrated_gallery *result, size_t top, kith_error *err);

/* KITH_E_IO: the file cannot be written, or PLplot is not there. */
kith_status kith_calibrated_html(const char *path, const kith_calibrated_gallery *result, size_t top,
                                 kith_error *err);

#endif
