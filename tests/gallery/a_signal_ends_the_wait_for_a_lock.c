/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include "proto/stop.h"
#include "proto/timestamp.h"
#include "tests/gallery/support/made.h"

static void *interrupt(void *context) {
    (void)context;
    usleep(200 * 1000);
    kill(getpid(), SIGINT);
    return NULL;
}

static void a_signal_ends_the_wait_for_a_lock(void **state) {
    kith_error err = {0};
    sqlite3 *other;
    pthread_t thread;
    made_put(*state, 0, 1, NULL);
    assert_int_equal(sqlite3_open(kith_gallery_uri(*state), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    kith_stop_install();
    assert_int_equal(pthread_create(&thread, NULL, interrupt, NULL), 0);
    double start = kith_seconds();
    assert_int_equal(kith_gallery_remove(*state, NULL, NULL, &err), KITH_E_STOPPED);
    assert_int_equal(kith_exit_code(&err), 128 + SIGINT);
    assert_true(kith_seconds() - start < 10); /* not the half minute of a lock that lasts */
    pthread_join(thread, NULL);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(kith_gallery_remove(*state, NULL, NULL, NULL),
                     KITH_OK); /* what is free is still taken */
    sqlite3_close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_signal_ends_the_wait_for_a_lock, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
