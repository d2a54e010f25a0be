/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>

#include "proto/gallery/sqlite.h"
#include "tests/gallery/support/made.h"

enum { WRITERS = 3, READERS = 2, CALLS = 25, PER_CALL = 8, ALL = WRITERS * CALLS * PER_CALL };

struct worker {
    pthread_t thread;
    const char *path;
    unsigned number;
    kith_error err;
};

/* Each thread has its own handle; no assertions here, they belong to the main thread. */
static void *write_some(void *context) {
    struct worker *worker = context;
    kith_gallery *gallery = NULL;
    kith_gallery_open(&gallery, worker->path, KITH_GALLERY_WRITE, &worker->err);
    for (unsigned call = 0; call < CALLS && !worker->err.code; call++) {
        kith_point points[PER_CALL];
        float vectors[PER_CALL * KITH_DIMENSION];
        for (unsigned i = 0; i < PER_CALL; i++) {
            unsigned number = (worker->number * CALLS + call) * PER_CALL + i;
            points[i] = made_point(number, "Ann");
            made_vector(vectors + (size_t)i * KITH_DIMENSION, number);
        }
        kith_gallery_put(gallery, points, vectors, PER_CALL, &worker->err);
        for (unsigned i = 0; i < PER_CALL; i++)
            kith_point_clear(&points[i]);
    }
    kith_gallery_close(&gallery);
    return NULL;
}

/* A reader sees whole calls only, and never fewer than before. */
static void *read_some(void *context) {
    struct worker *worker = context;
    kith_gallery *gallery = NULL;
    float probe[KITH_DIMENSION];
    uint64_t before = 0, count = 0;
    made_vector(probe, worker->number);
    kith_gallery_open(&gallery, worker->path, KITH_GALLERY_READ, &worker->err);
    while (!worker->err.code && count < ALL) {
        kith_hits hits;
        if (kith_gallery_search(gallery, probe, NULL, 0, &hits, &worker->err) != KITH_OK)
            break;
        count = hits.count;
        kith_hits_clear(&hits);
        if (count < before || count % PER_CALL != 0)
            kith_fail(&worker->err, KITH_E_REFUSED, 0, NULL, "saw %d, then %d", (int)before, (int)count);
        before = count;
    }
    kith_gallery_close(&gallery);
    return NULL;
}

static void writers_take_turns_and_readers_go_on(void **state) {
    struct worker workers[WRITERS + READERS] = {0};
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        workers[i].path = kith_gallery_uri(*state);
        workers[i].number = i;
        assert_int_equal(
            pthread_create(&workers[i].thread, NULL, i < WRITERS ? write_some : read_some, &workers[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS + READERS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_no_error(workers[i].err);
    }
    assert_int_equal(made_count(*state, NULL), ALL);
}

static void a_lock_that_lasts_is_one_clear_error(void **state) {
    kith_error err = {0};
    sqlite3 *other;
    float vector[KITH_DIMENSION];
    kith_point point = made_point(1, NULL);
    made_vector(vector, 1);
    assert_int_equal(sqlite3_open(kith_gallery_uri(*state), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(kith_sqlite_database(*state)->handle, 100); /* not half a minute in a test */
    assert_int_equal(kith_gallery_put(*state, &point, vector, 1, &err), KITH_E_IO);
    assert_int_equal(err.native, EBUSY);
    assert_string_equal(err.where, kith_gallery_uri(*state));
    assert_non_null(strstr(err.text, "locked by another program"));
    assert_int_equal(kith_exit_code(&err), 5);
    assert_int_equal(made_count(*state, NULL), 0); /* reading goes on */
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(kith_gallery_put(*state, &point, vector, 1, NULL), KITH_OK);
    sqlite3_close(other);
    kith_point_clear(&point);
}

/* A reader in the middle of an old state keeps its bytes alive; a purge must say so. */
static void a_purge_beside_a_reader_says_that_bytes_are_left(void **state) {
    kith_error err = {0};
    sqlite3 *other;
    made_put(*state, 0, 10, "Ann");
    assert_int_equal(sqlite3_open(kith_gallery_uri(*state), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN; SELECT * FROM face", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(kith_sqlite_database(*state)->handle, 100);
    assert_int_equal(kith_gallery_remove(*state, NULL, NULL, NULL), KITH_OK);
    assert_int_equal(kith_gallery_purge(*state, &err), KITH_E_IO);
    assert_non_null(strstr(err.text, "still in the -wal file"));
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(kith_gallery_purge(*state, NULL), KITH_OK);
    sqlite3_close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writers_take_turns_and_readers_go_on, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_lock_that_lasts_is_one_clear_error, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_purge_beside_a_reader_says_that_bytes_are_left, made_setup,
                                        made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
