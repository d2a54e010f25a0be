/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "proto/digest.h"
#include "proto/timestamp.h"
#include "proto/utf8.h"
#include "tests/gallery/support/made.h"

/* Computed by Python's uuid.uuid5() with kith's namespace. */
static void ids_are_uuids_of_content(void **state) {
    char id[KITH_ID_SIZE], other[KITH_ID_SIZE], sha256[KITH_DIGEST_SIZE];
    unsigned char bytes[16];
    (void)state;
    for (int i = 0; i < KITH_DIGEST_SIZE - 1; i++)
        sha256[i] = "ab"[i % 2];
    sha256[KITH_DIGEST_SIZE - 1] = 0;
    kith_point_id(id, "0123456789abcdef", sha256, 0);
    assert_string_equal(id, "8b226da3-6161-525f-9c6b-ea235de2c370");
    kith_point_id(id, "0123456789abcdef", sha256, 7);
    assert_string_equal(id, "900ea4a0-2bba-5889-9be9-c2cc9120e325");
    assert_true(kith_id_bytes(bytes, id));
    kith_id_text(other, bytes);
    assert_string_equal(other, id);
    assert_false(kith_id_bytes(bytes, "900EA4A0-2bba-5889-9be9-c2cc9120e325"));
    assert_false(kith_id_bytes(bytes, "900ea4a0-2bba-5889-9be9-c2cc9120e32"));
    assert_false(kith_id_bytes(bytes, "900ea4a0-2bba-5889-9be9-c2cc9120e3255"));
    assert_false(kith_id_bytes(bytes, "900ea4a02-bba-5889-9be9-c2cc9120e325"));
    kith_run_id(id);
    kith_run_id(other);
    assert_true(id[14] == '4' && strchr("89ab", id[19]) && strcmp(id, other) != 0);
}

/* FIPS 180-4's own example, and the empty text. */
static void digests_are_sha256(void **state) {
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    char out[KITH_DIGEST_SIZE], path[] = "/tmp/kith-test-XXXXXX";
    unsigned char bytes[32];
    kith_error err = {0};
    (void)state;
    assert_int_equal(kith_sha256(out, "abc", 3, NULL), KITH_OK);
    assert_string_equal(out, abc);
    kith_sha256_stream *stream = kith_sha256_start();
    kith_sha256_update(stream, "a", 1);
    kith_sha256_update(stream, "bc", 2);
    assert_int_equal(kith_sha256_finish(out, stream, NULL), KITH_OK);
    assert_string_equal(out, abc);
    assert_int_equal(kith_sha256_finish(out, NULL, NULL), KITH_E_MEMORY);
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_int_equal(kith_sha256_file(out, path, NULL), KITH_OK);
    assert_string_equal(out, abc);
    close(fd);
    unlink(path);
    assert_int_equal(kith_sha256_file(out, path, &err), KITH_E_IO);
    assert_string_equal(err.where, path);
    kith_error_clear(&err);
    assert_int_equal(kith_sha256_file(out, "/", &err), KITH_E_IO);
    assert_true(kith_hex_bytes(bytes, 32, abc));
    kith_hex_text(out, bytes, 32);
    assert_string_equal(out, abc);
    assert_false(kith_hex_bytes(bytes, 31, abc));
    assert_false(kith_hex_bytes(bytes, 33, abc));
    assert_false(kith_hex_bytes(bytes, 2, "abcX"));
}

static void expect_range(const char *text, int64_t from, int64_t to) {
    int64_t a = 0, b = 0;
    assert_true(kith_time_range(&a, &b, text));
    if (a != from || b != to)
        fail_msg("%s: %lld to %lld", text, (long long)a, (long long)b);
}

