/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/face/detect.h"
#include "model/face/dlib_shim.h"
#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

static void scores_run_from_0_to_1_through_the_gate(void **state) {
    (void)state;
    assert_true(fabs(kith_hog_score(0) - 0.7) < 1e-9);
    assert_true(fabs(kith_hog_score(1) - 0.95) < 0.005);
    for (int quarter = -4; quarter < 14; quarter++) {
        double score = quarter / 4.0;
        assert_true(kith_hog_score(score) < kith_hog_score(score + 0.25));
        assert_true(fabs(kith_hog_score_inverse(kith_hog_score(score)) - score) < 1e-6);
    }
    assert_true(isfinite(kith_hog_score_inverse(0)) && isfinite(kith_hog_score_inverse(1)));
}

/* Faces of at least 80 pixels; astronaut.png's is smaller. */
static void the_portraits_have_one_face_each(void **state) {
    (void)state;
    const char *const photos[] = {"gallery/Barack Obama/obama.jpg", "gallery/Barack Obama/obama2.jpg",
                                  "gallery/Joe Biden/biden.jpg", "probe/obama3.jpg"};
    pipeline hog = pipeline_open(&(kith_model_options){.detector = KITH_DETECTOR_HOG});
    pipeline yunet = pipeline_open(NULL);
    for (size_t i = 0; i < sizeof photos / sizeof photos[0]; i++) {
        kith_face a = pipeline_face(&hog, OWN_PHOTOS, photos[i]),
                  b = pipeline_face(&yunet, OWN_PHOTOS, photos[i]);
        float similarity = cosine(a.embedding, b.embedding);
        print_message("%s: score %.3f, similarity with yunet's face %.3f\n", photos[i], (double)a.score,
                      (double)similarity);
        assert_true(a.score >= 0.7F && a.score < 1);
        assert_true(intersection_over_union(a.box, b.box) > 0.5F);
        assert_true(similarity > 0.85F);
    }
    pipeline_close(&hog);
    pipeline_close(&yunet);
}

static void tiny_pictures_have_none(void **state) {
    (void)state;
    const unsigned char grey[5000] = {0};
    const int sizes[][2] = {{1, 1}, {1, 5000}, {5000, 1}, {50, 100}, {79, 60}};
    kith_hog *hog = NULL;
    kith_error err = {0};
    const kith_hog_face *faces;
    int count;
    assert_int_equal(kith_hog_open(&hog, &err), KITH_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(kith_hog_run(hog, grey, sizes[i][0], sizes[i][1], 0, &faces, &count, &err), KITH_OK);
        assert_int_equal(count, 0);
    }
    kith_hog_close(&hog);
    assert_null(hog);
    kith_hog_close(&hog);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_run_from_0_to_1_through_the_gate),
        cmocka_unit_test(the_portraits_have_one_face_each),
        cmocka_unit_test(tiny_pictures_have_none),
    };
    return landmarks_installed() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
