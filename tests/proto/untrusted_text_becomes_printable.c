/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/status.h"

static void expect(const char *text, const char *seen) {
    char out[64];
    assert_string_equal(kith_printable(out, sizeof out, text, SIZE_MAX), seen);
}

static void controls_and_bad_bytes_are_escaped(void **state) {
    (void)state;
    expect("plain", "plain");
    expect("a\nb\tc\x1b[2J", "a\\nb\\tc\\x1b[2J");
    expect("Zo\xc3\xab", "Zo\xc3\xab");
    expect("\xff\xfe", "\\xff\\xfe");
    expect("\xc0\xaf", "\\xc0\\xaf");          /* overlong */
    expect("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
    expect("\xc2\x9b"
           "31m",
           "\\xc2\\x9b31m"); /* CSI as one C1 character */
    expect("a\xe2\x80\xae"
           "b",
           "a\\xe2\\x80\\xaeb"); /* from right to left */
    expect("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
    expect("\xe2\x80\x94", "\xe2\x80\x94"); /* a dash */
    expect("", "");
}

static void long_text_is_cut_at_a_character(void **state) {
    (void)state;
    char out[8];
    kith_printable(out, sizeof out,
                   "abc\xc3\xab"
                   "fgh",
                   SIZE_MAX);
    assert_string_equal(out, "abc...");
    kith_printable(out, sizeof out, "abcdefg", SIZE_MAX);
    assert_string_equal(out, "abcdefg");
}

static void first_cause_wins(void **state) {
    (void)state;
    kith_error err = {0};
    assert_int_equal(kith_fail(&err, KITH_E_IO, 2, "a\nb", "no such file (%s)", "check the path"), KITH_E_IO);
    assert_int_equal(kith_fail(&err, KITH_E_MEMORY, 0, "other", "later"), KITH_E_IO);
    assert_string_equal(err.where, "a\\nb");
    assert_string_equal(err.text, "no such file (check the path)");
    assert_int_equal(kith_exit_code(&err), 5);
    kith_error_clear(&err);
    kith_fail(&err, KITH_E_IO, 2, "", "no such file"); /* a name that is empty is seen to be so */
    assert_string_equal(err.where, "''");
}

static void a_cause_is_handed_on_as_it_is(void **state) {
    (void)state;
    kith_error cause = {0}, err = {0};
    kith_fail(&cause, KITH_E_STOPPED, 15, NULL, "stopped");
    assert_int_equal(kith_fail_with(&err, &cause), KITH_E_STOPPED);
    assert_int_equal(err.native, 15);
    assert_string_equal(err.where, "");
    assert_string_equal(err.text, "stopped");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_and_bad_bytes_are_escaped),
        cmocka_unit_test(long_text_is_cut_at_a_character),
        cmocka_unit_test(first_cause_wins),
        cmocka_unit_test(a_cause_is_handed_on_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