static void times_are_ranges(void **state) {
    static const char *const bad[] = {"",
                                      "24",
                                      "2024-",
                                      "2024-13",
                                      "2024-00",
                                      "2023-02-29",
                                      "2024-04-31",
                                      "2024-05-03T",
                                      "2024-05-03T24",
                                      "2024-05-03T10:60",
                                      "2024-05-03T10:00:61",
                                      "2024-05-03T10:00:00.",
                                      "2024-05-03T10:00:00Zx",
                                      "2024-05-03T10:00:00+2",
                                      "2024-05-03T10:00:00+24:00",
                                      "2024-05-03Z",
                                      " 2024",
                                      "-024",
                                      "2024-05-03T10:00:00+0200"};
    int64_t a, b;
    (void)state;
    expect_range("1970", 0, 365LL * 86400 * 1000000);
    expect_range("1970-01-01T00:00:01Z", 1000000, 2000000);
    expect_range("1969-12-31T23:59:59.5Z", -500000, -400000);
    expect_range("1970-01-01T02:00:00.000001+02:00", 1, 2);
    expect_range("1970-01-01T00:00:00.0000019Z", 1, 2);
    expect_range("2024-02-29", 1709164800LL * 1000000, 1709251200LL * 1000000);
    expect_range("2024-12", 1733011200LL * 1000000, 1735689600LL * 1000000);
    expect_range("2000-02", 949363200LL * 1000000, 951868800LL * 1000000);
    expect_range("2024-05-03T17", 1714755600LL * 1000000, 1714759200LL * 1000000);
    expect_range("2024-05-03 17:20", 1714756800LL * 1000000, 1714756860LL * 1000000);
    expect_range("2024-05-03T17:20:31-05:30", 1714776631LL * 1000000, 1714776632LL * 1000000);
    expect_range("0000-01-01", -62167219200LL * 1000000, -62167132800LL * 1000000);
    expect_range("9999-12-31T23:59:60Z", 253402300800LL * 1000000, 253402300801LL * 1000000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (kith_time_range(&a, &b, bad[i]))
            fail_msg("\"%s\" is a time", bad[i]);
    assert_true(kith_time_complete("2024-05-03T17:20:31.25+02:00"));
    assert_false(kith_time_complete("2024-05-03T17:20:31"));
    assert_false(kith_time_complete("2024-05-03T17:20Z"));
    assert_false(kith_time_complete("2024-05-03 17:20:31Z"));
    char now[KITH_TIME_SIZE];
    kith_time_now(now);
    assert_true(kith_time_complete(now));
}

static void expect_utf8(const char *text, const char *expected, int bad) {
    int changed;
    char *out = kith_utf8(text, strlen(text), &changed);
    assert_string_equal(out, expected);
    assert_int_equal(changed, bad);
    free(out);
}

static void bad_bytes_become_replacement_characters(void **state) {
    (void)state;
    expect_utf8("Zo\xc3\xab", "Zo\xc3\xab", 0);
    expect_utf8("", "", 0);
    expect_utf8("a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd", 1);
    expect_utf8("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 1);
    expect_utf8("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 0);
    expect_utf8("\xef\xbf\xbd", "\xef\xbf\xbd", 0);
}

static void paths_are_kept_sorted_and_once(void **state) {
    kith_point point = {0};
    static const char *const paths[] = {"/m", "/z", "/a", "/m", "/\xff", "/b", "/z"};
    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(kith_point_add_path(&point, paths[i], NULL), KITH_OK);
    assert_int_equal(point.path_count, 5);
    for (size_t i = 1; i < 5; i++)
        assert_true(strcmp(point.paths[i - 1], point.paths[i]) < 0);
    kith_point_drop_path(&point, "/not there");
    kith_point_drop_path(&point, "/m");
    assert_int_equal(point.path_count, 4);
    assert_string_equal(point.paths[2], "/z");
    kith_point copy;
    assert_int_equal(kith_point_copy(&copy, &point, NULL), KITH_OK);
    kith_point_clear(&point);
    assert_string_equal(copy.paths[0], "/a");
    assert_int_equal(kith_point_set_person(&copy, "\xff", NULL), KITH_E_FORMAT);
    assert_null(copy.person);
    kith_point_clear(&copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_uuids_of_content),
        cmocka_unit_test(digests_are_sha256),
        cmocka_unit_test(times_are_ranges),
        cmocka_unit_test(bad_bytes_become_replacement_characters),
        cmocka_unit_test(paths_are_kept_sorted_and_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
