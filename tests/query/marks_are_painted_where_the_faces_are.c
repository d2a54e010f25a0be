/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query/draw.h"
#include "query/label.h"

static kith_picture grey(int width, int height) {
    kith_picture picture = {.width = width, .height = height, .full_width = width, .full_height = height};
    picture.rgb = malloc((size_t)width * (size_t)height * 3);
    assert_non_null(picture.rgb);
    memset(picture.rgb, 128, (size_t)width * (size_t)height * 3);
    return picture;
}

static bool is_grey(const kith_picture *picture, int x, int y) {
    const unsigned char *pixel = picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
    return pixel[0] == 128 && pixel[1] == 128 && pixel[2] == 128;
}

static int painted(const kith_picture *picture) {
    int count = 0;
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            count += !is_grey(picture, x, y);
    return count;
}

static void draw(kith_picture *picture, const kith_mark *marks, size_t count) {
    kith_error err = {0};
    assert_int_equal(kith_draw_marks(picture, marks, count, &err), KITH_OK);
}

static void the_frame_is_on_the_box_and_the_face_stays_free(void **state) {
    (void)state;
    kith_picture picture = grey(600, 400);
    const kith_mark mark = {.box = {200, 100, 120, 150}, .decision = KITH_MATCH, .text = "Ann Lee  0.71"};
    draw(&picture, &mark, 1);
    assert_false(is_grey(&picture, 260, 100));
    assert_false(is_grey(&picture, 260, 249));
    assert_false(is_grey(&picture, 200, 180));
    assert_false(is_grey(&picture, 319, 180));
    for (int y = 110; y < 240; y++)
        for (int x = 210; x < 310; x++)
            assert_true(is_grey(&picture, x, y));
    static const unsigned char match[3] = {0, 178, 130}; /* the label hangs below; here is none of its text */
    assert_memory_equal(picture.rgb + (260UL * 600 + 201) * 3, match, 3);
    assert_true(is_grey(&picture, 5, 5));
    assert_true(is_grey(&picture, 595, 395));
    kith_picture_clear(&picture);
}

static void each_decision_has_its_colour(void **state) {
    (void)state;
    static const unsigned char colours[][3] = {
        [KITH_MATCH] = {0, 178, 130},
        [KITH_AMBIGUOUS] = {240, 165, 0},
        [KITH_UNKNOWN] = {96, 186, 236},
        [KITH_UNUSABLE] = {185, 185, 185},
    };
    for (int decision = KITH_MATCH; decision <= KITH_UNUSABLE; decision++) {
        kith_picture picture = grey(600, 400);
        const kith_mark mark = {.box = {200, 100, 120, 150}, .decision = (kith_decision)decision};
        draw(&picture, &mark, 1);
        assert_memory_equal(picture.rgb + (100UL * 600 + 260) * 3, colours[decision], 3);
        kith_picture_clear(&picture);
    }
}

static void boxes_anywhere_stay_inside_the_picture(void **state) {
    (void)state;
    const float far = 1e30f;
    const kith_mark marks[] = {
        {.box = {-50, -50, 100, 100}, .text = "left and top"},
        {.box = {580, 380, 100, 100}, .text = "right and bottom"},
        {.box = {-1000, -1000, 10, 10}, .text = "outside"},
        {.box = {-far, -far, far, far}, .text = "far"},
        {.box = {NAN, NAN, NAN, NAN}, .text = "no numbers"},
        {.box = {100, 100, 0, 0}, .text = "nothing"},
        {.box = {100, 100, -5, -5}, .text = "less"},
    };
    kith_picture picture = grey(600, 400); /* sanitizers see a write outside of it */
    draw(&picture, marks, sizeof marks / sizeof marks[0]);
    kith_picture_clear(&picture);
}

static void tiny_pictures_get_a_frame_without_a_label(void **state) {
    (void)state;
    for (int side = 1; side <= 40; side++) {
        kith_picture picture = grey(side, side);
        const kith_mark mark = {.box = {0, 0, (float)side, (float)side}, .text = "Somebody with a long name"};
        draw(&picture, &mark, 1);
        kith_picture_clear(&picture);
    }
}

static void nothing_to_mark_leaves_the_picture(void **state) {
    (void)state;
    kith_picture picture = grey(100, 100);
    draw(&picture, NULL, 0);
    assert_int_equal(painted(&picture), 0);
    kith_picture_clear(&picture);
}

static void labels_grow_with_the_text_up_to_a_width(void **state) {
    (void)state;
    kith_labels *labels = NULL;
    kith_label little, large, cut;
    kith_error err = {0};
    assert_int_equal(kith_labels_open(&labels, &err), KITH_OK);
    assert_int_equal(kith_label_make(&little, labels, "Ann", 20, 1000, &err), KITH_OK);
    assert_int_equal(kith_label_make(&large, labels, "Annabel Lee-Poe", 20, 1000, &err), KITH_OK);
    assert_int_equal(kith_label_make(&cut, labels, "Annabel Lee-Poe", 20, 70, &err), KITH_OK);
    assert_true(little.width < large.width && little.width > 20 && little.height >= 14 &&
                little.height <= 26);
    assert_true(cut.width <= 70);
    int ink = 0;
    for (int i = 0; i < little.width * little.height; i++)
        ink += little.coverage[i] > 128;
    assert_true(ink > 60);
    kith_label_clear(&little);
    kith_label_clear(&large);
    kith_label_clear(&cut);
    kith_labels_close(&labels);
    assert_null(labels);
}

static void a_mark_says_what_was_decided(void **state) {
    (void)state;
    const kith_point probe = {.box = {1, 2, 3, 4}};
    const kith_candidate candidates[] = {{"Ann\nLee", 0.714f, NULL}, {"Ben", 0.2f, NULL}};
    kith_answer answer = {.probe = &probe, .candidates = candidates, .candidate_count = 2};
    static const char *const texts[] = {
        [KITH_MATCH] = "Ann\\nLee  0.71",
        [KITH_AMBIGUOUS] = "Ann\\nLee?  0.71",
        [KITH_UNKNOWN] = "unknown",
        [KITH_UNUSABLE] = "unusable",
    };
    for (int decision = KITH_MATCH; decision <= KITH_UNUSABLE; decision++) {
        kith_mark mark;
        answer.decision = (kith_decision)decision;
        kith_mark_of(&mark, &answer);
        assert_string_equal(mark.text, texts[decision]);
        assert_int_equal(mark.decision, decision);
        assert_memory_equal(mark.box, probe.box, sizeof mark.box);
    }
    kith_mark mark;
    answer.face = 2;
    answer.faces = 3;
    answer.decision = KITH_UNKNOWN;
    kith_mark_of(&mark, &answer);
    assert_string_equal(mark.text, "#2 unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frame_is_on_the_box_and_the_face_stays_free),
        cmocka_unit_test(each_decision_has_its_colour),
        cmocka_unit_test(boxes_anywhere_stay_inside_the_picture),
        cmocka_unit_test(tiny_pictures_get_a_frame_without_a_label),
        cmocka_unit_test(nothing_to_mark_leaves_the_picture),
        cmocka_unit_test(labels_grow_with_the_text_up_to_a_width),
        cmocka_unit_test(a_mark_says_what_was_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
