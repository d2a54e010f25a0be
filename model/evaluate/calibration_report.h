/* SPDX-License-Identifier: MIT
 *
 * What is told of a network's calibration: lines for people, one JSON object
 * (proto/schema/model-calibration.schema.json), and a page with its curve and the pairs that make its ends.
 */
#ifndef KITH_MODEL_EVALUATE_CALIBRATION_REPORT_H
#define KITH_MODEL_EVALUATE_CALIBRATION_REPORT_H

#include <stdio.h>

#include "model/evaluate/calibration.h"

/* Everything is borrowed. */
typedef struct kith_calibration_report {
    const kith_identity *identity;
    const kith_study *study;
    const kith_measured_calibration *measured;
} kith_calibration_report;

void kith_calibration_report_text(FILE *out, const kith_calibration_report *report);
json_t *kith_calibration_report_json(const kith_calibration_report *report); /* NULL: no memory */

/* decode: how photos are read, for the small pictures. KITH_E_IO: the file cannot be written, or PLplot is
 * not there.
 */
kith_status kith_calibration_report_html(const char *path, const kith_calibration_report *report,
                                         const kith_decode_options *decode, kith_error *err);

#endif
