/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/cli/support/sample.h"

/* The words after `kith-sample show`, parsed; NULL ends them. */
typedef struct parsed {
    kith_arguments arguments;
    const sample_show *show;
    kith_error err;
    kith_status status;
} parsed;

static parsed parse(const char *const *words) {
    parsed p = {0};
    int count = 0;
    while (words[count])
        count++;
    p.status = kith_arguments_parse(&p.arguments, &sample_program.commands[0], count, words, &p.err);
    p.show = p.arguments.values;
    return p;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static int alone(void **state) {
    (void)state;
    clearenv(); /* of settings of whoever runs the tests */
    setenv("XDG_CONFIG_HOME", "/dev/null", 1);
    return 0;
}

static void nothing_given_is_the_defaults(void **state) {
    (void)state;
    parsed p = PARSE("photo.jpg");
    assert_int_equal(p.status, KITH_OK);
    assert_null(p.show->person);
    assert_int_equal(p.show->which, 3);
    assert_int_equal(p.show->exclude.count, 0);
    assert_true(p.show->sync);
    assert_false(p.show->force);
    assert_int_equal(p.show->jobs, 0);
    assert_int_equal(p.show->memory, 512 << 20);
    assert_int_equal(p.arguments.operand_count, 1);
    assert_string_equal(p.arguments.operands[0], "photo.jpg");
    kith_arguments_release(&p.arguments);
}

static void every_type_has_its_form(void **state) {
    (void)state;
    parsed p = PARSE("--person", "Ann Lee", "a", "--which=centre", "--jobs=+8", "--memory", "2g",
                     "--min-score", "5e-1", "--exclude", "one", "-x", "two", "-xthree",
                     "--exclude=", "--no-sync", "--force", "-gfaces", "-", "b");
    assert_int_equal(p.status, KITH_OK);
    assert_string_equal(p.show->person, "Ann Lee");
    assert_int_equal(p.show->which, 1);
    assert_int_equal(p.show->jobs, 8);
    assert_int_equal(p.show->memory, (size_t)2 << 30);
    assert_true(p.show->min_score == 0.5);
    assert_int_equal(p.show->exclude.count, 4);
    assert_string_equal(p.show->exclude.items[0], "one");
    assert_string_equal(p.show->exclude.items[2], "three");
    assert_string_equal(p.show->exclude.items[3], "");
    assert_false(p.show->sync);
    assert_true(p.show->force);
    assert_string_equal(p.show->place.gallery, "faces");
    assert_int_equal(p.arguments.operand_count, 3);
    assert_string_equal(p.arguments.operands[1], "-");
    kith_arguments_release(&p.arguments);
}

static void letters_are_joined_and_the_last_word_wins(void **state) {
    (void)state;
    parsed p = PARSE("-fj4", "-wall", "-fw", "only", "--jobs", "5", "--no-force", "a");
    assert_int_equal(p.status, KITH_OK);
    assert_int_equal(p.show->jobs, 5);
    assert_int_equal(p.show->which, 2);
    assert_false(p.show->force);
    kith_arguments_release(&p.arguments);
}

static void two_dashes_end_the_options(void **state) {
    (void)state;
    parsed p = PARSE("--person", "--", "--", "--force", "-j", "--");
    assert_int_equal(p.status, KITH_OK);
    assert_string_equal(p.show->person, "--"); /* a value is a value */
    assert_false(p.show->force);
    assert_int_equal(p.arguments.operand_count, 3);
    assert_string_equal(p.arguments.operands[2], "--");
    kith_arguments_release(&p.arguments);
}

static void bounds_belong_to_the_range(void **state) {
    (void)state;
    const char *const good[] = {"--jobs=1",     "--jobs=512",      "--min-score=0", "--min-score=1",
                                "--memory=64M", "--memory=65536k", "--memory=64G"};
    const char *const bad[] = {
        "--jobs=0",
        "--jobs=513",
        "--jobs=-1",
        "--jobs=",
        "--jobs= 4",
        "--jobs=0x10",
        "--jobs=1e2",
        "--jobs=4.0",
        "--jobs=99999999999999999999",
        "--min-score=-0.01",
        "--min-score=inf",
        "--min-score=nan",
        "--min-score=0,5",
        "--min-score=",
        "--min-score=1e-999",
        "--memory=67108863",
        "--memory=65G",
        "--memory=18446744073709551615G",
        "--memory=17179869185G", /* 2^64 + 1G */
        "--memory=-1",
        "--memory=1.5G",
        "--memory=128MB",
        "--memory=M",
        "--memory=",
        "--which=",
        "--which=al",
        "--which=all|",
        "--which=largest|centre",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        parsed p = PARSE(good[i], "a");
        assert_int_equal(p.status, KITH_OK);
        kith_arguments_release(&p.arguments);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        parsed p = PARSE(bad[i], "a");
        if (p.status != KITH_E_USAGE)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(kith_exit_code(&p.err), 2);
        assert_memory_equal(p.err.where, bad[i], strlen(p.err.where)); /* the option is named */
        kith_arguments_release(&p.arguments);
    }
}

static void what_no_integer_holds_is_refused_without_bounds_too(void **state) {
    (void)state;
    struct values {
        long count;
        size_t size;
        double ratio;
    };
    static const struct values defaults = {0};
    static const kith_option options[] = {
        {.name = "count", .type = KITH_OPTION_INTEGER, .offset = offsetof(struct values, count)},
        {.name = "size", .type = KITH_OPTION_BYTES, .offset = offsetof(struct values, size)},
        {.name = "ratio", .type = KITH_OPTION_NUMBER, .offset = offsetof(struct values, ratio)},
    };
    static const kith_option_group group = {"Numbers", options, 3, 0};
    static const kith_command command = {
        .name = "count", .groups = &group, .group_count = 1, .size = sizeof defaults, .defaults = &defaults};
    static const char *const words[] = {
        "--count=-9223372036854775808",
        "--size=18446744073709551615",
        "--ratio=-1e300",
        "--count=9223372036854775808",
        "--size=18446744073709551616",
        "--ratio=1e999",
        "--size=5 ", /* a space is no unit */
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        kith_arguments arguments;
        kith_error err = {0};
        assert_int_equal(kith_arguments_parse(&arguments, &command, 1, words + i, &err),
                         i < 3 ? KITH_OK : KITH_E_USAGE);
        kith_arguments_release(&arguments);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_is_the_defaults),
        cmocka_unit_test(every_type_has_its_form),
        cmocka_unit_test(letters_are_joined_and_the_last_word_wins),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(bounds_belong_to_the_range),
        cmocka_unit_test(what_no_integer_holds_is_refused_without_bounds_too),
    };
    return cmocka_run_group_tests(tests, alone, NULL);
}
