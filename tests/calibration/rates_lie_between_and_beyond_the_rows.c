/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/rate_table.h"

#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static const kith_rate_table table = {
    .count = 3, .rate = {0.1, 0.01, 0.0001}, .threshold = {0.2, 0.3, 0.45}, .supported = 0.01};

static double at(double rate, bool *extrapolated) {
    return kith_rate_table_threshold(&table, rate, extrapolated);
}

static void rows_are_met_and_joined_in_the_logarithm(void **state) {
    (void)state;
    bool beyond;
    assert_close(at(0.1, &beyond), 0.2);
    assert_close(at(0.01, &beyond), 0.3);
    assert_false(beyond);
    assert_close(at(0.0001, &beyond), 0.45);
    assert_close(at(0.001, &beyond), 0.375);
    assert_true(beyond);
    assert_close(at(sqrt(0.1 * 0.01), &beyond), 0.25);
    assert_false(beyond);
}

static void beyond_the_ends(void **state) {
    (void)state;
    bool beyond;
    assert_close(at(0.9, &beyond), 0.2); /* the safe side */
    assert_false(beyond);
    assert_close(at(0.00001, &beyond), 0.525);
    assert_true(beyond);
    assert_close(at(1e-30, &beyond), 1);
    assert_true(beyond);
}

static void thresholds_lead_back_to_rates(void **state) {
    (void)state;
    bool beyond;
    const double rates[] = {0.1, 0.05, 0.01, 0.004, 0.0001, 1e-6};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        assert_true(fabs(kith_rate_table_rate(&table, at(rates[i], &beyond)) / rates[i] - 1) < 1e-9);
    assert_close(kith_rate_table_rate(&table, -1), 0.1);
    const kith_rate_table flat = {
        .count = 3, .rate = {0.1, 0.01, 0.001}, .threshold = {0.2, 0.2, 0.2}, .supported = 0.001};
    assert_close(kith_rate_table_rate(&flat, 0.2), 0.1);
    assert_close(kith_rate_table_rate(&flat, 0.3), 0.001);
}

static void a_chance_is_shared_by_the_comparisons(void **state) {
    (void)state;
    assert_close(kith_rate_of_one(0.01, 1), 0.01);
    assert_close(kith_rate_of_one(0.01, 0.2), 0.01);
    assert_close(kith_rate_of_one(0.75, 2), 0.5);
    assert_close(kith_rate_of_one(0.01, 1e9) * 1e9, -log(0.99));
    assert_close(kith_rate_of_all(0.5, 2), 0.75);
    assert_close(kith_rate_of_all(kith_rate_of_one(0.03, 1234), 1234), 0.03);
}

static void rows_fall_by_halves_and_fifths(void **state) {
    (void)state;
    size_t rows = 0;
    for (double last = 1, rate; (rate = kith_rate_of_row(rows)) > 0; rows++, last = rate)
        assert_true(rate < last && rate > last / 2.6);
    assert_close(kith_rate_of_row(0), 0.5);
    assert_close(kith_rate_of_row(3), 0.05);
    assert_close(kith_rate_of_row(rows - 1) * 1e9, 1);
    assert_true(rows <= KITH_RATE_ROWS);
}

/* ---- as JSON ---- */

static kith_status read_text(kith_rate_table *out, const char *text, kith_error *err) {
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    kith_status status = kith_rate_table_read(out, json, "fmr", "m.safetensors", "kith.calibration", err);
    json_decref(json);
    return status;
}

static void a_table_comes_back(void **state) {
    (void)state;
    kith_rate_table back;
    kith_error err = {0};
    json_t *json = json_object();
    assert_int_equal(kith_rate_table_members(json, "fmr", &table), 0);
    assert_int_equal(kith_rate_table_read(&back, json, "fmr", "m", "table", &err), KITH_OK);
    json_decref(json);
    assert_int_equal(back.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_close(back.rate[i], table.rate[i]);
        assert_close(back.threshold[i], table.threshold[i]);
    }
    assert_close(back.supported, 0.01);
}

static void without_a_limit_all_rows_are_measured(void **state) {
    (void)state;
    kith_rate_table back;
    kith_error err = {0};
    assert_int_equal(read_text(&back, "{\"fmr\":[0.1,0.01],\"threshold\":[0.2,0.3]}", &err), KITH_OK);
    assert_close(back.supported, 0.01);
}

static void bad_tables_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "{}",
        "{\"fmr\":[0.1],\"threshold\":[0.1]}",
        "{\"fmr\":[0.1,0.01],\"threshold\":[0.1]}",
        "{\"fmr\":[0.1,\"x\"],\"threshold\":[0.1,0.2]}",
        "{\"fmr\":[0.01,0.1],\"threshold\":[0.1,0.2]}",
        "{\"fmr\":[0.1,0.1],\"threshold\":[0.1,0.2]}",
        "{\"fmr\":[1.5,0.1],\"threshold\":[0.1,0.2]}",
        "{\"fmr\":[0.1,0],\"threshold\":[0.1,0.2]}",
        "{\"fmr\":[0.1,0.01],\"threshold\":[0.2,0.1]}",
        "{\"fmr\":[0.1,0.01],\"threshold\":[0.2,1.1]}",
        "{\"fmr\":[0.1,0.01],\"threshold\":[0.2,0.3],\"supported\":0}",
        "{\"fmr\":[0.1,0.01],\"threshold\":[0.2,0.3],\"supported\":1.5}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kith_rate_table out;
        kith_error err = {0};
        assert_int_equal(read_text(&out, bad[i], &err), KITH_E_REFUSED);
        assert_string_equal(err.where, "m.safetensors");
        assert_non_null(strstr(err.text, "kith.calibration"));
    }
}

static void a_table_longer_than_the_limit_is_refused(void **state) {
    (void)state;
    char text[8192] = "{\"fmr\":[1";
    size_t used = strlen(text);
    for (int i = 1; i <= KITH_RATE_ROWS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",%g", 1 - i / 1000.0);
    used += (size_t)snprintf(text + used, sizeof text - used, "],\"threshold\":[0");
    for (int i = 1; i <= KITH_RATE_ROWS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",%g", i / 1000.0);
    snprintf(text + used, sizeof text - used, "]}");
    kith_rate_table out;
    kith_error err = {0};
    assert_int_equal(read_text(&out, text, &err), KITH_E_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_met_and_joined_in_the_logarithm),
        cmocka_unit_test(beyond_the_ends),
        cmocka_unit_test(thresholds_lead_back_to_rates),
        cmocka_unit_test(a_chance_is_shared_by_the_comparisons),
        cmocka_unit_test(rows_fall_by_halves_and_fifths),
        cmocka_unit_test(a_table_comes_back),
        cmocka_unit_test(without_a_limit_all_rows_are_measured),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(a_table_longer_than_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
