/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/place.h"

enum { WIDTH = 1000, HEIGHT = 800 };

static kith_box placed_for(const kith_box *faces, size_t count, size_t index, const kith_box *others,
                           size_t other_count, int width, int height) {
    kith_box label = {0, 0, width, height};
    kith_place_label(&label, WIDTH, HEIGHT, faces, count, index, others, other_count);
    assert_true(label.width == width && label.height == height);
    assert_true(label.x >= 0 && label.y >= 0);
    assert_true(label.x + width <= WIDTH && label.y + height <= HEIGHT);
    return label;
}

static void overlap_is_an_area(void **state) {
    (void)state;
    const kith_box a = {0, 0, 10, 10}, b = {5, 6, 10, 10}, c = {10, 0, 5, 5};
    assert_int_equal(kith_overlap(&a, &b), 20);
    assert_int_equal(kith_overlap(&b, &a), 20);
    assert_int_equal(kith_overlap(&a, &c), 0);
}

static void it_hangs_below_the_face(void **state) {
    (void)state;
    const kith_box face = {400, 300, 100, 120};
    kith_box label = placed_for(&face, 1, 0, NULL, 0, 150, 30);
    assert_true(label.x == 400 && label.y == 420);
}

static void at_the_bottom_it_goes_above(void **state) {
    (void)state;
    const kith_box face = {400, 700, 100, 100};
    kith_box label = placed_for(&face, 1, 0, NULL, 0, 150, 30);
    assert_int_equal(label.y, 670);
}

static void at_every_edge_it_stays_inside(void **state) {
    (void)state;
    for (int x = -60; x <= WIDTH; x += 53)
        for (int y = -60; y <= HEIGHT; y += 53) {
            const kith_box face = {x, y, 100, 120};
            placed_for(&face, 1, 0, NULL, 0, 300, 40);
        }
    const kith_box all = {0, 0, WIDTH, HEIGHT};
    placed_for(&all, 1, 0, NULL, 0, WIDTH, 40);
}

static void it_does_not_cover_the_face_below(void **state) {
    (void)state;
    const kith_box faces[] = {{400, 200, 100, 120}, {380, 325, 140, 140}};
    kith_box label = placed_for(faces, 2, 0, NULL, 0, 150, 30);
    assert_int_equal(kith_overlap(&label, &faces[1]), 0);
    assert_int_equal(kith_overlap(&label, &faces[0]), 0);
}

static void it_does_not_cover_another_label(void **state) {
    (void)state;
    const kith_box faces[] = {{400, 200, 60, 80}, {470, 200, 60, 80}};
    kith_box first = placed_for(faces, 2, 0, NULL, 0, 150, 30);
    kith_box second = placed_for(faces, 2, 1, &first, 1, 150, 30);
    assert_int_equal(kith_overlap(&first, &second), 0);
    assert_int_equal(kith_overlap(&second, &faces[0]), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_is_an_area),
        cmocka_unit_test(it_hangs_below_the_face),
        cmocka_unit_test(at_the_bottom_it_goes_above),
        cmocka_unit_test(at_every_edge_it_stays_inside),
        cmocka_unit_test(it_does_not_cover_the_face_below),
        cmocka_unit_test(it_does_not_cover_another_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
