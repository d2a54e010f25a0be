/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/face/view.h"

enum { WIDTH = 3, HEIGHT = 2 };

/* Pixel (x, y) has red x, green y, blue 7. */
static void make(unsigned char *rgb) {
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++, rgb += 3) {
            rgb[0] = (unsigned char)x;
            rgb[1] = (unsigned char)y;
            rgb[2] = 7;
        }
    }
}

static void a_turned_copy_has_every_pixel_where_its_place_says(void **state) {
    (void)state;
    unsigned char rgb[WIDTH * HEIGHT * 3], turned[WIDTH * HEIGHT * 3];
    make(rgb);
    for (int turn = 0; turn < 4; turn++) {
        kith_view view = kith_view_of(rgb, WIDTH, HEIGHT, turn);
        kith_view_copy(&view, turned, (size_t)view.width * 3);
        for (int y = 0; y < view.height; y++) {
            for (int x = 0; x < view.width; x++) {
                const float seen[2] = {(float)x, (float)y};
                const unsigned char *pixel = turned + (y * view.width + x) * 3;
                float place[2], again[2];
                kith_view_point_back(&view, seen, place);
                assert_int_equal(pixel[0], (int)place[0]);
                assert_int_equal(pixel[1], (int)place[1]);
                assert_int_equal(pixel[2], 7);
                kith_view_point(&view, place, again);
                assert_memory_equal(again, seen, sizeof seen);
            }
        }
    }
}

static void one_turn_is_clockwise(void **state) {
    (void)state;
    unsigned char rgb[WIDTH * HEIGHT * 3];
    make(rgb);
    kith_view view = kith_view_of(rgb, WIDTH, HEIGHT, 1);
    assert_int_equal(view.width, HEIGHT);
    assert_int_equal(view.height, WIDTH);
    assert_int_equal(view.origin[0], 0); /* the corner at the left, below, is now above */
    assert_int_equal(view.origin[1], HEIGHT - 1);
}

static void boxes_turn_with_their_edges(void **state) {
    (void)state;
    const float seen[4] = {10, 20, 30, 5};
    const float expected[4][4] = {{10, 20, 30, 5}, {20, 60, 5, 30}, {160, 75, 30, 5}, {175, 10, 5, 30}};
    for (int turn = 0; turn < 4; turn++) {
        kith_view view = kith_view_of(NULL, 200, 100, turn);
        float box[4];
        kith_view_box_back(&view, seen, box);
        for (int i = 0; i < 4; i++)
            assert_float_equal(box[i], expected[turn][i], 1e-4F);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turned_copy_has_every_pixel_where_its_place_says),
        cmocka_unit_test(one_turn_is_clockwise),
        cmocka_unit_test(boxes_turn_with_their_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
