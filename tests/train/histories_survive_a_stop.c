/* SPDX-License-Identifier: MIT
 *
 * A history comes back as it was written, without the epochs that a resumed run will do again, and without a
 * last line that something left unfinished; a damaged line before others is refused with its number.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/train/history.h"

static const char path[] = KITH_BINARY_DIR "/tests/history-survives.csv";

static kith_epoch row(long number) {
    return (kith_epoch){.epoch = number,
                        .step = number * 100,
                        .training = {1.5 / (double)number, 0.5, -0.125, NAN},
                        .validation = {NAN, NAN, NAN, NAN},
                        .accuracy = 0.96875,
                        .rate = 1e-4,
                        .images = 81,
                        .seconds = 12.5};
}

static void write_three(void) {
    kith_history history = {0};
    kith_error err = {0};
    for (long i = 1; i <= 3; i++) {
        kith_epoch one = row(i);
        assert_int_equal(kith_history_add(&history, &one, &err), KITH_OK);
    }
    assert_int_equal(kith_history_write(path, &history, &err), KITH_OK);
    kith_history_clear(&history);
}

static void append(const char *text) {
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void rows_come_back(void **state) {
    (void)state;
    kith_history history;
    kith_error err = {0};
    write_three();
    assert_int_equal(kith_history_read(&history, path, 3, &err), KITH_OK);
    assert_int_equal(history.count, 3);
    for (long i = 0; i < 3; i++) {
        const kith_epoch *got = &history.rows[i];
        assert_int_equal(got->epoch, i + 1);
        assert_int_equal(got->step, 100 * (i + 1));
        assert_true(got->training.loss == 1.5 / (double)(i + 1) && got->training.s_an == -0.125);
        assert_true(isnan(got->training.to_target) && isnan(got->validation.loss));
        assert_true(got->accuracy == 0.96875 && got->rate == 1e-4 && got->seconds == 12.5);
    }
    kith_history_clear(&history);
}

static void epochs_to_be_done_again_are_left_out(void **state) {
    (void)state;
    kith_history history;
    kith_error err = {0};
    write_three();
    assert_int_equal(kith_history_read(&history, path, 2, &err), KITH_OK);
    assert_int_equal(history.count, 2);
    kith_history_clear(&history);
}

static void an_unfinished_last_line_is_cut(void **state) {
    (void)state;
    kith_history history;
    kith_error err = {0};
    write_three();
    append("4,400,1.2");
    assert_int_equal(kith_history_read(&history, path, 9, &err), KITH_OK);
    assert_int_equal(history.count, 3);
    kith_history_clear(&history);
}

static void a_damaged_line_is_named(void **state) {
    (void)state;
    kith_history history;
    kith_error err = {0};
    write_three();
    append("4,400,oops,,,,,,,,,,,\n");
    append("5,500,1,,,,,,,,,,,\n");
    assert_int_equal(kith_history_read(&history, path, 9, &err), KITH_E_FORMAT);
    assert_non_null(strstr(err.text, "line 5 "));
    assert_null(history.rows);
}

static void no_file_is_no_history(void **state) {
    (void)state;
    kith_history history;
    kith_error err = {0};
    unlink(path);
    assert_int_equal(kith_history_read(&history, path, 9, &err), KITH_OK);
    assert_int_equal(history.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(epochs_to_be_done_again_are_left_out),
        cmocka_unit_test(an_unfinished_last_line_is_cut),
        cmocka_unit_test(a_damaged_line_is_named),
        cmocka_unit_test(no_file_is_no_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
