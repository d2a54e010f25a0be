/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

static void assert_same_point(const kith_point *a, const kith_point *b) {
    json_t *x = kith_point_json(a), *y = kith_point_json(b);
    char *first = json_dumps(x, KITH_JSON), *second = json_dumps(y, KITH_JSON);
    assert_string_equal(first, second);
    free(first);
    free(second);
    json_decref(x);
    json_decref(y);
}

static kith_filter with_id(const kith_point *point) {
    kith_filter filter = {0};
    assert_int_equal(kith_filter_text(&filter, KITH_FIELD_ID, KITH_EQUAL, point->id, NULL), KITH_OK);
    return filter;
}

static void what_was_put_comes_back_in_the_order_of_ids(void **state) {
    made_put(*state, 0, 40, "Ann");
    made_list list = made_each(*state, NULL);
    assert_int_equal(list.count, 40);
    for (size_t i = 0; i < list.count; i++) {
        unsigned number = (unsigned)strtoul(list.points[i].paths[0] + strlen("/photos/"), NULL, 10);
        float vector[KITH_DIMENSION];
        kith_point expected = made_point(number, "Ann");
        assert_same_point(&list.points[i], &expected);
        made_vector(vector, number);
        made_assert_vector(list.vectors + i * KITH_DIMENSION, vector);
        assert_true(i == 0 || strcmp(list.points[i - 1].id, list.points[i].id) < 0);
        kith_point_clear(&expected);
    }
    made_list_clear(&list);
}

/* Bytes that are not UTF-8, many paths, no name, nothing taken. */
static void odd_points_come_back_unchanged(void **state) {
    kith_error err = {0};
    float vector[KITH_DIMENSION];
    kith_point point = made_point(1, NULL);
    kith_filter filter = with_id(&point);
    made_vector(vector, 1);
    point.taken[0] = 0;
    kith_point_add_path(&point, "/photos/\xff\xfe\n.jpg", &err);
    kith_point_add_path(&point, "/a", &err);
    kith_gallery_put(*state, &point, vector, 1, &err);
    assert_no_error(err);
    made_list list = made_each(*state, &filter);
    assert_int_equal(list.count, 1);
    assert_same_point(&list.points[0], &point);
    assert_string_equal(list.points[0].paths[0], "/a");
    assert_string_equal(list.points[0].paths[2], "/photos/\xff\xfe\n.jpg");
    assert_null(list.points[0].person);
    made_list_clear(&list);
    kith_point_clear(&point);
}

static void putting_again_replaces(void **state) {
    kith_error err = {0};
    float vector[KITH_DIMENSION];
    made_put(*state, 0, 3, "Ann");
    kith_point point = made_point(1, "Bob");
    point.eyes = 55;
    point.taken[0] = 0;
    kith_point_drop_path(&point, "/photos/1.jpg");
    kith_point_add_path(&point, "/elsewhere.jpg", &err);
    made_vector(vector, 99);
    kith_gallery_put(*state, &point, vector, 1, &err);
    assert_no_error(err);
    assert_int_equal(made_count(*state, NULL), 3);
    kith_filter filter = with_id(&point);
    made_list list = made_each(*state, &filter);
    assert_same_point(&list.points[0], &point);
    made_assert_vector(list.vectors, vector);
    made_list_clear(&list);
    kith_point_clear(&point);
}

static void updating_leaves_the_vector_and_skips_unknown_points(void **state) {
    kith_error err = {0};
    float vector[KITH_DIMENSION];
    made_put(*state, 0, 3, "Ann");
    kith_point points[2] = {made_point(2, NULL), made_point(77, "Zoe")};
    kith_point_add_path(&points[0], "/second.jpg", &err);
    kith_gallery_update(*state, points, 2, &err);
    assert_no_error(err);
    assert_int_equal(made_count(*state, NULL), 3);
    kith_filter filter = with_id(&points[0]);
    made_list list = made_each(*state, &filter);
    assert_same_point(&list.points[0], &points[0]);
    made_vector(vector, 2);
    made_assert_vector(list.vectors, vector);
    made_list_clear(&list);
    kith_point_clear(&points[0]);
    kith_point_clear(&points[1]);
}

