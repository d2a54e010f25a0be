/* SPDX-License-Identifier: MIT
 *
 * A network's calibration from a study: every face against every other one.
 */
#ifndef KITH_MODEL_EVALUATE_CALIBRATION_H
#define KITH_MODEL_EVALUATE_CALIBRATION_H

#include "model/evaluate/study.h"
#include "model/statistics/thresholds.h"
#include "proto/calibration.h"

enum { KITH_CALIBRATION_PERSONS = 20 }; /* at least: 190 pairs of persons, however many photos they have */

typedef struct kith_measured_calibration {
    kith_calibration calibration;
    kith_interval intervals[KITH_RATE_ROWS]; /* of the rates of measured rows */
    size_t measured;                         /* rows */
    double wrong;          /* of a hundred wrong names, those that the margin keeps back; NAN: none */
    bool margin_measured;  /* false: too few right answers, it is KITH_MARGIN */
    kith_all_pairs *pairs; /* numbers of faces */
    uint32_t *photos;      /* the study's number of each face */
    uint32_t *persons;     /* its person's */
    uint32_t crowd[2];     /* the two persons who are most often among the events of the last measured row */
    uint64_t crowd_events, events; /* how often, and of how many */
} kith_measured_calibration;

/* data: what the faces are, in words. KITH_E_REFUSED: too few persons or pairs, says how many are needed. To
 * be cleared in any case.
 */
kith_status kith_calibration_measure(kith_measured_calibration *out, const kith_study *study,
                                     const char *data, int threads, kith_error *err);
void kith_measured_calibration_clear(kith_measured_calibration *measured);

#endif
