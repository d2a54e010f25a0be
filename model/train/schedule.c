/* SPDX-License-Identifier: MIT */
#include "model/train/schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

static double triangle(const kith_schedule *schedule, size_t step) {
    size_t at = step % (2 * schedule->half_cycle);
    double share = (double)at / (double)schedule->half_cycle;
    double low = schedule->rate / 10;
    return low + (schedule->rate - low) * (share <= 1 ? share : 2 - share);
}

static double cosine(const kith_schedule *schedule, size_t step) {
    double done = (double)(step - schedule->warm_up),
           whole = (double)schedule->steps - (double)schedule->warm_up;
    double share = whole > 0 && done < whole ? done / whole : 1, low = schedule->rate / 50;
    return low + (schedule->rate - low) * 0.5 * (1 + cos(pi * share));
}

double kith_schedule_rate(const kith_schedule *schedule, size_t step) {
    if (schedule->kind == KITH_SCHEDULE_CYCLIC)
        return triangle(schedule, step);
    if (step < schedule->warm_up)
        return schedule->rate * (double)(step + 1) / (double)schedule->warm_up;
    return schedule->kind == KITH_SCHEDULE_COSINE ? cosine(schedule, step) : schedule->rate;
}
