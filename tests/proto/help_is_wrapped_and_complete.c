/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/command/table.h"
#include "tests/cli/support/sample.h"

static char *help(int width) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    kith_help_command(out, &sample_program, &sample_program.commands[0], width);
    fclose(out);
    return text;
}

static void lines_end_before_the_edge(void **state) {
    (void)state;
    for (int width = 60; width <= 100; width++) {
        char *text = help(width);
        for (char *line = text; *line; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\n") > (size_t)width)
                fail_msg("wider than %d: %.*s", width, (int)strcspn(line, "\n"), line);
        free(text);
    }
}

static void every_option_is_told_with_its_help(void **state) {
    (void)state;
    char *text = help(1000); /* nothing is wrapped */
    const kith_option *option;
    for (size_t i = 0; (option = kith_command_option(&sample_program.commands[0], i, NULL)); i++) {
        assert_non_null(strstr(text, option->name));
        assert_non_null(strstr(text, option->help));
    }
    assert_non_null(strstr(text, "(at least 64M; default: 512M)"));
    assert_non_null(strstr(text, "(largest, centre, only, all; default: all)"));
    assert_non_null(strstr(text, "--[no-]sync "));
    assert_non_null(strstr(text, "given (1 to 512)\n")); /* a default out of bounds is none */
    free(text);
}

/* The whole text, as each renderer writes it for the same table, twice. */
static void texts_are_the_same_each_time(void **state) {
    (void)state;
    void (*const renderers[])(FILE *, const kith_program *) = {kith_man, kith_completion_bash,
                                                               kith_completion_zsh};
    for (size_t i = 0; i < sizeof renderers / sizeof renderers[0]; i++) {
        char *texts[2] = {0};
        for (int turn = 0; turn < 2; turn++) {
            size_t size = 0;
            FILE *out = open_memstream(&texts[turn], &size);
            setenv("KITH_JOBS", turn ? "9" : "1", 1);
            setenv("HOME", turn ? "/home/a" : "/home/b", 1);
            renderers[i](out, &sample_program);
            fclose(out);
        }
        assert_string_equal(texts[0], texts[1]);
        free(texts[0]);
        free(texts[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_before_the_edge),
        cmocka_unit_test(every_option_is_told_with_its_help),
        cmocka_unit_test(texts_are_the_same_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
