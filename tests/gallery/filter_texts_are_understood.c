/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

static void texts_become_conditions(void **state) {
    kith_error err = {0};
    kith_filter filter = {0};
    char *storage;
    (void)state;
    kith_filter_parse(&filter, &storage,
                      "person=Ann\\, \\\\ Lee,taken>=2024-05,eyes>20,path^=/a=b,person!=", &err);
    assert_no_error(err);
    assert_int_equal(filter.count, 5);
    assert_string_equal(filter.conditions[0].text, "Ann, \\ Lee");
    assert_int_equal(filter.conditions[1].field, KITH_FIELD_TAKEN);
    assert_int_equal(filter.conditions[1].comparison, KITH_GREATER_EQUAL);
    assert_true(filter.conditions[2].number > 19.9 && filter.conditions[2].number < 20.1);
    assert_int_equal(filter.conditions[3].comparison, KITH_UNDER);
    assert_string_equal(filter.conditions[3].text, "/a=b");
    assert_int_equal(filter.conditions[4].comparison, KITH_NOT_EQUAL);
    assert_null(filter.conditions[4].text);
    free(storage);
}

static void what_is_not_understood_is_named(void **state) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", "names no field"},
        {"colour=red", "\"colour=red\" names no field"},
        {"pipeline=0123456789abcdef", "names no field"},
        {"person", "has no comparison"},
        {"person~Ann", "names no field"},
        {"person<Ann", "person cannot be compared"},
        {"sha256^=/a", "sha256 cannot be compared"},
        {"eyes=", "eyes is compared with a number"},
        {"eyes=12px", "not \"12px\""},
        {"eyes=nan", "a number"},
        {"eyes=1e999", "a number"},
        {"taken=", "taken is a time"},
        {"taken=may", "not \"may\""},
        {"sha256=abc", "64 hexadecimal digits"},
        {"id=abc", "is a UUID"},
        {"run=abc", "is a UUID"},
        {"path=photos", "an absolute path"},
        {"person=Ann,", "names no field"},
        {"eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,eyes>1,"
         "eyes>1,eyes>1,eyes>1",
         "at most 16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kith_error err = {0};
        kith_filter filter = {0};
        char *storage = (char *)1;
        kith_status status = kith_filter_parse(&filter, &storage, rows[i].text, &err);
        if (status != KITH_E_USAGE || !strstr(err.text, rows[i].expected))
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].text, err.text, rows[i].expected);
        assert_null(storage);
        assert_int_equal(filter.count, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_conditions),
        cmocka_unit_test(what_is_not_understood_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
