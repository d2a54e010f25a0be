/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

static void check(const kith_model_options *options, const char *photo, float least_similarity) {
    pipeline p = pipeline_open(options);
    kith_picture upright = photo_open(OWN_PHOTOS, photo);
    kith_faces expected = pipeline_faces(&p, &upright, &usual_options);
    kith_find_options turning = usual_options;
    turning.try_rotations = true;
    assert_int_equal(expected.count, 1);
    for (int turn = 1; turn < 4; turn++) {
        kith_picture turned = picture_turned(&upright, turn, false);
        kith_faces found = pipeline_faces(&p, &turned, &turning);
        assert_int_equal(found.count, 1);
        float similarity = cosine(found.items->embedding, expected.items->embedding);
        print_message("turn %d: similarity %.4f\n", turn, (double)similarity);
        assert_true(similarity >= least_similarity);
        /* The same face in its picture's own pixels: the first eye, turned by hand. */
        float x = expected.items->points[0], y = expected.items->points[1];
        float width = (float)upright.width - 1, height = (float)upright.height - 1;
        const float places[4][2] = {{x, y}, {height - y, x}, {width - x, height - y}, {y, width - x}};
        assert_true(fabsf(found.items->points[0] - places[turn][0]) < 2);
        assert_true(fabsf(found.items->points[1] - places[turn][1]) < 2);
        assert_true(fabsf(found.items->yaw - expected.items->yaw) < 0.02F);
        kith_faces_clear(&found);
        kith_picture_clear(&turned);
    }
    kith_faces_clear(&expected);
    kith_picture_clear(&upright);
    pipeline_close(&p);
}

static void yunet_turns_the_picture(void **state) {
    (void)state;
    check(NULL, "gallery/Barack Obama/obama2.jpg", 0.97F);
}

static void landmarks_turn_with_it(void **state) {
    (void)state;
    if (!landmarks_installed())
        skip();
    check(&(kith_model_options){.weights = "siamese"}, "gallery/Barack Obama/obama2.jpg", 0.97F);
}

static void hog_turns_the_picture(void **state) {
    (void)state;
    if (!landmarks_installed())
        skip();
    check(&(kith_model_options){.detector = KITH_DETECTOR_HOG}, "gallery/Barack Obama/obama2.jpg", 0.97F);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yunet_turns_the_picture),
        cmocka_unit_test(landmarks_turn_with_it),
        cmocka_unit_test(hog_turns_the_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
