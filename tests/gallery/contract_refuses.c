/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

/* Everything that a gallery must refuse, and that it holds afterwards what it held before. */

static kith_status put(kith_gallery *gallery, const kith_point *points, const float *vectors, size_t count,
                       const char *expected) {
    kith_error err = {0};
    kith_status status = kith_gallery_put(gallery, points, vectors, count, &err);
    if (!strstr(err.text, expected))
        fail_msg("\"%s\" does not say \"%s\"", err.text, expected);
    return status;
}

static void vectors_that_are_no_embeddings(void **state) {
    float vectors[2 * KITH_DIMENSION];
    kith_point points[2] = {made_point(1, NULL), made_point(2, NULL)};
    made_vector(vectors, 1);
    made_vector(vectors + KITH_DIMENSION, 2);
    vectors[KITH_DIMENSION] += 0.5F;
    assert_int_equal(put(*state, points, vectors, 2, "length"), KITH_E_REFUSED);
    vectors[KITH_DIMENSION] = (float)(0.0 / (double)(points[0].face));
    assert_int_equal(put(*state, points, vectors, 2, "length"), KITH_E_REFUSED);
    assert_int_equal(made_count(*state, NULL), 0);
    kith_point_clear(&points[0]);
    kith_point_clear(&points[1]);
}

static void points_that_no_picture_gives(void **state) {
    float vector[KITH_DIMENSION];
    kith_point good = made_point(1, "Ann"), bad;
    made_vector(vector, 1);
#define REFUSED(change, expected)                                                                            \
    do {                                                                                                     \
        assert_int_equal(kith_point_copy(&bad, &good, NULL), KITH_OK);                                       \
        change;                                                                                              \
        assert_int_equal(put(*state, &bad, vector, 1, expected), KITH_E_REFUSED);                            \
        kith_point_clear(&bad);                                                                              \
    } while (0)
    REFUSED(bad.id[0] ^= 1, "should have the id");
    REFUSED(bad.sha256[3] = 'X', "\"sha256\"");
    REFUSED(bad.pipeline[2] = 0, "\"pipeline\"");
    REFUSED(bad.run[0] = 0, "\"run\"");
    REFUSED(memcpy(bad.taken, "yesterday", 10), "\"taken\"");
    REFUSED(bad.indexed[4] = '/', "\"indexed\"");
    REFUSED(bad.face = 1, "\"face\"");
    REFUSED(bad.faces = 0, "\"face\"");
    REFUSED(bad.width = 0, "\"width\"");
    REFUSED(bad.height = -1, "\"height\"");
    REFUSED(bad.box[2] = 0, "\"box\"");
    REFUSED(bad.points[9] = 1e38F * 1e38F, "\"points\"");
    REFUSED(bad.score = 1.5F, "\"score\"");
    REFUSED(bad.eyes = -1, "\"eyes\"");
    REFUSED(bad.sharpness = -1, "\"sharpness\"");
    REFUSED(bad.yaw = 1e38F * 1e38F, "\"yaw\"");
    REFUSED(kith_point_drop_path(&bad, "/photos/1.jpg"), "no path");
    REFUSED(bad.paths[0][0] = 'x', "not absolute");
    REFUSED(bad.person[1] = '\xff', "not UTF-8");
    REFUSED(bad.person[0] = 0, "1 to 1024 bytes");
    assert_int_equal(made_count(*state, NULL), 0);
    assert_int_equal(kith_gallery_put(*state, &good, vector, 1, NULL), KITH_OK);
    kith_point_clear(&good);
}

static void points_of_another_pipeline(void **state) {
    float vector[KITH_DIMENSION];
    kith_point point = made_point(1, NULL);
    memcpy(point.pipeline, "fedcba9876543210", KITH_PIPELINE_SIZE);
    kith_point_id(point.id, point.pipeline, point.sha256, 0);
    made_vector(vector, 1);
    assert_int_equal(put(*state, &point, vector, 1, "holds faces of pipeline " MADE_PIPELINE),
                     KITH_E_REFUSED);
    kith_point_clear(&point);
}

static void questions_that_make_no_sense(void **state) {
    kith_error err = {0};
    kith_hits hits;
    float probe[KITH_DIMENSION] = {2};
    assert_int_equal(kith_gallery_search(*state, probe, NULL, 1, &hits, &err), KITH_E_REFUSED);
    kith_filter filter = {.count = 1};
    filter.conditions[0] =
        (kith_condition){.field = KITH_FIELD_PERSON, .comparison = KITH_LESS, .text = "Ann"};
    probe[0] = 1;
    assert_int_equal(kith_gallery_search(*state, probe, &filter, 1, &hits, NULL), KITH_E_USAGE);
    assert_int_equal(kith_gallery_search_persons(*state, probe, &filter, 1, 1, &hits, NULL), KITH_E_USAGE);
    assert_int_equal(kith_gallery_remove(*state, &filter, NULL, NULL), KITH_E_USAGE);
    assert_int_equal(kith_gallery_name(*state, &filter, "x", NULL, NULL), KITH_E_USAGE);
    assert_int_equal(kith_gallery_name(*state, NULL, "", NULL, NULL), KITH_E_FORMAT);
}

static kith_status write_inside(void *context, const kith_point *point, const float *vector,
                                kith_error *err) {
    (void)vector;
    return kith_gallery_update(context, point, 1, err);
}

static void writing_during_a_walk(void **state) {
    made_put(*state, 0, 2, NULL);
    assert_int_equal(kith_gallery_each(*state, NULL, false, write_inside, *state, NULL), KITH_E_USAGE);
    made_put(*state, 2, 2, NULL);
    assert_int_equal(made_count(*state, NULL), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(vectors_that_are_no_embeddings, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(points_that_no_picture_gives, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(points_of_another_pipeline, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(questions_that_make_no_sense, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(writing_during_a_walk, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
