/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "indexer/files/naming.h"
#include "proto/csv.h"
#include "tests/indexer/support/folder.h"

static void expect_fields(const char *line, size_t count, const char *first, const char *second) {
    char copy[64], *fields[2];
    snprintf(copy, sizeof copy, "%s", line);
    assert_int_equal(kith_csv_split(fields, 2, copy), count);
    if (count > 0)
        assert_string_equal(fields[0], first);
    if (count > 1)
        assert_string_equal(fields[1], second);
}

static void fields_are_cut(void **state) {
    (void)state;
    expect_fields("a,b", 2, "a", "b");
    expect_fields("a,b\r", 2, "a", "b");
    expect_fields("\"a,1\",\"b \"\"c\"\"\"", 2, "a,1", "b \"c\"");
    expect_fields(",", 2, "", "");
    expect_fields("\"\",x", 2, "", "x");
    expect_fields("a", 1, "a", "");
    expect_fields("", 1, "", "");
    expect_fields("a,b,c", 0, "", "");
    expect_fields("\"open,b", 0, "", "");
    expect_fields("\"a\"b,c", 0, "", "");
    expect_fields("a\"b,c", 2, "a\"b", "c"); /* a quote inside of an unquoted field is itself */
}

static void expect_person(kith_naming *naming, const char *folder, const char *name, const char *person) {
    char *path = absolute(folder, name);
    const char *found;
    kith_error err = {0};
    assert_int_equal(kith_naming_of(naming, path, &found, &err), KITH_OK);
    if (person)
        assert_string_equal(found, person);
    else
        assert_null(found);
    free(path);
}

static void rows_meet_paths(void **state) {
    (void)state;
    char *folder = enter_folder();
    char text[512], *gone = absolute(folder, "t/gone");
    assert_int_equal(mkdir("t", 0777), 0);
    snprintf(text, sizeof text,
             "path,person\r\none.jpg,Ann\n./../t/two.jpg,\"Lee, Bob\"\n%s/t/three.jpg,Ann\n\ngone,Cy\n",
             folder);
    write_text("t/names.csv", text);
    kith_naming *naming;
    kith_error err = {0};
    assert_int_equal(kith_naming_open(&naming, NULL, "t/names.csv", &err), KITH_OK);
    expect_person(naming, folder, "t/one.jpg", "Ann");
    expect_person(naming, folder, "t/two.jpg", "Lee, Bob");
    expect_person(naming, folder, "t/three.jpg", "Ann");
    expect_person(naming, folder, "t/four.jpg", NULL);
    expect_person(naming, folder, "one.jpg", NULL);
    size_t next = 0;
    assert_string_equal(kith_naming_unmet(naming, &next), gone);
    assert_null(kith_naming_unmet(naming, &next));
    kith_naming_close(&naming);
    free(gone);
    leave_folder(folder);
}

static void expect_refused(const char *text, const char *reason) {
    kith_naming *naming;
    kith_error err = {0};
    write_text("bad.csv", text);
    assert_int_equal(kith_naming_open(&naming, NULL, "bad.csv", &err), KITH_E_REFUSED);
    assert_null(naming);
    assert_non_null(strstr(err.text, reason));
}

static void wrong_lines_are_named(void **state) {
    (void)state;
    char *folder = enter_folder();
    expect_refused("a,Ann\nb\n", "line 2 is not");
    expect_refused("a,Ann\na,Bob\n", "lines 1 and 2 name the same photo Ann and Bob");
    expect_refused("a,\n", "line 1");
    expect_refused(",Ann\n", "line 1 has no path");
    expect_refused("a,bad\xff\n", "line 1");
    expect_refused("a,Ann\nb,Bob,c\n", "line 2 is not");
    kith_naming *naming;
    kith_error err = {0};
    write_text("twice.csv", "a,Ann\na,Ann\n"); /* says the same twice */
    assert_int_equal(kith_naming_open(&naming, NULL, "twice.csv", &err), KITH_OK);
    expect_person(naming, folder, "a", "Ann");
    size_t next = 0;
    assert_null(kith_naming_unmet(naming, &next));
    kith_naming_close(&naming);
    leave_folder(folder);
}

static void folders_name_their_photos(void **state) {
    (void)state;
    kith_naming *naming;
    kith_error err = {0};
    const char *person;
    assert_int_equal(kith_naming_open(&naming, NULL, "dir", &err), KITH_OK);
    assert_int_equal(kith_naming_of(naming, "/a/Ann Lee/1.jpg", &person, &err), KITH_OK);
    assert_string_equal(person, "Ann Lee");
    assert_int_equal(kith_naming_of(naming, "/1.jpg", &person, &err), KITH_OK);
    assert_null(person);
    assert_int_equal(kith_naming_of(naming, "/bad\xff/1.jpg", &person, &err), KITH_E_FORMAT);
    kith_naming_close(&naming);
    kith_error_clear(&err);
    assert_int_equal(kith_naming_open(&naming, "Ann", "dir", &err), KITH_E_USAGE);
    kith_error_clear(&err);
    assert_int_equal(kith_naming_open(&naming, "", NULL, &err), KITH_E_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_cut),
        cmocka_unit_test(rows_meet_paths),
        cmocka_unit_test(wrong_lines_are_named),
        cmocka_unit_test(folders_name_their_photos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
