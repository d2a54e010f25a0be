/* SPDX-License-Identifier: MIT
 *
 * Standard error becomes a pseudo terminal, and what arrives there is read at its other end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/command/program.h"

static int saved;

static int terminal(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return -1;
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    struct winsize size = {.ws_col = 50, .ws_row = 25};
    ioctl(slave, TIOCSWINSZ, &size);
    saved = dup(STDERR_FILENO);
    dup2(slave, STDERR_FILENO);
    close(slave);
    setenv("TERM", "xterm", 1);
    return master;
}

static void restore(int master) {
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(master);
}

static void take(int master, char *out, size_t size) {
    ssize_t got = read(master, out, size - 1);
    out[got > 0 ? got : 0] = 0;
}

static void slow_work_is_drawn_and_wiped(void **state) {
    (void)state;
    char seen[1024];
    int master = terminal();
    assert_true(master >= 0);
    kith_progress *progress = kith_progress_start("Indexing", "photos");
    kith_progress_update(progress, 1, 300, NULL);
    take(master, seen, sizeof seen);
    usleep(600000);
    kith_progress_update(progress, 60, 300, "2 failed\n");
    kith_progress_update(progress, 61, 300, "too soon");
    char drawn[1024], said[1024], wiped[1024];
    take(master, drawn, sizeof drawn);
    kith_say("a line of %d\n", 1);
    take(master, said, sizeof said);
    kith_progress_stop(&progress);
    take(master, wiped, sizeof wiped);
    restore(master);
    assert_string_equal(seen, ""); /* half a second has not passed */
    assert_non_null(strstr(drawn, "\r\x1b[KIndexing: 60 of 300 photos, "));
    assert_non_null(strstr(drawn, "/s, 0:0")); /* 240 more at 100 a second: 0:02 left */
    assert_null(strstr(drawn, "\n"));
    assert_null(strstr(drawn, "soon"));
    assert_int_equal(strlen(drawn), strlen("\r\x1b[K") + 49); /* the line does not reach the last column */
    assert_string_equal(said, "\r\x1b[Kkith: a line of 1\\n\r\n");
    assert_string_equal(wiped, "\r\x1b[K");
    assert_null(progress);
}

static void files_get_no_progress(void **state) {
    (void)state;
    int file = open("/dev/null", O_WRONLY), old = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    kith_progress *progress = kith_progress_start("Indexing", "photos");
    dup2(old, STDERR_FILENO);
    close(old);
    close(file);
    assert_null(progress);
    kith_progress_update(progress, 1, 2, NULL);
    kith_progress_stop(&progress);
}

static void colours_are_for_terminals_that_want_them(void **state) {
    (void)state;
    int master = terminal();
    assert_true(master >= 0);
    unsetenv("NO_COLOR");
    bool plain = kith_use_color(KITH_COLOR_AUTO, STDERR_FILENO);
    setenv("NO_COLOR", "1", 1);
    bool unwanted = kith_use_color(KITH_COLOR_AUTO, STDERR_FILENO);
    bool forced = kith_use_color(KITH_COLOR_ALWAYS, STDERR_FILENO);
    bool never = kith_use_color(KITH_COLOR_NEVER, STDERR_FILENO);
    setenv("NO_COLOR", "", 1);
    setenv("TERM", "dumb", 1);
    bool dumb = kith_use_color(KITH_COLOR_AUTO, STDERR_FILENO);
    restore(master);
    assert_true(plain && forced);
    assert_false(unwanted || never || dumb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_work_is_drawn_and_wiped),
        cmocka_unit_test(files_get_no_progress),
        cmocka_unit_test(colours_are_for_terminals_that_want_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
