/* SPDX-License-Identifier: MIT */
#include "model/statistics/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/statistics/random.h"
#include "proto/stop.h"

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

typedef struct sampled {
    double *weights; /* of the persons */
    double *values;  /* of one round */
    double *columns; /* [figure][round] */
} sampled;

static kith_status sample(const sampled *s, size_t count, size_t persons, size_t rounds, uint64_t seed,
                          kith_statistic statistic, void *context, kith_error *err) {
    kith_random random = {seed};
    for (size_t round = 0; round < rounds; round++) {
        resample(s->weights, persons, &random);
        statistic(context, s->weights, s->values);
        for (size_t i = 0; i < count; i++)
            s->columns[i * rounds + round] = s->values[i];
        if (kith_stop_error(err) != KITH_OK)
            return KITH_E_STOPPED;
    }
    return KITH_OK;
}

kith_status kith_bootstrap(kith_interval *out, size_t count, size_t persons, size_t rounds, uint64_t seed,
                           kith_statistic statistic, void *context, kith_error *err) {
    sampled s = {calloc(persons, sizeof *s.weights), calloc(count, sizeof *s.values),
                 calloc(count, rounds * sizeof *s.columns)};
    kith_status status;
    if (s.weights && s.values && s.columns) {
        status = sample(&s, count, persons, rounds, seed, statistic, context, err);
        for (size_t i = 0; i < count && status == KITH_OK; i++)
            out[i] = interval_of(s.columns + i * rounds, rounds);
    } else {
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu samples of %zu persons", rounds,
                           persons);
    }
    free(s.weights);
    free(s.values);
    free(s.columns);
    return status;
}
