/* SPDX-License-Identifier: MIT
 *
 * What is told of an evaluation: lines for people, one JSON object (proto/schema/evaluate.schema.json), and a
 * page with charts and the worst errors.
 */
#ifndef KITH_MODEL_EVALUATE_REPORT_H
#define KITH_MODEL_EVALUATE_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "model/evaluate/identify.h"
#include "model/evaluate/verify.h"

/* Everything is borrowed. Either a verification with its pairs or an identification with its options. */
typedef struct kith_report {
    const kith_identity *identity;
    const kith_study *study;
    const kith_groups *groups; /* NULL: none */
    const kith_pair_list *pairs;
    const kith_verification *verification;
    const kith_identify_options *options;
    const kith_identification *identification;
} kith_report;

void kith_report_text(FILE *out, const kith_report *report);

json_t *kith_report_json(const kith_report *report); /* the caller owns it; NULL: no memory */

/* decode: how photos are read, for the small pictures of errors. KITH_E_IO: the file cannot be written, or
 * PLplot is not there.
 */
kith_status kith_report_html(const char *path, const kith_report *report, const kith_decode_options *decode,
                             kith_error *err);

/* How many strangers' probes of one draw, or pairs of different persons, there are. */
size_t kith_report_strangers(const kith_report *report, const kith_identify_size *size);

#endif
