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
#include "tests/gallery/support/made.h"

static const kith_gallery_calibration measured = {
    .tables = {{.count = 3, .rate = {0.1, 0.01, 0.001}, .threshold = {0.4, 0.5, 0.6}, .supported = 0.01},
               {.count = 2, .rate = {0.2, 0.002}, .threshold = {0.3, 0.4567}, .supported = 0.002}},
    .margins = {0.08, 0.06},
    .faces = 1697,
    .persons = 359,
    .compared = 1692.25,
    .made = "2026-11-26T05:00:00Z",
};

static void a_new_gallery_has_none(void **state) {
    kith_gallery_calibration back;
    kith_error err = {0};
    bool found = true;
    assert_int_equal(kith_gallery_calibration_read(&back, &found, *state, &err), KITH_OK);
    assert_false(found);
}

static void it_is_kept_for_everybody(void **state) {
    kith_gallery_calibration back;
    kith_error err = {0};
    bool found;
    kith_gallery *other = made_gallery(kith_gallery_uri(*state));
    assert_int_equal(kith_gallery_calibration_store(*state, &measured, &err), KITH_OK);
    assert_int_equal(kith_gallery_calibration_read(&back, &found, other, &err), KITH_OK);
    assert_no_error(err);
    assert_true(found);
    assert_memory_equal(&back, &measured, sizeof back);
    kith_gallery_close(&other);
}

static void a_new_one_replaces_it(void **state) {
    kith_gallery_calibration second = measured, back;
    kith_error err = {0};
    bool found;
    second.faces = 2000;
    second.tables[0].threshold[2] = 0.75;
    assert_int_equal(kith_gallery_calibration_store(*state, &measured, &err), KITH_OK);
    assert_int_equal(kith_gallery_calibration_store(*state, &second, &err), KITH_OK);
    assert_int_equal(kith_gallery_calibration_read(&back, &found, *state, &err), KITH_OK);
    assert_int_equal(back.faces, 2000);
    assert_true(fabs(back.tables[0].threshold[2] - 0.75) < 1e-9);
}

static void a_damaged_one_is_refused(void **state) {
    static const char *const bad[] = {
        "{}",
        "{\"faces\":1,\"persons\":1,\"compared\":1,\"made\":\"2026-11-26T05:00:00Z\"}",
        "{\"best\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.5]}}",
        "{\"best\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.5]},"
        "\"mean3\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.3]},"
        "\"faces\":1,\"persons\":1,\"compared\":1,\"made\":\"2026-11-26T05:00:00Z\"}",
        "{\"best\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.5]},"
        "\"mean3\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.5]},"
        "\"faces\":1,\"persons\":1,\"compared\":0,\"made\":\"2026-11-26T05:00:00Z\"}",
        "{\"best\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.5]},"
        "\"mean3\":{\"fpir\":[0.1,0.01],\"threshold\":[0.4,0.5]},"
        "\"faces\":1,\"persons\":1,\"compared\":1,\"made\":\"yesterday\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kith_gallery_calibration back;
        kith_error err = {0};
        bool found;
        assert_int_equal(kith_gallery_set_note(*state, "calibration", bad[i], &err), KITH_OK);
        assert_int_equal(kith_gallery_calibration_read(&back, &found, *state, &err), KITH_E_REFUSED);
        assert_non_null(strstr(err.text, "calibration"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_gallery_has_none, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(it_is_kept_for_everybody, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_new_one_replaces_it, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_one_is_refused, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
