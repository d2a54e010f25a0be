/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/threshold.h"

#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-9)

enum { NO_THRESHOLD = -2 };

#define GOOD                                                                                                 \
    "{\"provisional\":true,\"data\":\"half A\",\"pairs\":1000,\"fmr\":[0.1,0.01,0.0001],"                    \
    "\"threshold\":[0.2,0.3,0.45],\"margin\":0.07}"

static kith_calibration table(void) {
    kith_calibration out;
    kith_error err = {0};
    assert_int_equal(kith_calibration_parse(&out, GOOD, "m.safetensors", &err), KITH_OK);
    return out;
}

static double at(double fmr, bool *extrapolated) {
    kith_calibration t = table();
    return kith_calibration_at(&t, fmr, extrapolated);
}

static void a_good_table_is_read(void **state) {
    (void)state;
    kith_calibration t = table();
    assert_int_equal(t.count, 3);
    assert_true(t.provisional);
    assert_int_equal(t.pairs, 1000);
    assert_close(t.margin, 0.07);
    assert_string_equal(t.data, "half A");
}

static void bad_tables_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{",
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
        "{\"fmr\":[0.1,0.01],\"threshold\":[0.2,0.3],\"margin\":-1}",
        "{\"fmr\":[0.1,0.01],\"fmr\":[0.1,0.01],\"threshold\":[0.2,0.3]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kith_calibration out;
        kith_error err = {0};
        assert_int_equal(kith_calibration_parse(&out, bad[i], "m", &err), KITH_E_REFUSED);
        assert_string_equal(err.where, "m");
    }
}

static void a_table_longer_than_the_limit_is_refused(void **state) {
    (void)state;
    char text[8192] = "{\"fmr\":[1";
    size_t used = strlen(text);
    for (int i = 1; i <= KITH_CALIBRATION_MOST; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",%g", 1 - i / 1000.0);
    used += (size_t)snprintf(text + used, sizeof text - used, "],\"threshold\":[0");
    for (int i = 1; i <= KITH_CALIBRATION_MOST; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, ",%g", i / 1000.0);
    snprintf(text + used, sizeof text - used, "]}");
    kith_calibration out;
    kith_error err = {0};
    assert_int_equal(kith_calibration_parse(&out, text, "m", &err), KITH_E_REFUSED);
}

static void rows_are_met_and_joined_in_the_logarithm(void **state) {
    (void)state;
    bool beyond;
    assert_close(at(0.1, &beyond), 0.2);
    assert_close(at(0.01, &beyond), 0.3);
    assert_close(at(0.0001, &beyond), 0.45);
    assert_false(beyond);
    assert_close(at(0.001, &beyond), 0.375);
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

static void a_chance_is_shared_by_the_comparisons(void **state) {
    (void)state;
    assert_close(kith_fmr_of(0.01, 1), 0.01);
    assert_close(kith_fmr_of(0.01, 0), 0.01);
    assert_close(kith_fmr_of(0.75, 2), 0.5);
    assert_close(kith_fmr_of(0.01, 1000000000) * 1e9, -log(0.99));
}

static kith_certainty certainty(double given, const char *calibration) {
    kith_certainty out;
    kith_error err = {0};
    assert_int_equal(kith_certainty_open(&out, given, 0.01, "mobileface", calibration, &err), KITH_OK);
    return out;
}

static void a_threshold_says_where_it_came_from(void **state) {
    (void)state;
    kith_certainty c = certainty(NO_THRESHOLD, GOOD);
    kith_threshold t;
    kith_certainty_at(&t, &c, 1);
    assert_close(t.value, 0.3);
    assert_close(t.margin, 0.07);
    assert_true(t.provisional);
    assert_false(t.extrapolated);
    assert_string_equal(t.source, "provisional table of mobileface");
    double one = t.value;
    kith_certainty_at(&t, &c, 1000);
    assert_true(t.value > one && t.extrapolated && t.named == 1000);
    assert_close(t.fmr, kith_fmr_of(0.01, 1000));
    char words[256];
    kith_threshold_words(words, sizeof words, &t);
    assert_non_null(strstr(words, "provisional"));
    assert_non_null(strstr(words, "1 in 100 "));
    assert_non_null(strstr(words, "beyond"));
}

static void a_given_threshold_is_taken_as_it_is(void **state) {
    (void)state;
    kith_certainty c = certainty(0.42, GOOD);
    kith_threshold t;
    kith_certainty_at(&t, &c, 7);
    assert_close(t.value, 0.42);
    assert_close(t.margin, 0.07);
    c = certainty(-1, NULL);
    kith_certainty_at(&t, &c, 7);
    assert_close(t.value, -1);
    assert_close(t.margin, 0.05);
    assert_close(t.fpir, 0);
    assert_int_equal(t.named, 7);
    assert_false(t.provisional);
    assert_string_equal(t.source, "given");
}

static void without_table_and_threshold_it_is_refused(void **state) {
    (void)state;
    kith_certainty c;
    kith_error err = {0};
    assert_int_equal(kith_certainty_open(&c, NO_THRESHOLD, 0.01, "siamese", NULL, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "--threshold"));
    kith_error_clear(&err);
    assert_int_equal(kith_certainty_open(&c, 0.4, 0.01, "siamese", "{}", &err), KITH_E_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_table_is_read),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(a_table_longer_than_the_limit_is_refused),
        cmocka_unit_test(rows_are_met_and_joined_in_the_logarithm),
        cmocka_unit_test(beyond_the_ends),
        cmocka_unit_test(a_chance_is_shared_by_the_comparisons),
        cmocka_unit_test(a_threshold_says_where_it_came_from),
        cmocka_unit_test(a_given_threshold_is_taken_as_it_is),
        cmocka_unit_test(without_table_and_threshold_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
