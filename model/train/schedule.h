/* SPDX-License-Identifier: MIT
 *
 * The rate of learning by step.
 */
#ifndef KITH_MODEL_TRAIN_SCHEDULE_H
#define KITH_MODEL_TRAIN_SCHEDULE_H

#include <stddef.h>

typedef enum kith_schedule_kind {
    KITH_SCHEDULE_CONSTANT,
    KITH_SCHEDULE_CYCLIC, /* triangles from rate / 10 to rate (Smith 2017, arXiv:1506.01186) */
    KITH_SCHEDULE_COSINE, /* down to rate / 50 at the end (Loshchilov, Hutter 2017, arXiv:1608.03983) */
} kith_schedule_kind;

typedef struct kith_schedule {
    kith_schedule_kind kind;
    double rate;       /* the highest */
    size_t half_cycle; /* steps from the lowest rate to the highest; >= 1 */
    size_t warm_up;    /* steps of a straight rise from 0 before everything else; cyclic: none */
    size_t steps;      /* of the whole run */
} kith_schedule;

double kith_schedule_rate(const kith_schedule *schedule, size_t step); /* steps count from 0 */

#endif
