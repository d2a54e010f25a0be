/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "indexer/store/account.h"
#include "tests/indexer/support/folder.h"

static const char run[] = "00000000-0000-4000-8000-000000000000";

static void add(kith_account *account, const char *path, kith_outcome outcome, int faces) {
    kith_record record = {.path = path, .outcome = outcome, .faces = faces};
    kith_error err = {0};
    snprintf(record.run, sizeof record.run, "%s", run);
    if (outcome == KITH_FAILED)
        kith_fail(&err, KITH_E_FORMAT, 0, path, "is damaged");
    account->seen++;
    kith_account_add(account, &record, outcome == KITH_IGNORED ? "no picture" : NULL, &err);
}

static void expect_line(FILE *log, const char *path, const char *outcome, const char *reason) {
    char line[4096];
    assert_non_null(fgets(line, sizeof line, log));
    json_t *json = json_loads(line, 0, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "path")), path);
    assert_string_equal(json_string_value(json_object_get(json, "outcome")), outcome);
    assert_string_equal(json_string_value(json_object_get(json, "run")), run);
    if (reason)
        assert_string_equal(json_string_value(json_object_get(json, "reason")), reason);
    else
        assert_null(json_object_get(json, "reason"));
    json_decref(json);
}

static void every_kind_is_counted_and_logged(void **state) {
    (void)state;
    char *folder = enter_folder();
    kith_account account;
    kith_error err = {0};
    assert_int_equal(kith_account_open(&account, "log", run, false, &err), KITH_OK);
    add(&account, "/1", KITH_INDEXED, 3);
    add(&account, "/2", KITH_UNCHANGED, 2);
    add(&account, "/3", KITH_NO_FACE, 0);
    add(&account, "/4", KITH_FAILED, 0);
    add(&account, "/5", KITH_IGNORED, 0);
    assert_true(kith_account_balances(&account));
    assert_int_equal(account.faces, 3);
    assert_int_equal(kith_texts_add(&account.copies, "/0", &err), KITH_OK);
    assert_int_equal(kith_texts_add(&account.copies, "/1", &err), KITH_OK);
    kith_record was = {.path = "/1", .outcome = KITH_INDEXED, .faces = 3};
    kith_error why = {0};
    kith_fail(&why, KITH_E_FORMAT, 0, "/1", "has a twin");
    snprintf(was.run, sizeof was.run, "%s", run);
    kith_account_withdraw(&account, &was, &why); /* of this run: moves */
    assert_true(kith_account_balances(&account));
    assert_int_equal(account.failed, 2);
    assert_int_equal(account.copies.count, 1);
    assert_string_equal(account.copies.items[0], "/0");
    assert_int_equal(account.indexed + account.faces + account.withdrawn, 0);
    snprintf(was.run, sizeof was.run, "11111111-1111-4111-8111-111111111111");
    kith_account_withdraw(&account, &was, &why); /* of an earlier one: counted apart */
    assert_true(kith_account_balances(&account));
    assert_int_equal(account.withdrawn, 1);
    account.seen++;
    assert_false(kith_account_balances(&account));
    kith_account_close(&account);
    FILE *log = fopen("log", "r");
    expect_line(log, "/1", "indexed", NULL);
    expect_line(log, "/2", "unchanged", NULL);
    expect_line(log, "/3", "no face", NULL);
    expect_line(log, "/4", "failed", "is damaged");
    expect_line(log, "/5", "ignored", "no picture");
    expect_line(log, "/1", "failed", "has a twin");
    fclose(log);
    leave_folder(folder);
}

static void a_log_that_cannot_be_written_is_told_once(void **state) {
    (void)state;
    kith_account account;
    kith_error err = {0};
    assert_int_equal(kith_account_open(&account, "/dev/full", run, false, &err), KITH_OK);
    add(&account, "/1", KITH_INDEXED, 1);
    assert_int_equal(account.log_error.code, KITH_E_IO);
    assert_null(account.log);
    add(&account, "/2", KITH_INDEXED, 1);
    assert_int_equal(account.indexed, 2);
    kith_account_close(&account);
}

int main(void) {
    assert_non_null(freopen("/dev/null", "w", stderr)); /* failures are told */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_counted_and_logged),
        cmocka_unit_test(a_log_that_cannot_be_written_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
