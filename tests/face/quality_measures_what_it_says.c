/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/face/quality.h"

static void eyes_and_yaw_follow_the_points(void **state) {
    (void)state;
    const float frontal[10] = {10, 10, 50, 40, 30, 25, 0, 0, 0, 0};
    assert_float_equal(kith_eyes(frontal), 50, 1e-4F);
    assert_float_equal(kith_yaw(frontal), 0, 1e-6F);
    const float lower[10] = {10, 10, 50, 10, 30, 40}; /* only below: still frontal */
    assert_float_equal(kith_yaw(lower), 0, 1e-6F);
    const float right[10] = {10, 10, 50, 10, 40, 40};
    assert_float_equal(kith_yaw(right), 0.25F, 1e-6F);
    const float upside_down[10] = {50, 10, 10, 10, 40, -20}; /* the same head, turned by 180 degrees */
    assert_float_equal(kith_yaw(upside_down), -0.25F, 1e-6F);
    const float none[10] = {0};
    assert_float_equal(kith_yaw(none), 0, 0);
}

static void make_stripes(unsigned char *chip, int side, int period) {
    for (int i = 0; i < side * side; i++)
        memset(chip + 3 * i, i % side / period % 2 ? 200 : 100, 3);
}

static void blur_lowers_sharpness(void **state) {
    (void)state;
    enum { SIDE = 112, LARGE = 224 };
    static unsigned char chip[LARGE * LARGE * 3];
    kith_error err = {0};
    float fine, coarse, flat, large;
    make_stripes(chip, SIDE, 1);
    assert_int_equal(kith_sharpness(&fine, chip, SIDE, &err), KITH_OK);
    assert_float_equal(fine, 200.0F * 200, 1); /* +-200 in turn */
    make_stripes(chip, SIDE, 8);
    assert_int_equal(kith_sharpness(&coarse, chip, SIDE, &err), KITH_OK);
    assert_true(coarse > 0 && coarse < fine / 4);
    make_stripes(chip, LARGE, 16); /* the same picture at twice the size */
    assert_int_equal(kith_sharpness(&large, chip, LARGE, &err), KITH_OK);
    assert_float_equal(large, coarse, coarse / 1000);
    memset(chip, 90, sizeof chip);
    assert_int_equal(kith_sharpness(&flat, chip, SIDE, &err), KITH_OK);
    assert_float_equal(flat, 0, 1e-3F);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eyes_and_yaw_follow_the_points),
        cmocka_unit_test(blur_lowers_sharpness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
