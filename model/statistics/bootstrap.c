/* SPDX-License-Identifier: MIT */
#include "model/statistics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/train/random.h"
#include "proto/command/program.h"

static int lowest_first(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Linear between the two nearest ranks. */
static double quantile(const double *sorted, size_t count, double share) {
    double place = share * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* values: one per round, in any order. */
static kith_interval interval_of(double *values, size_t rounds) {
    size_t known = 0;
    for (size_t i = 0; i < rounds; i++) {
        if (!isnan(values[i]))
            values[known++] = values[i];
    }
    if (2 * known < rounds || known == 0)
        return (kith_interval){NAN, NAN};
    qsort(values, known, sizeof *values, lowest_first);
    return (kith_interval){quantile(values, known, 0.025), quantile(values, known, 0.975)};
}

static void resample(double *weights, size_t persons, kith_random *random) {
    memset(weights, 0, persons * sizeof *weights);
    for (size_t i = 0; i < persons; i++)
        weights[kith_random_below(random, persons)]++;
}

kith_status kith_bootstrap(kith_interval *out, size_t count, size_t persons, size_t rounds, uint64_t seed,
                           kith_statistic statistic, void *context, kith_error *err) {
    kith_random random = {seed};
    double *weights = calloc(persons, sizeof *weights), *values = calloc(count, sizeof *values);
    double *columns = calloc(count, rounds * sizeof *columns); /* [figure][round] */
    kith_status status = KITH_OK;
    if (!weights || !values || !columns)
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu samples of %zu persons", rounds,
                           persons);
    for (size_t round = 0; round < rounds && status == KITH_OK; round++) {
        resample(weights, persons, &random);
        statistic(context, weights, values);
        for (size_t i = 0; i < count; i++)
            columns[i * rounds + round] = values[i];
        status = kith_stop_error(err);
    }
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        out[i] = interval_of(columns + i * rounds, rounds);
    free(weights);
    free(values);
    free(columns);
    return status;
}