static void names_are_given_and_taken(void **state) {
    kith_error err = {0};
    uint64_t changed;
    kith_people people;
    made_put(*state, 0, 10, NULL);
    made_put(*state, 10, 5, "Ann");
    kith_filter low = {0}, ann = {0};
    kith_filter_number(&low, KITH_FIELD_EYES, KITH_LESS, 3, &err);
    kith_filter_text(&ann, KITH_FIELD_PERSON, KITH_EQUAL, "Ann", &err);
    kith_gallery_name(*state, &low, "Bob", &changed, &err);
    assert_int_equal(changed, 3);
    kith_gallery_people(*state, &people, &err);
    assert_no_error(err);
    assert_int_equal(people.count, 2);
    assert_string_equal(people.items[0].name, "Ann");
    assert_int_equal(people.items[0].faces, 5);
    assert_int_equal(people.items[0].photos, 5);
    assert_string_equal(people.items[1].name, "Bob");
    kith_people_clear(&people);
    kith_gallery_name(*state, &ann, NULL, &changed, &err);
    assert_int_equal(changed, 5);
    kith_gallery_name(*state, &ann, "Nobody has this", &changed, &err);
    assert_int_equal(changed, 0);
    kith_gallery_people(*state, &people, &err);
    assert_no_error(err);
    assert_int_equal(people.count, 1);
    kith_people_clear(&people);
}

static void photos_are_counted_once(void **state) {
    kith_error err = {0};
    kith_people people;
    float vectors[2 * KITH_DIMENSION];
    kith_point points[2] = {made_point(5, "Ann"), made_point(5, "Ann")};
    for (int i = 0; i < 2; i++) {
        points[i].face = i;
        points[i].faces = 2;
        kith_point_id(points[i].id, points[i].pipeline, points[i].sha256, i);
        made_vector(vectors + (ptrdiff_t)i * KITH_DIMENSION, (unsigned)i);
    }
    kith_gallery_put(*state, points, vectors, 2, &err);
    kith_gallery_people(*state, &people, &err);
    assert_no_error(err);
    assert_int_equal(people.items[0].faces, 2);
    assert_int_equal(people.items[0].photos, 1);
    kith_people_clear(&people);
    kith_point_clear(&points[0]);
    kith_point_clear(&points[1]);
}

static void removing_takes_points_and_names(void **state) {
    kith_error err = {0};
    uint64_t removed;
    kith_people people;
    made_put(*state, 0, 10, "Ann");
    made_put(*state, 10, 10, "Bob");
    kith_filter ann = {0};
    kith_filter_text(&ann, KITH_FIELD_PERSON, KITH_EQUAL, "Ann", &err);
    kith_gallery_remove(*state, &ann, &removed, &err);
    assert_int_equal(removed, 10);
    kith_gallery_purge(*state, &err);
    kith_gallery_people(*state, &people, &err);
    assert_no_error(err);
    assert_int_equal(people.count, 1);
    assert_string_equal(people.items[0].name, "Bob");
    kith_people_clear(&people);
    kith_gallery_remove(*state, NULL, NULL, &err);
    assert_no_error(err);
    assert_int_equal(made_count(*state, NULL), 0);
}

struct stop {
    int seen;
};

static kith_status stop_at_three(void *context, const kith_point *point, const float *vector,
                                 kith_error *err) {
    struct stop *stop = context;
    assert_null(vector);
    return ++stop->seen == 3 ? kith_fail(err, KITH_E_STOPPED, 15, point->id, "enough") : KITH_OK;
}

static void a_walk_ends_when_the_visitor_says_so(void **state) {
    kith_error err = {0};
    struct stop stop = {0};
    made_put(*state, 0, 10, NULL);
    assert_int_equal(kith_gallery_each(*state, NULL, false, stop_at_three, &stop, &err), KITH_E_STOPPED);
    assert_int_equal(stop.seen, 3);
    made_put(*state, 10, 1, NULL); /* the walk left nothing behind that hinders writing */
    assert_int_equal(made_count(*state, NULL), 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_comes_back_in_the_order_of_ids, made_setup,
                                        made_teardown),
        cmocka_unit_test_setup_teardown(odd_points_come_back_unchanged, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(putting_again_replaces, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(updating_leaves_the_vector_and_skips_unknown_points, made_setup,
                                        made_teardown),
        cmocka_unit_test_setup_teardown(names_are_given_and_taken, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(photos_are_counted_once, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(removing_takes_points_and_names, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_walk_ends_when_the_visitor_says_so, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
