/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/lines.h"
#include "proto/stop.h"

enum { MOST = 100000 }; /* more than one read */

static kith_lines_item next(kith_lines *in) {
    kith_lines_item item;
    kith_error err = {0};
    assert_int_equal(kith_lines_next(in, &item, -1, &err), KITH_OK);
    return item;
}

static void expect(kith_lines *in, uint64_t number, const char *text) {
    kith_lines_item item = next(in);
    assert_int_equal(item.state, KITH_LINES_LINE);
    assert_int_equal(item.number, number);
    assert_int_equal(item.length, strlen(text));
    assert_string_equal(item.text, text);
}

/* The lines of a file that has no name any more. */
static kith_lines *of_file(FILE *file) {
    char path[64];
    kith_lines *in;
    kith_error err = {0};
    rewind(file);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    assert_int_equal(kith_lines_open(&in, path, '\n', MOST, &err), KITH_OK);
    fclose(file);
    return in;
}

static void any_length_up_to_the_limit(void **state) {
    (void)state;
    char *long_line = malloc(MOST + 2);
    memset(long_line, 'x', MOST + 1);
    long_line[MOST + 1] = 0;
    FILE *file = tmpfile();
    fputs("one\n\n", file);
    fwrite(long_line, 1, MOST, file); /* just not too long */
    fputs("\n", file);
    fwrite(long_line, 1, MOST + 1, file); /* just too long */
    fputs("\n", file);
    for (int i = 0; i < 10; i++) /* by far */
        fwrite(long_line, 1, MOST, file);
    fputs("\nlast", file);
    kith_lines *in = of_file(file);
    expect(in, 1, "one");
    expect(in, 2, "");
    long_line[MOST] = 0;
    expect(in, 3, long_line);
    for (uint64_t number = 4; number <= 5; number++) {
        kith_lines_item item = next(in);
        assert_int_equal(item.state, KITH_LINES_LONG);
        assert_int_equal(item.number, number);
    }
    expect(in, 6, "last");
    assert_int_equal(next(in).state, KITH_LINES_END);
    assert_int_equal(next(in).state, KITH_LINES_END);
    kith_lines_close(&in);
    free(long_line);
}

static void nothing_yet_is_no_end(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    kith_lines *in;
    kith_lines_item item;
    kith_error err = {0};
    assert_int_equal(kith_lines_from(&in, ends[0], "pipe", '\n', MOST, &err), KITH_OK);
    assert_int_equal(write(ends[1], "on", 2), 2);
    assert_int_equal(kith_lines_next(in, &item, 0, &err), KITH_OK);
    assert_int_equal(kith_lines_next(in, &item, 0, &err), KITH_OK);
    assert_int_equal(item.state, KITH_LINES_LATER);
    assert_int_equal(write(ends[1], "e\ntwo", 5), 5);
    expect(in, 1, "one");
    assert_int_equal(kith_lines_next(in, &item, 0, &err), KITH_OK);
    assert_int_equal(item.state, KITH_LINES_LATER);
    close(ends[1]);
    expect(in, 2, "two");
    assert_int_equal(next(in).state, KITH_LINES_END);
    kith_lines_close(&in);
}

static void a_line_is_too_long_when_its_bytes_say_so(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    kith_lines *in;
    kith_lines_item item;
    kith_error err = {0};
    assert_int_equal(kith_lines_from(&in, ends[0], "pipe", '\n', 4, &err), KITH_OK);
    assert_int_equal(write(ends[1], "four", 4), 4);
    for (int i = 0; i < 2; i++) { /* reads, and finds nothing more */
        assert_int_equal(kith_lines_next(in, &item, 0, &err), KITH_OK);
        assert_int_equal(item.state, KITH_LINES_LATER);
    }
    assert_int_equal(write(ends[1], "\nfives", 6), 6);
    expect(in, 1, "four");
    assert_int_equal(next(in).state, KITH_LINES_LONG); /* said before its end has come */
    close(ends[1]);
    assert_int_equal(next(in).state, KITH_LINES_END);
    kith_lines_close(&in);
}

static void byte_order_marks_and_carriage_returns_are_no_text(void **state) {
    (void)state;
    FILE *file = tmpfile();
    fputs("\xef\xbb\xbfone\r\n\r\n\n\xef\xbb\xbftwo\n\rx", file);
    kith_lines *in = of_file(file);
    expect(in, 1, "one\r");
    for (int i = 0; i < 2; i++) {
        kith_lines_item item = next(in);
        assert_true(kith_lines_blank(&item));
    }
    expect(in, 4, "\xef\xbb\xbftwo"); /* no beginning, so no mark */
    kith_lines_item item = next(in);
    assert_false(kith_lines_blank(&item));
    kith_lines_close(&in);
    kith_error err = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(kith_lines_from(&in, ends[0], "pipe", 0, MOST, &err), KITH_OK);
    assert_int_equal(write(ends[1], "\xef\xbb\xbfpath", 8), 8); /* with the zero byte: a list of paths */
    expect(in, 1, "\xef\xbb\xbfpath");
    close(ends[1]);
    kith_lines_close(&in);
    item = (kith_lines_item){KITH_LINES_LINE, (char[]){"\r\0x"}, 3, 1};
    assert_false(kith_lines_blank(&item));
}

/* The last test: who was asked to stop stays so. A FIFO never begins, a device never ends. */
static void what_never_ends_can_be_stopped(void **state) {
    (void)state;
    static const char fifo[] = KITH_BINARY_DIR "/tests/lines.fifo";
    kith_lines *in;
    kith_lines_item item;
    kith_error err = {0};
    unlink(fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    kith_stop_install();
    alarm(60);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        usleep(300 * 1000);
        kill(parent, SIGTERM);
        _exit(0);
    }
    assert_int_equal(kith_lines_open(&in, fifo, '\n', MOST, &err), KITH_E_STOPPED);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(unlink(fifo), 0);
    assert_int_equal(kith_lines_open(&in, "/dev/zero", '\n', MOST, &err), KITH_OK);
    assert_int_equal(kith_lines_next(in, &item, -1, &err), KITH_E_STOPPED);
    kith_lines_close(&in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_up_to_the_limit),
        cmocka_unit_test(nothing_yet_is_no_end),
        cmocka_unit_test(a_line_is_too_long_when_its_bytes_say_so),
        cmocka_unit_test(byte_order_marks_and_carriage_returns_are_no_text),
        cmocka_unit_test(what_never_ends_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
