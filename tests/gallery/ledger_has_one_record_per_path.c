/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/ledger.h"
#include "tests/gallery/support/made.h"

#define RUN "00000000-0000-4000-8000-000000000001"

enum { SEEN = 400 };

static const char digest_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static kith_record made_record(const char *path) {
    kith_record record = {.path = path,
                          .device = UINT64_MAX,
                          .inode = UINT64_MAX - 1,
                          .size = INT64_MAX,
                          .modified = -1500000000,
                          .pipeline = MADE_PIPELINE,
                          .outcome = KITH_INDEXED,
                          .faces = 2,
                          .person = "Ann",
                          .run = RUN};
    memcpy(record.sha256, digest_a, sizeof digest_a);
    return record;
}

static void put(kith_ledger *ledger, const kith_record *record) {
    kith_error err = {0};
    kith_ledger_put(ledger, record, 1, &err);
    assert_no_error(err);
}

static void a_record_comes_back_as_it_was(void **state) {
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    kith_record found;
    bool is;
    kith_ledger_open(&ledger, *state, NULL, &err);
    kith_record record = made_record("/a/\xff\n");
    put(ledger, &record);
    kith_ledger_find(ledger, "/a/\xff\n", &found, &is, &err);
    assert_no_error(err);
    assert_true(is);
    assert_string_equal(found.path, record.path);
    assert_true(found.device == record.device && found.inode == record.inode && found.size == record.size &&
                found.modified == record.modified);
    assert_string_equal(found.sha256, record.sha256);
    assert_string_equal(found.pipeline, record.pipeline);
    assert_int_equal(found.outcome, KITH_INDEXED);
    assert_int_equal(found.faces, 2);
    assert_string_equal(found.person, "Ann");
    assert_null(found.reason);
    assert_string_equal(found.run, RUN);
    kith_ledger_find(ledger, "/a", &found, &is, &err);
    assert_no_error(err);
    assert_false(is);
    kith_ledger_close(&ledger);
}

static void a_path_has_one_record_the_newest(void **state) {
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    kith_record found;
    bool is;
    kith_ledger_open(&ledger, *state, NULL, &err);
    kith_record records[2] = {made_record("/a"), made_record("/a")};
    records[1].outcome = KITH_FAILED;
    records[1].reason = "cut short";
    records[1].person = NULL;
    records[1].sha256[0] = 0;
    kith_ledger_put(ledger, records, 2, &err);
    kith_ledger_find(ledger, "/a", &found, &is, &err);
    assert_no_error(err);
    assert_int_equal(found.outcome, KITH_FAILED);
    assert_string_equal(found.reason, "cut short");
    assert_string_equal(found.sha256, "");
    assert_null(found.person);
    kith_ledger_close(&ledger);
}

static void what_cannot_be_stored_stops_the_whole_call(void **state) {
    kith_ledger *ledger = NULL;
    kith_record found;
    bool is;
    assert_int_equal(kith_ledger_open(&ledger, *state, NULL, NULL), KITH_OK);
    kith_record records[2] = {made_record("/a"), made_record("/b")};
    records[1].outcome = KITH_UNCHANGED;
    assert_int_equal(kith_ledger_put(ledger, records, 2, NULL), KITH_E_REFUSED);
    records[1] = made_record("/b");
    records[1].run[0] = 'x';
    assert_int_equal(kith_ledger_put(ledger, records, 2, NULL), KITH_E_REFUSED);
    records[1] = made_record("/b");
    records[1].sha256[0] = 'x';
    assert_int_equal(kith_ledger_put(ledger, records, 2, NULL), KITH_E_REFUSED);
    assert_int_equal(kith_ledger_find(ledger, "/a", &found, &is, NULL), KITH_OK);
    assert_false(is);
    kith_ledger_close(&ledger);
}

