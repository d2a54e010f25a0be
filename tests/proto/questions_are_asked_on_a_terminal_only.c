/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/command/program.h"

static int master;

/* Standard input becomes a terminal at which somebody types; the questions go nowhere. */
static int sit_down(void **state) {
    (void)state;
    master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return -1;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    dup2(slave, STDIN_FILENO);
    close(slave);
    return 0;
}

static bool answer(const char *text) {
    int saved = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    bool wrote = write(master, text, strlen(text)) == (ssize_t)strlen(text);
    bool yes = kith_confirm("Merge two persons?");
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(nowhere);
    assert_true(wrote);
    return yes;
}

static void only_yes_is_yes(void **state) {
    (void)state;
    assert_true(answer("y\n"));
    assert_true(answer("Yes\n"));
    assert_false(answer("n\n"));
    assert_false(answer("\n"));
    assert_false(answer(" y\n"));
    assert_false(answer("neither yes nor no, and longer than any answer that is expected\n"));
    assert_true(answer("y\n")); /* the long line was read to its end */
}

static void without_a_terminal_nobody_is_asked(void **state) {
    (void)state;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], "y\n", 2), 2);
    dup2(pipes[0], STDIN_FILENO);
    assert_false(kith_confirm("Merge two persons?"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_yes_is_yes, sit_down),
        cmocka_unit_test(without_a_terminal_nobody_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
