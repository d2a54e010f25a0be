/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/ledger.h"
#include "tests/gallery/support/made.h"

enum { PER_CALL = 7, CALLS = 2000 };

/* Writes points, then their records, as kith-index does, saying each number of calls that returned. */
static void write_until_killed(const char *path, int report) {
    kith_gallery *gallery = NULL;
    kith_ledger *ledger = NULL;
    if (kith_gallery_open(&gallery, path, KITH_GALLERY_WRITE, NULL) != KITH_OK ||
        kith_ledger_open(&ledger, gallery, NULL, NULL) != KITH_OK)
        _exit(1);
    for (unsigned call = 0; call < CALLS; call++) {
        kith_record records[PER_CALL];
        char paths[PER_CALL][32];
        made_put(gallery, call * PER_CALL, PER_CALL, "Ann");
        for (unsigned i = 0; i < PER_CALL; i++) {
            snprintf(paths[i], sizeof paths[i], "/photos/%u.jpg", call * PER_CALL + i);
            records[i] = (kith_record){.path = paths[i],
                                       .pipeline = MADE_PIPELINE,
                                       .outcome = KITH_INDEXED,
                                       .run = "00000000-0000-4000-8000-000000000001"};
        }
        if (kith_ledger_put(ledger, records, PER_CALL, NULL) != KITH_OK ||
            write(report, &call, sizeof call) != sizeof call)
            _exit(1);
    }
    _exit(0);
}

/* Every record's point must be there: points are written first. */
struct check {
    kith_gallery *gallery;
    uint64_t records;
};

static kith_status point_exists(void *context, const kith_record *record, kith_error *err) {
    struct check *check = context;
    kith_filter filter = {0};
    kith_filter_text(&filter, KITH_FIELD_PATH, KITH_EQUAL, record->path, err);
    assert_int_equal(made_count(check->gallery, &filter), 1);
    check->records++;
    return KITH_OK;
}

static void assert_file_is_whole(const char *path) {
    sqlite3 *handle;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    sqlite3_close(handle);
}

/* Kills a writer after `delay` microseconds; what its calls had said to be written is there, whole. */
static void kill_after(useconds_t delay) {
    kith_error err = {0};
    int ends[2];
    unsigned call, calls = 0;
    char *path = made_uri();
    kith_gallery *gallery = made_gallery(path);
    kith_gallery_close(&gallery);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        write_until_killed(path, ends[1]);
    close(ends[1]);
    usleep(delay);
    kill(child, SIGKILL);
    while (read(ends[0], &call, sizeof call) == sizeof call)
        calls = call + 1;
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);

    struct check check = {0};
    kith_ledger *ledger = NULL;
    gallery = check.gallery = made_gallery(path);
    kith_ledger_open(&ledger, gallery, NULL, &err);
    kith_ledger_under(ledger, "/photos", point_exists, &check, &err);
    assert_no_error(err);
    uint64_t points = made_count(gallery, NULL);
    assert_int_equal(points % PER_CALL, 0);
    assert_true(points >= (uint64_t)calls * PER_CALL && points <= (uint64_t)(calls + 1) * PER_CALL);
    assert_true(check.records >= (uint64_t)calls * PER_CALL && check.records <= points);
    made_put(gallery, 0, 3 * PER_CALL, "Ann"); /* work goes on */
    kith_ledger_close(&ledger);
    kith_gallery_close(&gallery);
    assert_file_is_whole(path);
    made_remove_uri(path);
}

static void at_any_moment(void **state) {
    (void)state;
    for (useconds_t i = 0; i < 12; i++)
        kill_after(2000 + 17000 * i);
}

/* What a killed program left of a file that it was making. */
static void remove_unfinished(const char *path) {
    char pattern[256];
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s.new.*", path);
    glob(pattern, 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        unlink(found.gl_pathv[i]);
    globfree(&found);
}

/* A file that is being made appears whole or not at all. */
static void while_it_is_made(void **state) {
    (void)state;
    for (useconds_t i = 0; i < 20; i++) {
        char *path = made_uri();
        pid_t child = fork();
        if (child == 0) {
            kith_gallery *gallery = made_gallery(path);
            kith_gallery_close(&gallery);
            _exit(0);
        }
        usleep(i * 1000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        kith_gallery *gallery = made_gallery(path);
        made_put(gallery, 0, 1, NULL);
        kith_gallery_close(&gallery);
        remove_unfinished(path);
        made_remove_uri(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_any_moment),
        cmocka_unit_test(while_it_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
