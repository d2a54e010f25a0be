/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/calibration.h"

#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-9)
#define ROWS "\"fmr\":[0.1,0.01,0.0001],\"threshold\":[0.2,0.3,0.45]"

static void a_networks_is_read(void **state) {
    (void)state;
    kith_calibration c;
    kith_error err = {0};
    const char *text =
        "{\"data\":\"half A\",\"made\":\"2026-11-26T05:00:00Z\",\"persons\":198,\"faces\":4942,"
        "\"pairs\":1000," ROWS ",\"supported\":0.01,\"margin\":0.07}";
    assert_int_equal(kith_calibration_parse(&c, text, "m.safetensors", &err), KITH_OK);
    assert_int_equal(c.table.count, 3);
    assert_close(c.table.supported, 0.01);
    assert_close(c.margin, 0.07);
    assert_int_equal(c.pairs, 1000);
    assert_int_equal(c.persons, 198);
    assert_int_equal(c.faces, 4942);
    assert_string_equal(c.data, "half A");
    assert_string_equal(c.made, "2026-11-26T05:00:00Z");
    json_t *json = kith_calibration_json(&c);
    char *again = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
    kith_calibration back;
    assert_int_equal(kith_calibration_parse(&back, again, "m", &err), KITH_OK);
    assert_memory_equal(&back, &c, sizeof c);
    free(again);
    json_decref(json);
}

static void what_is_not_said_has_defaults(void **state) {
    (void)state;
    kith_calibration c;
    kith_error err = {0};
    assert_int_equal(kith_calibration_parse(&c, "{" ROWS "}", "m", &err), KITH_OK);
    assert_close(c.margin, KITH_MARGIN);
    assert_int_equal(c.pairs, 0);
    assert_string_equal(c.data, "");
    assert_string_equal(c.made, "");
}

static void bad_ones_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "[]", "{", "{}", "{" ROWS ",\"margin\":-1}", "{" ROWS ",\"margin\":2.5}", "{" ROWS "," ROWS "}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kith_calibration out;
        kith_error err = {0};
        assert_int_equal(kith_calibration_parse(&out, bad[i], "m", &err), KITH_E_REFUSED);
        assert_string_equal(err.where, "m");
    }
}

static void words_of_a_file_are_made_printable(void **state) {
    (void)state;
    kith_calibration c;
    kith_error err = {0};
    assert_int_equal(
        kith_calibration_parse(&c, "{" ROWS ",\"data\":\"a\\u001bb\",\"made\":\"soon\"}", "m", &err),
        KITH_OK);
    assert_string_equal(c.data, "a\\x1bb");
    assert_string_equal(c.made, "");
}

static void a_gallery_is_old_when_it_changed_by_a_quarter(void **state) {
    (void)state;
    const kith_gallery_calibration c = {.faces = 100};
    assert_false(kith_gallery_calibration_is_old(&c, 100));
    assert_false(kith_gallery_calibration_is_old(&c, 124));
    assert_true(kith_gallery_calibration_is_old(&c, 125));
    assert_false(kith_gallery_calibration_is_old(&c, 76));
    assert_true(kith_gallery_calibration_is_old(&c, 75));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_networks_is_read),
        cmocka_unit_test(what_is_not_said_has_defaults),
        cmocka_unit_test(bad_ones_are_refused),
        cmocka_unit_test(words_of_a_file_are_made_printable),
        cmocka_unit_test(a_gallery_is_old_when_it_changed_by_a_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
