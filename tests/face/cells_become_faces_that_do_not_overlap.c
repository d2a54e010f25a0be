/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/face/yunet.h"

static kith_detection face_at(float x, float y, float side, float score) {
    return (kith_detection){.box = {x, y, side, side}, .score = score};
}

static void of_faces_that_overlap_the_best_is_kept(void **state) {
    (void)state;
    kith_detections list = {0};
    kith_error err = {0};
    const kith_detection faces[] = {
        face_at(0, 0, 100, 0.8F),   face_at(10, 0, 100, 0.9F), /* IoU 0.82 with the first */
        face_at(110, 0, 100, 0.7F),                            /* touches the second */
        face_at(60, 0, 100, 0.75F), /* IoU 0.33 with the second: gone, though it overlaps the third as well */
        face_at(0, 300, 50, 0.95F), face_at(27, 300, 50, 0.94F), /* IoU 0.299 */
    };
    for (size_t i = 0; i < sizeof faces / sizeof faces[0]; i++)
        assert_int_equal(kith_detections_add(&list, faces + i, &err), KITH_OK);
    kith_suppress(&list, 0.3F);
    assert_int_equal(list.count, 4);
    const float scores[] = {0.95F, 0.94F, 0.9F, 0.7F};
    for (int i = 0; i < 4; i++)
        assert_float_equal(list.items[i].score, scores[i], 0);
    kith_detections_clear(&list);
    kith_suppress(&list, 0.3F);
    assert_int_equal(list.count, 0);
}

enum { WIDTH = 64, HEIGHT = 32, CELLS8 = 8 * 4, CELLS16 = 4 * 2, CELLS32 = 2 };

/* Maps of a 64 x 32 input without any face. */
typedef struct maps {
    float class[3][CELLS8], object[3][CELLS8], box[3][4 * CELLS8], points[3][10 * CELLS8];
    const float *list[KITH_YUNET_MAPS];
} maps;

static void point_to(maps *m) {
    for (int level = 0; level < 3; level++) {
        m->list[level] = m->class[level];
        m->list[3 + level] = m->object[level];
        m->list[6 + level] = m->box[level];
        m->list[9 + level] = m->points[level];
    }
}

static size_t decoded(const maps *m, kith_detection *first) {
    kith_detections list = {0};
    kith_error err = {0};
    assert_int_equal(kith_yunet_decode(&list, m->list, WIDTH, HEIGHT, 0.7F, &err), KITH_OK);
    size_t count = list.count;
    if (count > 0)
        *first = list.items[0];
    kith_detections_clear(&list);
    return count;
}

static void a_cell_becomes_a_face(void **state) {
    (void)state;
    static maps m;
    kith_detection face;
    point_to(&m);
    assert_int_equal(decoded(&m, &face), 0);
    int cell = 1 * 4 + 2;    /* level 16, row 1, column 2 */
    m.class[1][cell] = 1.5F; /* clamped to 1 */
    m.object[1][cell] = 0.81F;
    m.box[1][cell] = 0.5F;
    m.box[1][CELLS16 + cell] = 0.25F;
    m.box[1][2 * CELLS16 + cell] = logf(2);
    m.box[1][3 * CELLS16 + cell] = logf(1.5F);
    m.points[1][cell] = -1;
    m.points[1][9 * CELLS16 + cell] = 1;
    assert_int_equal(decoded(&m, &face), 1);
    assert_float_equal(face.score, 0.9F, 1e-6F);
    const float box[] = {2.5F * 16 - 16, 1.25F * 16 - 12, 32, 24};
    for (int i = 0; i < 4; i++)
        assert_float_equal(face.box[i], box[i], 1e-4F);
    assert_float_equal(face.points[0], 16, 1e-4F);
    assert_float_equal(face.points[1], 16, 1e-4F);
    assert_float_equal(face.points[9], 32, 1e-4F);
}

static void values_that_are_no_numbers_give_no_face(void **state) {
    (void)state;
    static maps m;
    kith_detection face;
    point_to(&m);
    m.class[2][1] = m.object[2][1] = 1;
    assert_int_equal(decoded(&m, &face), 1);
    m.box[2][2 * CELLS32 + 1] = 1000; /* exp overflows */
    assert_int_equal(decoded(&m, &face), 0);
    m.box[2][2 * CELLS32 + 1] = NAN;
    assert_int_equal(decoded(&m, &face), 0);
    m.box[2][2 * CELLS32 + 1] = 0;
    m.points[2][3 * CELLS32 + 1] = INFINITY;
    assert_int_equal(decoded(&m, &face), 0);
    m.points[2][3 * CELLS32 + 1] = 0;
    m.class[2][1] = NAN;
    assert_int_equal(decoded(&m, &face), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_faces_that_overlap_the_best_is_kept),
        cmocka_unit_test(a_cell_becomes_a_face),
        cmocka_unit_test(values_that_are_no_numbers_give_no_face),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
