/* SPDX-License-Identifier: MIT
 *
 * How alike two faces must be before they are called the same person: T, from the accepted chance of naming a
 * stranger. Pure arithmetic on calibrations (proto/calibration.h), without gallery or picture. Thread-safe.
 *
 * The gallery's own calibration comes first: it says at which T a stranger is named in it. It was made
 * against so many faces; against more of them the accepted chance is shared among as many times more. Fewer
 * (a filter) never lower T. Without one, the network's: a question against N faces is N comparisons, so a
 * chance P becomes f = 1 - (1 - P)^(1/N) for each. Faces of one person are alike, so this errs on the safe
 * side when persons have many; and a mean of three scores is never above the best one.
 */
#ifndef KITH_QUERY_THRESHOLD_H
#define KITH_QUERY_THRESHOLD_H

#include "proto/calibration.h"
#include "proto/result.h"

/* How a run comes to its T: once per run. */
typedef struct kith_certainty {
    bool given; /* T by hand, value; else from a table and fpir */
    double value, fpir;
    kith_scoring scoring; /* that scores are compared by; the best face when not set */
    bool has_table, has_gallery;
    kith_calibration table;
    kith_gallery_calibration gallery;
    char network[32];
} kith_certainty;

/* given: T by hand, or anything outside of -1..1 for none. calibration: the model's, NULL when it has none;
 * without both it is KITH_E_REFUSED, and the error says what to do. gallery: NULL when none is asked.
 */
kith_status kith_certainty_open(kith_certainty *out, double given, double fpir, const char *network,
                                const char *calibration, kith_gallery *gallery, kith_error *err);

/* T for a question that compares with `named` faces. */
void kith_certainty_at(kith_threshold *out, const kith_certainty *certainty, uint64_t named);

/* One sentence for people: T, where it came from, and what it promises. */
void kith_threshold_words(char *out, size_t size, const kith_threshold *threshold);

/* How T was reached, sentence by sentence. */
typedef void (*kith_tell_sentence)(void *context, const char *sentence);
void kith_certainty_explain(const kith_certainty *certainty, const kith_threshold *threshold,
                            kith_tell_sentence tell, void *context);

#endif