static kith_status append(void *context, const kith_record *record, kith_error *err) {
    char *seen = context;
    (void)err;
    size_t used = strlen(seen);
    snprintf(seen + used, SEEN - used, "%s ", record->path);
    return KITH_OK;
}

static void expect_under(kith_ledger *ledger, const char *path, const char *expected) {
    kith_error err = {0};
    char seen[SEEN] = "";
    kith_ledger_under(ledger, path, append, seen, &err);
    assert_no_error(err);
    assert_string_equal(seen, expected);
}

static void walks_go_below_a_path_in_order(void **state) {
    static const char *const paths[] = {"/a/b/1", "/a/b", "/a/b-c", "/a/b.d/2", "/a/b0", "/a/c", "/b"};
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    char seen[SEEN] = "";
    kith_ledger_open(&ledger, *state, NULL, &err);
    for (size_t i = 0; i < 7; i++) {
        kith_record record = made_record(paths[i]);
        if (i % 2)
            record.sha256[0] = 0;
        put(ledger, &record);
    }
    expect_under(ledger, NULL, "/a/b /a/b-c /a/b.d/2 /a/b/1 /a/b0 /a/c /b ");
    expect_under(ledger, "/", "/a/b /a/b-c /a/b.d/2 /a/b/1 /a/b0 /a/c /b ");
    expect_under(ledger, "/a/b", "/a/b /a/b/1 ");
    expect_under(ledger, "/a/b/", "/a/b /a/b/1 ");
    expect_under(ledger, "/a/b.d", "/a/b.d/2 ");
    expect_under(ledger, "/x", "");
    kith_ledger_of_digest(ledger, digest_a, append, seen, &err);
    assert_no_error(err);
    assert_string_equal(seen, "/a/b-c /a/b/1 /a/b0 /b ");
    kith_ledger_drop(ledger, "/a/b", &err);
    expect_under(ledger, NULL, "/a/b-c /a/b.d/2 /a/b0 /a/c /b ");
    kith_ledger_drop(ledger, NULL, &err);
    assert_no_error(err);
    expect_under(ledger, NULL, "");
    kith_ledger_close(&ledger);
}

static void a_ledger_may_be_a_file_of_its_own(void **state) {
    kith_error err = {0};
    char *path = made_uri();
    kith_ledger *own = NULL, *usual = NULL;
    kith_ledger_open(&own, *state, path, &err);
    assert_no_error(err);
    kith_record record = made_record("/a");
    put(own, &record);
    kith_ledger_open(&usual, *state, NULL, &err);
    expect_under(usual, NULL, "");
    expect_under(own, NULL, "/a ");
    kith_ledger_close(&own);
    kith_ledger_open(&own, *state, path, &err);
    assert_no_error(err);
    expect_under(own, NULL, "/a ");
    kith_ledger_drop(own, NULL, &err);
    kith_ledger_purge(own, &err);
    assert_no_error(err);
    expect_under(own, NULL, "");
    kith_ledger_close(&own);
    kith_ledger_close(&usual);
    made_remove_uri(path);
}

static void runs_are_noted_once(void **state) {
    kith_ledger *ledger = NULL;
    char run[KITH_ID_SIZE];
    kith_run_id(run);
    assert_int_equal(kith_ledger_open(&ledger, *state, NULL, NULL), KITH_OK);
    assert_int_equal(kith_ledger_begin_run(ledger, run, "{}", NULL), KITH_OK);
    assert_int_equal(kith_ledger_begin_run(ledger, run, "{}", NULL), KITH_OK);
    assert_int_equal(kith_ledger_begin_run(ledger, "no id", "{}", NULL), KITH_E_USAGE);
    kith_ledger_close(&ledger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_comes_back_as_it_was, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_path_has_one_record_the_newest, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_stored_stops_the_whole_call, made_setup,
                                        made_teardown),
        cmocka_unit_test_setup_teardown(walks_go_below_a_path_in_order, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_ledger_may_be_a_file_of_its_own, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(runs_are_noted_once, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
