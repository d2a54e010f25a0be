/* SPDX-License-Identifier: MIT
 *
 * A folder per person: who is there, in which order, who was chosen; and groups of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/evaluate/groups.h"
#include "tests/evaluate/support/made.h"

static char people[512];

static int make_people(void **state) {
    (void)state;
    static const char *const files[] = {
        "people/Bob/2.jpg", "people/Bob/1.PNG",       "people/Ann/x/y/deep.jpeg", "people/Ann/notes.txt",
        "people/stray.jpg", "people/Cy & co/a,b.jpg", "people/Ann/.hidden.jpg",   "people/Nobody/list.csv"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        made_file(files[i], "x");
    snprintf(people, sizeof people, "%s/people", made_folder());
    return 0;
}

static kith_status walk(kith_study *study, const char *only, kith_error *err) {
    *study = (kith_study){.folder = people};
    const kith_people_options options = {.only = only, .jobs = 1};
    return kith_study_people(study, &options, err);
}

static void pictures_below_persons_are_found(void **state) {
    (void)state;
    kith_study study;
    kith_error err = {0};
    static const char *const wanted[] = {"Ann/.hidden.jpg", "Ann/x/y/deep.jpeg", "Bob/1.PNG", "Bob/2.jpg",
                                         "Cy & co/a,b.jpg"};
    assert_int_equal(walk(&study, NULL, &err), KITH_OK);
    assert_int_equal(study.names.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(study.names.items[i], wanted[i]);
    assert_int_equal(study.persons.count, 3);
    assert_string_equal(study.persons.items[study.photos[1].person], "Ann");
    assert_string_equal(study.persons.items[study.photos[4].person], "Cy & co");
    kith_study_clear(&study);
}

static void persons_can_be_chosen(void **state) {
    (void)state;
    kith_study study;
    kith_error err = {0};
    assert_int_equal(walk(&study, made_file("only", "Cy & co\n\nBob\n"), &err), KITH_OK);
    assert_int_equal(study.names.count, 3);
    assert_int_equal(study.persons.count, 2);
    kith_study_clear(&study);
    assert_int_equal(walk(&study, made_file("only", "Bob\nDan\n"), &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "Dan has no pictures"));
    kith_study_clear(&study);
    err = (kith_error){0};
    assert_int_equal(walk(&study, made_file("only", "\n"), &err), KITH_E_REFUSED);
    kith_study_clear(&study);
}

static void nothing_is_an_error(void **state) {
    (void)state;
    kith_study study = {.folder = "/no/such/folder"};
    kith_error err = {0};
    const kith_people_options options = {.jobs = 1};
    assert_int_equal(kith_study_people(&study, &options, &err), KITH_E_IO);
    kith_study_clear(&study);
    err = (kith_error){0};
    char *file = strdup(made_file("file", "no folder"));
    study = (kith_study){.folder = file};
    assert_int_equal(kith_study_people(&study, &options, &err), KITH_E_IO);
    assert_string_equal(err.text, "is no folder");
    kith_study_clear(&study);
    free(file);
    err = (kith_error){0};
    char nobody[600];
    snprintf(nobody, sizeof nobody, "%s/Nobody", people);
    study = (kith_study){.folder = nobody};
    assert_int_equal(kith_study_people(&study, &options, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "a folder for each person"));
    kith_study_clear(&study);
}

static void groups_name_persons_and_photos(void **state) {
    (void)state;
    kith_study study;
    kith_groups groups;
    kith_error err = {0};
    assert_int_equal(walk(&study, NULL, &err), KITH_OK);
    assert_int_equal(
        kith_groups_read(
            &groups, &study,
            made_file("groups",
                      "\xef\xbb\xbfname,group\r\nAnn,old\r\n\r\n\"Cy & co/a,b.jpg\",old\nBob,\"y, x\"\n"
                      "Ann,both\nBob,both\nDan,old\n"),
            &err),
        KITH_OK);
    assert_int_equal(groups.names.count, 3);
    assert_string_equal(groups.names.items[1], "y, x");
    assert_int_equal(groups.unknown, 1);
    static const bool old[] = {true, true, false, false, true}, both[] = {true, true, true, true, false};
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(kith_groups_has(&groups, 0, i), old[i]);
        assert_int_equal(kith_groups_has(&groups, 1, i), i == 2 || i == 3);
        assert_int_equal(kith_groups_has(&groups, 2, i), both[i]);
    }
    kith_groups_clear(&groups);
    static const char *const bad[] = {"",       "name,group\n", "Dan,old\n",   "name,group\nDan,old\n\n",
                                      "Ann,\n", ",old\n",       "Ann,old,1\n", "Ann\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err = (kith_error){0};
        assert_int_equal(kith_groups_read(&groups, &study, made_file("groups", bad[i]), &err),
                         KITH_E_REFUSED);
        assert_null(groups.members);
    }
    kith_study_clear(&study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_below_persons_are_found),
        cmocka_unit_test(persons_can_be_chosen),
        cmocka_unit_test(nothing_is_an_error),
        cmocka_unit_test(groups_name_persons_and_photos),
    };
    return cmocka_run_group_tests(tests, make_people, NULL);
}
