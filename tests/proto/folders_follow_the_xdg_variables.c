/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/directories.h"

static void expect(kith_directory_kind kind, const char *expected) {
    char path[64];
    assert_int_equal(kith_directory(path, sizeof path, kind, NULL), KITH_OK);
    assert_string_equal(path, expected);
}

static void variables_beat_home(void **state) {
    (void)state;
    setenv("HOME", "/home/a", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("XDG_CONFIG_HOME", "", 1);
    expect(KITH_DIRECTORY_DATA, "/data/kith");
    expect(KITH_DIRECTORY_STATE, "/home/a/.local/state/kith");
    expect(KITH_DIRECTORY_CONFIG, "/home/a/.config/kith");
    unsetenv("XDG_DATA_HOME");
    expect(KITH_DIRECTORY_DATA, "/home/a/.local/share/kith");
}

static void no_home_and_no_room_are_errors(void **state) {
    (void)state;
    char path[10];
    kith_error err = {0};
    setenv("XDG_DATA_HOME", "/data", 1);
    assert_int_equal(kith_directory(path, sizeof path, KITH_DIRECTORY_DATA, &err), KITH_E_IO);
    kith_error_clear(&err);
    unsetenv("HOME");
    assert_int_equal(kith_directory(path, sizeof path, KITH_DIRECTORY_STATE, &err), KITH_E_IO);
    assert_string_equal(err.where, "XDG_STATE_HOME");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_beat_home),
        cmocka_unit_test(no_home_and_no_room_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
