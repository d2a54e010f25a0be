/* SPDX-License-Identifier: MIT
 *
 * Photos become chips of the geometry that stored chips have: their centre is what `siamese` and `reid` see
 * of the photo, their landmarks are the photo's. A teacher's target is its embedding of the chip and of its
 * mirror image, whatever the number of threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/train/augment.h"
#include "model/train/targets.h"
#include "proto/vector.h"
#include "tests/face/support/golden.h"
#include "tests/indexer/support/folder.h"

enum { D = KITH_DIMENSION, FACES = 2 };

static golden_set golden;
static kith_model *model;

static kith_face_set *open_photos(void) {
    const char *files[FACES + 1] = {KITH_SOURCE_DIR "/LICENSE"};
    char paths[FACES][512];
    for (size_t i = 0; i < FACES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/%s", golden.photos, golden.faces[i].file);
        files[i + 1] = paths[i];
    }
    const kith_set_options options = {.files = files,
                                      .file_count = FACES + 1,
                                      .kind = KITH_SET_PHOTOS,
                                      .landmarks = true,
                                      .model = model,
                                      .find = usual_options,
                                      .jobs = 2};
    kith_face_set *set = NULL;
    kith_error err = {0};
    if (kith_face_set_open(&set, &options, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    assert_int_equal(set->seen, FACES + 1);
    assert_int_equal(set->ignored, 1);
    assert_int_equal(set->count, FACES);
    return set;
}

static void chips_are_the_pipelines(void **state) {
    (void)state;
    kith_face_set *set = open_photos();
    kith_frame frame;
    kith_error err = {0};
    assert_true(kith_frame_of(&frame, "siamese", 112));
    for (size_t i = 0; i < FACES; i++) {
        unsigned char seen[112 * 112 * 3];
        float landmarks[2 * KITH_LANDMARKS];
        kith_picture wanted = golden_chip(&golden, &golden.faces[i], "siamese");
        assert_int_equal(
            kith_augment(seen, landmarks, &frame, set->faces[i].chip, &(kith_augmentation){0}, &err),
            KITH_OK);
        double off = 0;
        for (size_t k = 0; k < sizeof seen; k++)
            off += fabs((double)seen[k] - wanted.rgb[k]) / sizeof seen;
        assert_true(off < 3); /* sampled twice instead of once */
        kith_picture_clear(&wanted);
    }
    kith_face_set_close(&set);
}

/* The golden landmarks are the photo's: the similarity is found again from them. */
static void landmarks_are_the_photos(void **state) {
    (void)state;
    kith_face_set *set = open_photos();
    for (size_t i = 0; i < FACES; i++) {
        kith_similarity moved;
        const float *chip = set->faces[i].chip->landmarks;
        assert_true(kith_similarity_fit(&moved, golden.faces[i].landmarks, chip, KITH_LANDMARKS));
        for (int k = 0; k < KITH_LANDMARKS; k++) {
            float place[2];
            kith_similarity_apply(&moved, golden.faces[i].landmarks + (size_t)k * 2, place);
            assert_true(fabsf(place[0] - chip[2 * k]) < 2 && fabsf(place[1] - chip[2 * k + 1]) < 2);
        }
        float nose[2] = {chip[2 * 30], chip[2 * 30 + 1]}; /* the tip; the template's is (72, 90) */
        assert_true(fabsf(nose[0] - 72) < 12 && fabsf(nose[1] - 90) < 12);
    }
    kith_face_set_close(&set);
}

static kith_targets *teach(const kith_face_set *set, const char *weights, int jobs) {
    const kith_teacher_options options = {.weights = weights, .jobs = jobs};
    kith_targets *targets = NULL;
    kith_error err = {0};
    if (kith_targets_teach(&targets, set, &options, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    return targets;
}

static void teachers_know_the_faces(void **state) {
    (void)state;
    kith_face_set *set = open_photos();
    static const char *const teachers[] = {"siamese", "mobileface"};
    for (size_t t = 0; t < 2; t++) {
        kith_targets *one = teach(set, teachers[t], 1), *three = teach(set, teachers[t], 3);
        assert_memory_equal(one->values, three->values, FACES * D * sizeof(float));
        for (size_t i = 0; i < FACES; i++) {
            const golden_face *face = &golden.faces[i];
            assert_true(kith_is_unit(one->values + i * D));
            assert_true(kith_dot(one->values + i * D, t ? face->mobileface : face->siamese) > 0.9);
        }
        assert_true(kith_dot(one->values, one->values + D) < 0.5);
        kith_targets_free(&one);
        kith_targets_free(&three);
    }
    kith_face_set_close(&set);
}

/* A chip that is its own mirror image has the target of its embedding; its halves are seen as they are. */
static void mirror_images_have_one_target(void **state) {
    (void)state;
    kith_face_set *set = open_photos();
    kith_chip turned = *set->faces[0].chip;
    for (int y = 0; y < KITH_CHIP_SIDE; y++)
        for (int x = 0; x < KITH_CHIP_SIDE; x++)
            memcpy(turned.rgb + (y * KITH_CHIP_SIDE + x) * 3,
                   set->faces[0].chip->rgb + (y * KITH_CHIP_SIDE + KITH_CHIP_SIDE - 1 - x) * 3, 3);
    kith_targets *before = teach(set, "mobileface", 1);
    set->faces[0].chip = &turned;
    kith_targets *after = teach(set, "mobileface", 1);
    assert_true(kith_dot(before->values, after->values) > 0.99999);
    kith_targets_free(&before);
    kith_targets_free(&after);
    kith_face_set_close(&set);
}

static void teachers_that_do_not_fit_are_refused(void **state) {
    (void)state;
    kith_face_set *set = open_photos();
    kith_targets *targets = NULL;
    kith_error err = {0};
    kith_teacher_options options = {.weights = "yunet", .jobs = 1};
    assert_int_equal(kith_targets_teach(&targets, set, &options, &err), KITH_E_REFUSED);
    assert_null(targets);
    set->has_landmarks = false;
    options.weights = "siamese";
    kith_error_clear(&err);
    assert_int_equal(kith_targets_teach(&targets, set, &options, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "landmarks"));
    kith_face_set_close(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chips_are_the_pipelines),
        cmocka_unit_test(landmarks_are_the_photos),
        cmocka_unit_test(teachers_know_the_faces),
        cmocka_unit_test(mirror_images_have_one_target),
        cmocka_unit_test(teachers_that_do_not_fit_are_refused),
    };
    kith_error err = {0};
    if (!landmarks_installed())
        return 77;
    golden = golden_own();
    if (golden.count < FACES ||
        kith_model_open(&model, &(kith_model_options){.weights = "siamese"}, &err) != KITH_OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    kith_model_close(&model);
    golden_clear(&golden);
    return failed;
}
