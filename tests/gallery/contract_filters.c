/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

/* Six points that differ in everything a filter can name. */
static int setup(void **state) {
    static const struct {
        const char *person, *taken, *path;
        float eyes, score;
    } rows[6] = {
        {"Ann", "2024-05-03T17:20:31Z", "/photos/2024/a.jpg", 10, 0.7F},
        {"Ann", "2024-12-31T23:59:59.75-01:00", "/photos/2024/sub/b.jpg", 20, 0.8F}, /* 2025 in UTC */
        {"Bob", "2025-01-01T00:59:59.75Z", "/photos/2024-b.jpg", 30, 0.9F},
        {"Bob, Jr.", "", "/photos/2024", 40, 0.95F},
        {NULL, "2023-01-01T00:00:00Z", "/photos/\xff/d.jpg", 50, 1},
        {NULL, "", "/other/e.jpg", 60, 0.75F},
    };
    made_setup(state);
    for (unsigned i = 0; i < 6; i++) {
        kith_error err = {0};
        float vector[KITH_DIMENSION];
        kith_point point = made_point(i, rows[i].person);
        char old[32];
        snprintf(old, sizeof old, "/photos/%u.jpg", i);
        kith_point_drop_path(&point, old);
        kith_point_add_path(&point, rows[i].path, &err);
        if (i == 5)
            kith_point_add_path(&point, "/second/f.jpg", &err);
        snprintf(point.taken, sizeof point.taken, "%s", rows[i].taken);
        point.eyes = rows[i].eyes;
        point.score = rows[i].score;
        if (i % 2)
            memcpy(point.run, "00000000-0000-4000-8000-000000000002", KITH_ID_SIZE);
        made_vector(vector, i);
        kith_gallery_put(*state, &point, vector, 1, &err);
        assert_no_error(err);
        kith_point_clear(&point);
    }
    return 0;
}

/* Which of the six a filter text meets, as their numbers in order: "025". */
static void expect_filter(kith_gallery *gallery, const kith_filter *filter, const char *text,
                          const char *expected) {
    char met[8] = "";
    made_list list = made_each(gallery, filter);
    for (unsigned i = 0; i < 6; i++) {
        kith_point point = made_point(i, NULL);
        for (size_t k = 0; k < list.count; k++)
            if (strcmp(list.points[k].sha256, point.sha256) == 0)
                met[strlen(met)] = (char)('0' + i);
        kith_point_clear(&point);
    }
    if (strcmp(met, expected) != 0)
        fail_msg("%s meets \"%s\", not \"%s\"", text, met, expected);
    assert_int_equal(made_count(gallery, filter), strlen(expected));
    made_list_clear(&list);
}

static void expect(kith_gallery *gallery, const char *text, const char *expected) {
    kith_error err = {0};
    kith_filter filter = {0};
    char *storage;
    kith_filter_parse(&filter, &storage, text, &err);
    assert_no_error(err);
    expect_filter(gallery, &filter, text, expected);
    free(storage);
}

static void persons(void **state) {
    expect(*state, "person=Ann", "01");
    expect(*state, "person!=Ann", "2345");
    expect(*state, "person=", "45");
    expect(*state, "person!=", "0123");
    expect(*state, "person=Nobody", "");
    expect(*state, "person!=Nobody", "012345");
    expect(*state, "person=Bob\\, Jr.", "3");
    expect(*state, "person=ann", "");
}

static void paths(void **state) {
    expect(*state, "path=/photos/2024", "3");
    expect(*state, "path^=/photos/2024", "013");
    expect(*state, "path^=/photos/2024/", "013");
    expect(*state, "path^=/photos/2024/sub", "1");
    expect(*state, "path^=/photos", "01234");
    expect(*state, "path^=/", "012345");
    expect(*state, "path^=/photos/\xff", "4");
    expect(*state, "path=/photos/\xff/d.jpg", "4");
    expect(*state, "path!=/other/e.jpg", "01234");
    expect(*state, "path=/second/f.jpg", "5");
    expect(*state, "path^=/second", "5");
    expect(*state, "path^=/sec", "");
}

static void times(void **state) {
    expect(*state, "taken=2024", "0");
    expect(*state, "taken!=2024", "124");
    expect(*state, "taken=2025", "12");
    expect(*state, "taken=2025-01-01T01:59:59.75+01:00", "12");
    expect(*state, "taken=2025-01-01T00:59:59", "12");
    expect(*state, "taken>=2024", "012");
    expect(*state, "taken>2024", "12");
    expect(*state, "taken<2024-05-03", "4");
    expect(*state, "taken<=2024-05-03", "04");
    expect(*state, "taken<=2024-05-03T17:20", "04");
    expect(*state, "taken<2024-05-03T17:20", "4");
    expect(*state, "taken>2024-05-03T17:20:31", "12");
}

static void numbers(void **state) {
    expect(*state, "eyes=20", "1");
    expect(*state, "eyes!=20", "02345");
    expect(*state, "eyes<20", "0");
    expect(*state, "eyes<=20", "01");
    expect(*state, "eyes>50", "5");
    expect(*state, "eyes>=50", "45");
    expect(*state, "score>=0.7", "012345"); /* 0.7 as a float is below 0.7 */
    expect(*state, "score=0.95", "3");
    expect(*state, "face=0", "012345");
    expect(*state, "face>0", "");
    expect(*state, "face<0.5", "012345");
    expect(*state, "face<=0.5", "012345");
    expect(*state, "face>-0.5", "012345");
    expect(*state, "face>=0.5", "");
    expect(*state, "face=0.5", "");
    expect(*state, "face!=0.5", "012345");
}

static void identities(void **state) {
    kith_filter filter = {0};
    char text[128];
    kith_point point = made_point(2, NULL);
    snprintf(text, sizeof text, "sha256=%s", point.sha256);
    expect(*state, text, "2");
    snprintf(text, sizeof text, "sha256!=%s", point.sha256);
    expect(*state, text, "01345");
    snprintf(text, sizeof text, "id=%s", point.id);
    expect(*state, text, "2");
    snprintf(text, sizeof text, "id!=%s", point.id);
    expect(*state, text, "01345");
    expect(*state, "run=00000000-0000-4000-8000-000000000002", "135");
    expect(*state, "run!=00000000-0000-4000-8000-000000000002", "024");
    kith_filter_text(&filter, KITH_FIELD_PIPELINE, KITH_EQUAL, MADE_PIPELINE, NULL);
    expect_filter(*state, &filter, "pipeline=", "012345");
    filter.conditions[0].comparison = KITH_NOT_EQUAL;
    expect_filter(*state, &filter, "pipeline!=", "");
    expect_filter(*state, NULL, "no filter", "012345");
    kith_point_clear(&point);
}

static void conditions_must_all_hold(void **state) {
    expect(*state, "person=Ann,eyes>10", "1");
    expect(*state, "person!=,taken<2025-06,eyes<=30,score>0.75", "12");
    expect(*state, "path^=/photos,path!=/photos/2024,person!=", "012");
    expect(*state,
           "eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,eyes>5,"
           "eyes>5,eyes>5,eyes>5,taken=2024",
           "0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(persons, setup, made_teardown),
        cmocka_unit_test_setup_teardown(paths, setup, made_teardown),
        cmocka_unit_test_setup_teardown(times, setup, made_teardown),
        cmocka_unit_test_setup_teardown(numbers, setup, made_teardown),
        cmocka_unit_test_setup_teardown(identities, setup, made_teardown),
        cmocka_unit_test_setup_teardown(conditions_must_all_hold, setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
