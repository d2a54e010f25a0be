/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/face/align.h"

/* A known similarity is found again from its five pairs of points, and what it takes apart is exact. */
static void rotation_scale_and_shift_are_found_again(void **state) {
    (void)state;
    const float from[10] = {30, 40, 70, 38, 50, 60, 35, 80, 66, 82};
    for (int step = 0; step < 36; step++) {
        double angle = step * 3.14159265358979 / 18, scale = 0.1 + 0.2 * step, x0 = 7 * step - 90,
               y0 = 3 - step;
        float to[10];
        for (int i = 0; i < 10; i += 2) {
            to[i] = (float)(scale * (cos(angle) * from[i] - sin(angle) * from[i + 1]) + x0);
            to[i + 1] = (float)(scale * (sin(angle) * from[i] + cos(angle) * from[i + 1]) + y0);
        }
        kith_similarity found;
        assert_true(kith_similarity_fit(&found, from, to, 5));
        assert_true(fabs(kith_similarity_scale(&found) - scale) < 1e-5 * scale);
        assert_true(fabs(found.a - scale * cos(angle)) < 1e-5 * scale);
        assert_true(fabs(found.b - scale * sin(angle)) < 1e-5 * scale);
        float place[2];
        kith_similarity_apply(&found, from + 4, place);
        assert_float_equal(place[0], to[4], 1e-3F);
        assert_float_equal(place[1], to[5], 1e-3F);
    }
}

static void a_mirrored_face_is_not_mirrored_back(void **state) {
    (void)state;
    const float from[10] = {30, 40, 70, 40, 50, 60, 35, 80, 65, 80};
    float to[10];
    for (int i = 0; i < 10; i += 2) {
        to[i] = 100 - from[i];
        to[i + 1] = from[i + 1];
    }
    kith_similarity found;
    assert_true(kith_similarity_fit(&found, from, to, 5));
    /* A similarity without mirror cannot bring both eyes home. */
    float eye[2];
    kith_similarity_apply(&found, from, eye);
    assert_true(hypotf(eye[0] - to[0], eye[1] - to[1]) > 5);
}

static void points_in_one_place_have_no_similarity(void **state) {
    (void)state;
    const float one[10] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, to[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1};
    float bad[10] = {1, 2, 3, 4, NAN, 6, 7, 8, 9, 1};
    kith_similarity found;
    assert_false(kith_similarity_fit(&found, one, to, 5));
    assert_false(kith_similarity_fit(&found, to, one, 5)); /* scale 0 */
    assert_false(kith_similarity_fit(&found, bad, to, 5));
}

static void templates_scale_with_the_chip(void **state) {
    (void)state;
    float small[10], large[10];
    assert_true(kith_template(small, "siamese", 112));
    assert_true(kith_template(large, "siamese", 224));
    assert_true(kith_template(small, "reid", 128));
    assert_float_equal(small[0], 0.31556875F * 128, 1e-4F);
    assert_true(kith_template(small, "mobileface", 112));
    assert_float_equal(small[4], 56.0252F, 1e-4F);
    assert_false(kith_template(small, "yunet", 112));
    assert_float_equal(large[9], 0.82469196F * 224, 1e-4F);
}

/* The chip of a shifted grid of bright dots: where bilinear sampling must put them. */
static void pixels_land_where_the_similarity_says(void **state) {
    (void)state;
    enum { SIDE = 16, WIDTH = 40, HEIGHT = 30 };
    unsigned char picture[WIDTH * HEIGHT * 3] = {0}, chip[SIDE * SIDE * 3];
    kith_error err = {0};
    for (int c = 0; c < 3; c++)
        picture[(10 * WIDTH + 20) * 3 + c] = 200;
    kith_similarity shift = {1, 0, -15.25, -4.5}; /* (20, 10) lands at (4.75, 5.5) */
    assert_int_equal(kith_align(chip, SIDE, &shift, picture, WIDTH, HEIGHT, &err), KITH_OK);
    assert_int_equal(chip[(5 * SIDE + 4) * 3], 25); /* 0.25 x 0.5 x 200 */
    assert_int_equal(chip[(5 * SIDE + 5) * 3], 75); /* 0.75 x 0.5 x 200 */
    assert_int_equal(chip[(6 * SIDE + 5) * 3 + 2], 75);
    assert_int_equal(chip[(7 * SIDE + 5) * 3], 0);
}

/* Black outside: the taps beyond the border count as 0, and nothing far away is read. */
static void outside_is_black(void **state) {
    (void)state;
    enum { SIDE = 8, WIDTH = 4, HEIGHT = 4 };
    unsigned char picture[WIDTH * HEIGHT * 3], chip[SIDE * SIDE * 3];
    kith_error err = {0};
    for (size_t i = 0; i < sizeof picture; i++)
        picture[i] = 255;
    kith_similarity half = {1, 0, 0.5, 0}; /* chip column 0 is half outside */
    assert_int_equal(kith_align(chip, SIDE, &half, picture, WIDTH, HEIGHT, &err), KITH_OK);
    assert_int_equal(chip[0], 128); /* 127.5 rounds up */
    assert_int_equal(chip[3], 255);
    assert_int_equal(chip[4 * 3], 128);
    assert_int_equal(chip[5 * 3], 0);
    assert_int_equal(chip[4 * SIDE * 3], 0);
    kith_similarity far = {1, 0, 1e9, -1e9};
    assert_int_equal(kith_align(chip, SIDE, &far, picture, WIDTH, HEIGHT, &err), KITH_OK);
    for (size_t i = 0; i < sizeof chip; i++)
        assert_int_equal(chip[i], 0);
}

/* A scale below 0.5 averages first: a fine checkerboard becomes grey, where bare sampling would show it. */
static void small_scales_average(void **state) {
    (void)state;
    enum { SIDE = 16, WIDTH = 100, HEIGHT = 97 };
    static unsigned char picture[WIDTH * HEIGHT * 3];
    unsigned char chip[SIDE * SIDE * 3];
    kith_error err = {0};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int c = 0; c < 3; c++)
                picture[(y * WIDTH + x) * 3 + c] = (x + y) % 2 ? 200 : 0;
    kith_similarity quarter = {0.25, 0, -1, -1};
    assert_int_equal(kith_align(chip, SIDE, &quarter, picture, WIDTH, HEIGHT, &err), KITH_OK);
    for (size_t i = 0; i < sizeof chip; i++)
        assert_int_equal(chip[i], 100);
    kith_similarity tiny = {1e-4, 0, 0, 0}; /* the whole picture is less than a cell */
    assert_int_equal(kith_align(chip, SIDE, &tiny, picture, WIDTH, HEIGHT, &err), KITH_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotation_scale_and_shift_are_found_again),
        cmocka_unit_test(a_mirrored_face_is_not_mirrored_back),
        cmocka_unit_test(points_in_one_place_have_no_similarity),
        cmocka_unit_test(templates_scale_with_the_chip),
        cmocka_unit_test(pixels_land_where_the_similarity_says),
        cmocka_unit_test(outside_is_black),
        cmocka_unit_test(small_scales_average),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
