/* SPDX-License-Identifier: MIT */
#include "query/threshold.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

/* Numbers of a JSON array into out; how many, or 0 when it is no list of 2..MOST finite numbers. */
static size_t numbers(double out[KITH_CALIBRATION_MOST], const json_t *array) {
    size_t count = json_array_size(array);
    if (count < 2 || count > KITH_CALIBRATION_MOST)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_number(item))
            return 0;
        out[i] = json_number_value(item); /* jansson refuses numbers that are not finite */
    }
    return count;
}

static bool rows_are_in_order(const kith_calibration *table) {
    for (size_t i = 0; i < table->count; i++) {
        if (!(table->fmr[i] > 0 && table->fmr[i] <= 1) || !(fabs(table->threshold[i]) <= 1))
            return false;
        if (i > 0 && !(table->fmr[i] < table->fmr[i - 1] && table->threshold[i] >= table->threshold[i - 1]))
            return false;
    }
    return true;
}

static kith_status read_rows(kith_calibration *out, const json_t *json, const char *where, kith_error *err) {
    out->count = numbers(out->fmr, json_object_get(json, "fmr"));
    if (out->count == 0 || numbers(out->threshold, json_object_get(json, "threshold")) != out->count)
        return kith_fail(
            err, KITH_E_REFUSED, 0, where,
            "its kith.calibration needs fmr and threshold, two lists of one length, 2 to %d numbers",
            KITH_CALIBRATION_MOST);
    if (!rows_are_in_order(out))
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "its kith.calibration is out of order (fmr falls from at most 1 and stays above 0, "
                         "threshold rises within -1..1)");
    return KITH_OK;
}

static kith_status read_rest(kith_calibration *out, const json_t *json, const char *where, kith_error *err) {
    const json_t *margin = json_object_get(json, "margin"), *pairs = json_object_get(json, "pairs");
    out->provisional = !json_is_false(json_object_get(json, "provisional"));
    out->margin = json_is_number(margin) ? json_number_value(margin) : KITH_MARGIN;
    if (!(out->margin >= 0 && out->margin <= 2))
        return kith_fail(err, KITH_E_REFUSED, 0, where, "its kith.calibration has a margin outside 0..2");
    if (json_is_integer(pairs) && json_integer_value(pairs) > 0)
        out->pairs = (uint64_t)json_integer_value(pairs);
    const char *data = json_string_value(json_object_get(json, "data"));
    kith_printable(out->data, sizeof out->data, data ? data : "", SIZE_MAX);
    return KITH_OK;
}

kith_status kith_calibration_parse(kith_calibration *out, const char *text, const char *where,
                                   kith_error *err) {
    *out = (kith_calibration){0};
    json_error_t problem;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    kith_status status;
    if (!json_is_object(json)) {
        status = kith_fail(err, KITH_E_REFUSED, 0, where, "its kith.calibration is no JSON object%s%s",
                           json ? "" : ": ", json ? "" : problem.text);
    } else {
        status = read_rows(out, json, where, err);
        if (status == KITH_OK)
            status = read_rest(out, json, where, err);
    }
    json_decref(json);
    return status;
}

/* The line through rows i and i + 1, over log(fmr). */
static double line(const kith_calibration *table, size_t i, double fmr) {
    double from = log(table->fmr[i]), to = log(table->fmr[i + 1]);
    double part = (log(fmr) - from) / (to - from);
    return table->threshold[i] + part * (table->threshold[i + 1] - table->threshold[i]);
}

double kith_calibration_at(const kith_calibration *table, double fmr, bool *extrapolated) {
    *extrapolated = fmr < table->fmr[table->count - 1];
    if (fmr >= table->fmr[0])
        return table->threshold[0];
    size_t i = 0;
    while (i + 2 < table->count && fmr < table->fmr[i + 1])
        i++;
    return fmin(line(table, i, fmr), 1);
}

double kith_fmr_of(double fpir, uint64_t comparisons) {
    if (comparisons <= 1)
        return fpir;
    return -expm1(log1p(-fpir) / (double)comparisons); /* exact where 1 - (1 - P)^(1/N) would cancel */
}

kith_status kith_certainty_open(kith_certainty *out, double given, double fpir, const char *network,
                                const char *calibration, kith_error *err) {
    *out = (kith_certainty){.given = given >= -1 && given <= 1, .value = given, .fpir = fpir};
    snprintf(out->network, sizeof out->network, "%s", network);
    out->has_table = calibration != NULL;
    if (calibration)
        return kith_calibration_parse(&out->table, calibration, network, err);
    if (!out->given)
        return kith_fail(err, KITH_E_REFUSED, 0, network,
                         "the model has no calibration, so nothing says how alike is alike enough (give "
                         "--threshold, or calibrate it)");
    return KITH_OK;
}

void kith_certainty_at(kith_threshold *out, const kith_certainty *c, uint64_t named) {
    *out = (kith_threshold){.named = named, .margin = c->has_table ? c->table.margin : KITH_MARGIN};
    if (c->given) {
        out->value = c->value;
        snprintf(out->source, sizeof out->source, "given");
        return;
    }
    out->fpir = c->fpir;
    out->fmr = kith_fmr_of(c->fpir, named);
    out->provisional = c->table.provisional;
    out->value = kith_calibration_at(&c->table, out->fmr, &out->extrapolated);
    snprintf(out->source, sizeof out->source, "%stable of %s", c->table.provisional ? "provisional " : "",
             c->network);
}

/* A chance as people say it: "1 in 100", "30 in 100". */
static void chance_words(char out[32], double chance) {
    if (chance > 0.1)
        snprintf(out, 32, "%.3g in 100", chance * 100);
    else
        snprintf(out, 32, "1 in %.0f", 1 / chance);
}

void kith_threshold_words(char *out, size_t size, const kith_threshold *t) {
    if (t->fpir <= 0) {
        snprintf(out, size, "threshold %.3f, as given", t->value);
        return;
    }
    char chance[32], faces[40] = "the one face";
    chance_words(chance, t->fpir);
    if (t->named > 1)
        snprintf(faces, sizeof faces, "one of %" PRIu64 " faces", t->named);
    snprintf(out, size, "threshold %.3f: about %s strangers is taken for %s (%s%s)", t->value, chance, faces,
             t->source, t->extrapolated ? ", an estimate beyond its end" : "");
}
