/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/which.h"

enum { WIDTH = 400, HEIGHT = 200 };

/* A face of side x side around (x, y). */
static kith_face face(float x, float y, float side, bool small) {
    return (kith_face){.box = {x - side / 2, y - side / 2, side, side}, .small = small};
}

static int meant(kith_face *items, size_t count, kith_which which) {
    const kith_faces faces = {items, count};
    return kith_which_face(&faces, which, WIDTH, HEIGHT);
}

static void no_face_is_none(void **state) {
    (void)state;
    for (int which = KITH_WHICH_LARGEST; which <= KITH_WHICH_ONLY; which++)
        assert_int_equal(meant(NULL, 0, (kith_which)which), -1);
}

static void each_word_means_its_face(void **state) {
    (void)state;
    kith_face faces[] = {face(60, 60, 50, false), face(210, 110, 30, false), face(340, 90, 80, false)};
    assert_int_equal(meant(faces, 3, KITH_WHICH_LARGEST), 2);
    assert_int_equal(meant(faces, 3, KITH_WHICH_CENTRE), 1);
    assert_int_equal(meant(faces, 3, KITH_WHICH_ONLY), -1);
    assert_int_equal(meant(faces, 1, KITH_WHICH_ONLY), 0);
}

static void of_equals_it_is_the_first(void **state) {
    (void)state;
    kith_face faces[] = {face(100, 100, 50, false), face(300, 100, 50, false)};
    assert_int_equal(meant(faces, 2, KITH_WHICH_LARGEST), 0);
    assert_int_equal(meant(faces, 2, KITH_WHICH_CENTRE), 0);
}

static void little_ones_count_only_among_themselves(void **state) {
    (void)state;
    kith_face faces[] = {face(200, 100, 20, true), face(50, 50, 40, false), face(210, 100, 18, true)};
    assert_int_equal(meant(faces, 3, KITH_WHICH_CENTRE), 1);
    assert_int_equal(meant(faces, 3, KITH_WHICH_ONLY), 1);
    faces[1].small = true;
    faces[1].box[2] = faces[1].box[3] = 10;
    assert_int_equal(meant(faces, 3, KITH_WHICH_LARGEST), 0);
    assert_int_equal(meant(faces, 3, KITH_WHICH_ONLY), -1);
    assert_int_equal(meant(faces, 1, KITH_WHICH_ONLY), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_face_is_none),
        cmocka_unit_test(each_word_means_its_face),
        cmocka_unit_test(of_equals_it_is_the_first),
        cmocka_unit_test(little_ones_count_only_among_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
