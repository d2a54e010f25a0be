/* SPDX-License-Identifier: MIT
 *
 * How alike two faces must be before they are called the same person: T. Pure arithmetic on a network's
 * calibration table (the model file's metadata kith.calibration), without gallery or picture. Thread-safe.
 *
 * The table gives thresholds for false-match rates of one comparison. A question against N faces is N
 * comparisons, so a wanted chance P of naming a stranger at all becomes f = 1 - (1 - P)^(1/N) for each. Faces
 * of one person are alike, so this errs on the safe side when persons have many.
 */
#ifndef KITH_QUERY_THRESHOLD_H
#define KITH_QUERY_THRESHOLD_H

#include "proto/result.h"

enum { KITH_CALIBRATION_MOST = 128 };
#define KITH_MARGIN 0.05 /* between the best two persons, until a calibration says another */

typedef struct kith_calibration {
    size_t count;                            /* rows, at least 2 */
    double fmr[KITH_CALIBRATION_MOST];       /* of one comparison, falling, in (0, 1] */
    double threshold[KITH_CALIBRATION_MOST]; /* cosine, never falling */
    double margin;
    bool provisional;
    uint64_t pairs; /* of different persons that were compared to make it; 0: not said */
    char data[160]; /* on which faces, in words; may be "" */
} kith_calibration;

/* Reads a table: JSON {"provisional": true, "data": "...", "pairs": N, "fmr": [...], "threshold": [...],
 * "margin": 0.05}. Anything else is KITH_E_REFUSED; `where` names the model.
 */
kith_status kith_calibration_parse(kith_calibration *out, const char *json, const char *where,
                                   kith_error *err);

/* T at a false-match rate: between rows linear in log(fmr); above the first row the first threshold; below
 * the last one the line through the last two rows goes on and *extrapolated becomes true. At most 1.
 */
double kith_calibration_at(const kith_calibration *table, double fmr, bool *extrapolated);

/* The false-match rate of one comparison for which N of them together name a stranger with chance `fpir`. */
double kith_fmr_of(double fpir, uint64_t comparisons);

/* How a run comes to its T: once per run. */
typedef struct kith_certainty {
    bool given; /* T by hand, value; else from table and fpir */
    double value, fpir;
    bool has_table;
    kith_calibration table;
    char network[32];
} kith_certainty;

/* given: T by hand, or anything outside of -1..1 for none. calibration: the model's, NULL when it has none;
 * without both it is KITH_E_REFUSED, and the error says what to do.
 */
kith_status kith_certainty_open(kith_certainty *out, double given, double fpir, const char *network,
                                const char *calibration, kith_error *err);

/* T for a question that compares with `named` faces. */
void kith_certainty_at(kith_threshold *out, const kith_certainty *certainty, uint64_t named);

/* One sentence for people: T, where it came from, and what it promises. */
void kith_threshold_words(char *out, size_t size, const kith_threshold *threshold);

#endif
