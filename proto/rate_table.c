/* SPDX-License-Identifier: MIT */
#include "proto/rate_table.h"

#include <math.h>

/* The line through rows i and i + 1, over log(rate). */
static double line(const kith_rate_table *table, size_t i, double rate) {
    double from = log(table->rate[i]), to = log(table->rate[i + 1]);
    double part = (log(rate) - from) / (to - from);
    return table->threshold[i] + part * (table->threshold[i + 1] - table->threshold[i]);
}

double kith_rate_table_threshold(const kith_rate_table *table, double rate, bool *extrapolated) {
    *extrapolated = rate < table->supported;
    if (rate >= table->rate[0])
        return table->threshold[0];
    size_t i = 0;
    while (i + 2 < table->count && rate < table->rate[i + 1])
        i++;
    return fmin(line(table, i, rate), 1);
}

double kith_rate_table_rate(const kith_rate_table *table, double threshold) {
    if (!(threshold > table->threshold[0]))
        return table->rate[0];
    size_t i = 0;
    while (i + 2 < table->count && threshold > table->threshold[i + 1])
        i++;
    double step = table->threshold[i + 1] - table->threshold[i];
    if (!(step > 0))
        return table->rate[i + 1];
    double part = (threshold - table->threshold[i]) / step;
    return exp(log(table->rate[i]) + part * (log(table->rate[i + 1]) - log(table->rate[i])));
}

double kith_rate_of_one(double chance, double comparisons) {
    if (!(comparisons > 1))
        return chance;
    return -expm1(log1p(-chance) / comparisons); /* exact where 1 - (1 - P)^(1/N) would cancel */
}

double kith_rate_of_all(double rate, double comparisons) {
    if (!(comparisons > 1))
        return rate;
    return -expm1(log1p(-rate) * comparisons);
}

double kith_rate_of_row(size_t row) {
    static const double steps[] = {5, 2, 1};
    static const double decades[] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9};
    return row / 3 < sizeof decades / sizeof decades[0] ? steps[row % 3] * decades[row / 3] : 0;
}

/* Numbers of a JSON array into out; how many, or 0 when it is no list of 2..KITH_RATE_ROWS numbers. */
static size_t numbers(double out[KITH_RATE_ROWS], const json_t *array) {
    size_t count = json_array_size(array);
    if (count < 2 || count > KITH_RATE_ROWS)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_number(item))
            return 0;
        out[i] = json_number_value(item); /* jansson refuses numbers that are not finite */
    }
    return count;
}

static bool rows_are_in_order(const kith_rate_table *table) {
    for (size_t i = 0; i < table->count; i++) {
        if (!(table->rate[i] > 0 && table->rate[i] <= 1) || !(fabs(table->threshold[i]) <= 1))
            return false;
        if (i > 0 && !(table->rate[i] < table->rate[i - 1] && table->threshold[i] >= table->threshold[i - 1]))
            return false;
    }
    return true;
}

kith_status kith_rate_table_read(kith_rate_table *out, const json_t *object, const char *key,
                                 const char *where, const char *what, kith_error *err) {
    const json_t *supported = json_object_get(object, "supported");
    *out = (kith_rate_table){0};
    out->count = numbers(out->rate, json_object_get(object, key));
    if (out->count == 0 || numbers(out->threshold, json_object_get(object, "threshold")) != out->count)
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "its %s needs %s and threshold, two lists of one length, 2 to %d numbers", what, key,
                         KITH_RATE_ROWS);
    if (!rows_are_in_order(out))
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "its %s is out of order (%s falls from at most 1 and stays above 0, threshold rises "
                         "within -1..1)",
                         what, key);
    out->supported = json_is_number(supported) ? json_number_value(supported) : out->rate[out->count - 1];
    if (!(out->supported > 0 && out->supported <= 1))
        return kith_fail(err, KITH_E_REFUSED, 0, where, "its %s has \"supported\" outside of 0..1", what);
    return KITH_OK;
}

static json_t *list(const double *values, size_t count) {
    json_t *array = json_array();
    int bad = array == NULL;
    for (size_t i = 0; i < count; i++)
        bad |= json_array_append_new(array, json_real(values[i]));
    if (!bad)
        return array;
    json_decref(array);
    return NULL;
}

int kith_rate_table_members(json_t *object, const char *key, const kith_rate_table *table) {
    int bad = json_object_set_new(object, key, list(table->rate, table->count));
    bad |= json_object_set_new(object, "threshold", list(table->threshold, table->count));
    return bad | json_object_set_new(object, "supported", json_real(table->supported));
}
