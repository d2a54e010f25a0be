/* SPDX-License-Identifier: MIT
 *
 * The charts of an evaluation, put into its page.
 */
#ifndef KITH_MODEL_EVALUATE_CHARTS_H
#define KITH_MODEL_EVALUATE_CHARTS_H

#include "model/evaluate/report.h"
#include "model/report/html.h"

/* ROC, DET and the scores. */
kith_status kith_charts_verification(kith_html *html, const kith_verification *verification, kith_error *err);

/* FNIR over FPIR and over the gallery's size, CMC and the scores. */
kith_status kith_charts_identification(kith_html *html, const kith_identification *identification,
                                       kith_error *err);

#endif
