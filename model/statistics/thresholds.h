/* SPDX-License-Identifier: MIT
 *
 * Tables of thresholds out of scores: a network's from all pairs of different persons, a gallery's from each
 * face's best score with anybody else. A rate is measured while at least KITH_EVENTS_LEAST of them reach its
 * threshold; rarer ones are extrapolated, and the table says from where on. Pure functions.
 */
#ifndef KITH_MODEL_STATISTICS_THRESHOLDS_H
#define KITH_MODEL_STATISTICS_THRESHOLDS_H

#include "model/statistics/all_pairs.h"
#include "model/statistics/face_scores.h"
#include "model/statistics/rates.h"
#include "proto/rate_table.h"

enum {
    KITH_EVENTS_LEAST = 3,
    KITH_PAIRS_KEPT = 4096, /* highest pairs that kith_thresholds_of_pairs() wants to see */
};
#define KITH_PAIRS_RATE 1e-3 /* a network's table reaches at least so far; a gallery's so far: */
#define KITH_GALLERY_RATE 0.2

/* False-match rates of one comparison. The events of a rate must also be of as many different pairs of
 * persons: twins, or one person under two names, are one accident however many photos there are. Beyond, the
 * scores above a high one fall off exponentially (Pickands, "Statistical inference using extreme order
 * statistics", 1975; Coles, "An introduction to statistical modeling of extreme values", 2001, chapter 4; the
 * shape parameter is 0, while scores end at 1: that errs on the safe side). intervals: of each measured row's
 * rate; room for KITH_RATE_ROWS. KITH_E_REFUSED: too few pairs; the error says how many are needed.
 */
kith_status kith_thresholds_of_pairs(kith_rate_table *out, kith_interval *intervals,
                                     const kith_all_pairs *pairs, const uint32_t *persons, const char *where,
                                     kith_error *err);

/* What thresholds of a gallery are made of. */
typedef struct kith_gallery_scores {
    const kith_face_scores *faces;
    const uint32_t *persons; /* of the faces, numbered from 0 */
    size_t count, person_count;
    const kith_rate_table *network; /* false-match rates of one comparison */
} kith_gallery_scores;

/* With how many faces of other persons a face is compared, in the mean over persons. */
double kith_gallery_compared(const kith_gallery_scores *scores);

/* The chance that a stranger is named. Each person is one stranger to the others: a face of a person with n
 * faces counts 1 / n, so that nobody with many photos decides alone, and rates are counted with one event
 * more than was seen, among one person more (Laplace's rule of succession). Beyond what is measured the
 * network's curve goes on from there. KITH_E_REFUSED: too few persons; the error says how many are needed.
 */
kith_status kith_thresholds_of_gallery(kith_rate_table *out, const kith_gallery_scores *scores,
                                       kith_scoring scoring, const char *where, kith_error *err);

/* The share of strangers that reach a threshold, as it was seen. */
double kith_gallery_fpir(const kith_gallery_scores *scores, kith_scoring scoring, double threshold);

/* The share of the faces, of persons with several, that reach a threshold with their own person; NAN: nobody
 * has several.
 */
double kith_gallery_recognised(const kith_gallery_scores *scores, kith_scoring scoring, double threshold);

/* The margin between the best two persons below which an answer is ambiguous: one right answer in a hundred
 * is, of those that reach the threshold. *wrong: how many of a hundred wrong names it keeps from being given,
 * NAN when there were none. False, and nothing is changed: too few right answers.
 */
bool kith_margin_of(double *margin, double *wrong, const kith_face_scores *faces, size_t count,
                    kith_scoring scoring, double threshold);

#endif
