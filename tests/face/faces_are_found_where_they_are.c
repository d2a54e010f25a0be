/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

static pipeline p;

static size_t faces_in(const kith_picture *picture, const kith_find_options *options) {
    kith_faces faces = pipeline_faces(&p, picture, options);
    size_t count = faces.count;
    kith_faces_clear(&faces);
    return count;
}

static void tiny_and_blank_pictures_have_none(void **state) {
    (void)state;
    const int sizes[][2] = {{1, 1}, {1, 500}, {500, 1}, {7, 31}, {31, 33}, {640, 640}, {2000, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int grey = 0; grey < 256; grey += 51) {
            kith_picture picture = picture_make(sizes[i][0], sizes[i][1], grey);
            kith_find_options turned = usual_options;
            turned.try_rotations = true;
            assert_int_equal(faces_in(&picture, &usual_options), 0);
            assert_int_equal(faces_in(&picture, &turned), 0);
            kith_picture_clear(&picture);
        }
    }
}

/* The face's left edge lies outside: found, aligned, black where the picture ends, and still the same person.
 */
static void a_face_at_the_border_is_found(void **state) {
    (void)state;
    kith_picture hopper = photo_open(OWN_PHOTOS, "gallery/Grace Hopper/hopper.jpg");
    kith_picture cut = picture_make(90, 128, 0);
    picture_paste(&cut, &hopper, -48, 0); /* the box begins at 39.5 */
    kith_faces whole = pipeline_faces(&p, &hopper, &usual_options);
    kith_faces faces = pipeline_faces(&p, &cut, &usual_options);
    assert_int_equal(whole.count, 1);
    assert_int_equal(faces.count, 1);
    assert_true(faces.items->box[0] < 2);
    assert_true(faces.items->embedded);
    assert_int_equal(faces.items->chip[3 * 112 * 56], 0); /* the chip's left edge, at half height */
    float similarity = cosine(faces.items->embedding, whole.items->embedding);
    print_message("similarity with the whole photo: %.3f\n", (double)similarity);
    assert_true(similarity > 0.5F);
    kith_faces_clear(&whole);
    kith_faces_clear(&faces);
    kith_picture_clear(&cut);
    kith_picture_clear(&hopper);
}

/* With any score allowed, a photo has many boxes; of those that overlap by more than 0.3 one is left. */
static void no_two_faces_overlap_much(void **state) {
    (void)state;
    kith_picture photo = photo_open(OWN_PHOTOS, "gallery/Barack Obama/obama2.jpg");
    kith_find_options all = usual_options;
    all.min_score = 0.01F;
    kith_faces faces = pipeline_faces(&p, &photo, &all);
    float most = 0;
    for (size_t i = 0; i < faces.count; i++)
        for (size_t j = 0; j < i; j++)
            most = fmaxf(most, intersection_over_union(faces.items[i].box, faces.items[j].box));
    print_message("%zu faces, overlapping by at most %.3f\n", faces.count, (double)most);
    assert_true(faces.count > 5);
    assert_true(most <= 0.3F + 1e-4F && most > 0.2F);
    kith_faces_clear(&faces);
    kith_picture_clear(&photo);
}

/* Several in one picture: by rows from the top, then from the left; a small one keeps its number and is not
 * embedded.
 */
static void faces_are_numbered_from_the_top_left(void **state) {
    (void)state;
    kith_picture hopper = photo_open(OWN_PHOTOS, "gallery/Grace Hopper/hopper.jpg");
    kith_picture group = picture_make(400, 300, 128);
    const int places[][2] = {{260, 5}, {10, 10}, {130, 160}};
    for (int i = 0; i < 3; i++)
        picture_paste(&group, &hopper, places[i][0], places[i][1]);
    kith_faces faces = pipeline_faces(&p, &group, &usual_options);
    assert_int_equal(faces.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabsf(faces.items[i].box[0] - 39.5F - (float)places[i][0]) < 4);
        assert_true(faces.items[i].embedded && !faces.items[i].small);
    }
    kith_faces_clear(&faces);
    kith_find_options large_only = usual_options;
    large_only.min_face = 60;
    faces = pipeline_faces(&p, &group, &large_only);
    assert_int_equal(faces.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(faces.items[i].small && !faces.items[i].chip && !faces.items[i].embedded);
    kith_faces_clear(&faces);
    kith_picture_clear(&group);
    kith_picture_clear(&hopper);
}

/* Places are told at full size, whatever the working picture's scale. */
static void places_are_at_full_size(void **state) {
    (void)state;
    kith_picture hopper = photo_open(OWN_PHOTOS, "gallery/Grace Hopper/hopper.jpg");
    kith_faces once = pipeline_faces(&p, &hopper, &usual_options);
    hopper.full_width *= 4;
    hopper.full_height *= 4;
    kith_faces scaled = pipeline_faces(&p, &hopper, &usual_options);
    assert_int_equal(scaled.count, 1);
    for (int i = 0; i < 4; i++)
        assert_float_equal(scaled.items->box[i], 4 * once.items->box[i], 1e-3F);
    assert_float_equal(scaled.items->points[9], 4 * once.items->points[9], 1e-3F);
    assert_float_equal(scaled.items->eyes, 4 * once.items->eyes, 1e-3F);
    assert_memory_equal(scaled.items->embedding, once.items->embedding, sizeof once.items->embedding);
    kith_faces_clear(&once);
    kith_faces_clear(&scaled);
    kith_picture_clear(&hopper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_and_blank_pictures_have_none),
        cmocka_unit_test(a_face_at_the_border_is_found),
        cmocka_unit_test(no_two_faces_overlap_much),
        cmocka_unit_test(faces_are_numbered_from_the_top_left),
        cmocka_unit_test(places_are_at_full_size),
    };
    p = pipeline_open(NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pipeline_close(&p);
    return failed;
}
