/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/cli/support/sample.h"

static char folder[] = "/tmp/kith-settings-XXXXXX";
static char file[96];

static int make_home(void **state) {
    (void)state;
    char kith[48];
    if (!mkdtemp(folder))
        return -1;
    clearenv(); /* of settings of whoever runs the tests */
    setenv("XDG_CONFIG_HOME", folder, 1);
    snprintf(kith, sizeof kith, "%s/kith", folder);
    snprintf(file, sizeof file, "%s/kith.conf", kith);
    return mkdir(kith, 0700);
}

static int remove_home(void **state) {
    (void)state;
    unlink(file);
    char kith[48];
    snprintf(kith, sizeof kith, "%s/kith", folder);
    return rmdir(kith) | rmdir(folder);
}

static void configure(const char *text) {
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static kith_status parse(kith_arguments *out, kith_error *err, int count, const char *const *words) {
    return kith_arguments_parse(out, &sample_program.commands[0], count, words, err);
}

static void word_beats_variable_beats_file_beats_default(void **state) {
    (void)state;
    const char *const words[] = {"--jobs=4", "photo.jpg"};
    kith_arguments arguments;
    kith_error err = {0};
    configure("jobs = 2\n");
    setenv("KITH_JOBS", "3", 1);
    for (long expected = 4; expected >= 2; expected--) {
        int given = expected == 4 ? 2 : 1;
        if (expected == 2)
            unsetenv("KITH_JOBS");
        assert_int_equal(parse(&arguments, &err, given, words + 2 - given), KITH_OK);
        assert_int_equal(((const sample_show *)arguments.values)->jobs, expected);
        kith_arguments_release(&arguments);
    }
    configure("");
    assert_int_equal(parse(&arguments, &err, 1, words + 1), KITH_OK);
    assert_int_equal(((const sample_show *)arguments.values)->jobs, 0);
    kith_arguments_release(&arguments);
}

static void lists_replace_lists(void **state) {
    (void)state;
    const char *const words[] = {"photo.jpg", "-x", "word"};
    kith_arguments arguments;
    kith_error err = {0};
    configure("exclude = a\nsync = no\nexclude = b\n");
    assert_int_equal(parse(&arguments, &err, 1, words), KITH_OK);
    const sample_show *show = arguments.values;
    assert_int_equal(show->exclude.count, 2);
    assert_string_equal(show->exclude.items[1], "b");
    assert_false(show->sync);
    kith_arguments_release(&arguments);
    assert_int_equal(parse(&arguments, &err, 3, words), KITH_OK);
    show = arguments.values;
    assert_int_equal(show->exclude.count, 1);
    assert_string_equal(show->exclude.items[0], "word");
    kith_arguments_release(&arguments);
}

static void empty_variables_and_command_line_only_options_do_not_count(void **state) {
    (void)state;
    const char *const words[] = {"photo.jpg"};
    kith_arguments arguments;
    kith_error err = {0};
    configure("");
    setenv("KITH_JOBS", "", 1);
    setenv("KITH_FORCE", "yes", 1);
    assert_int_equal(parse(&arguments, &err, 1, words), KITH_OK);
    assert_false(((const sample_show *)arguments.values)->force);
    kith_arguments_release(&arguments);
    unsetenv("KITH_JOBS");
    unsetenv("KITH_FORCE");
}

static void a_huge_file_is_refused(void **state) {
    (void)state;
    const char *const words[] = {"photo.jpg"};
    for (size_t size = 65536; size <= 65537; size++) {
        kith_arguments arguments;
        kith_error err = {0};
        char *text = malloc(size + 1);
        assert_non_null(text);
        memset(text, '#', size);
        text[size] = 0;
        configure(text);
        free(text);
        assert_int_equal(parse(&arguments, &err, 1, words), size <= 65536 ? KITH_OK : KITH_E_USAGE);
        kith_arguments_release(&arguments);
    }
}

static void a_folder_in_place_of_the_file_is_an_error(void **state) {
    (void)state;
    const char *const words[] = {"photo.jpg"};
    kith_arguments arguments;
    kith_error err = {0};
    unlink(file);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_int_equal(parse(&arguments, &err, 1, words), KITH_E_IO);
    assert_string_equal(err.where, file);
    kith_arguments_release(&arguments);
    rmdir(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_beats_variable_beats_file_beats_default),
        cmocka_unit_test(lists_replace_lists),
        cmocka_unit_test(empty_variables_and_command_line_only_options_do_not_count),
        cmocka_unit_test(a_huge_file_is_refused),
        cmocka_unit_test(a_folder_in_place_of_the_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
