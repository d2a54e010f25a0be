/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/command/table.h"

static void expect(const char *word, const char *expected) {
    static const char *const known[] = {"detect-size", "detector", "jobs",   "json",
                                        "memory",      "gallery",  "person", "person-from"};
    kith_nearest nearest = {.word = word};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        kith_nearest_offer(&nearest, known[i], strlen(known[i]));
    if (expected)
        assert_string_equal(nearest.best, expected);
    else
        assert_null(nearest.best);
}

static void slips_of_the_finger_are_recognised(void **state) {
    (void)state;
    expect("detct-size", "detect-size");
    expect("dectector", "detector");
    expect("jbos", "jobs"); /* a swap counts once */
    expect("jon", "json");
    expect("memroy", "memory");
    expect("galery", "gallery");
    expect("gallerys", "gallery");
    expect("persons", "person");
}

static void beginnings_are_recognised(void **state) {
    (void)state;
    expect("det", "detect-size");
    expect("person-f", "person-from");
    expect("mem", "memory");
}

static void other_words_are_not(void **state) {
    (void)state;
    expect("threshold", NULL);
    expect("gallows", NULL);
    expect("x", NULL);
    expect("pe", NULL);
    expect("", NULL);
    expect("an-extremely-long-word-that-nobody-would-ever-type-by-accident", NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_of_the_finger_are_recognised),
        cmocka_unit_test(beginnings_are_recognised),
        cmocka_unit_test(other_words_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
