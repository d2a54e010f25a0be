/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/face/landmarks.h"
#include "tests/face/support/golden.h"

static kith_landmarks *landmarks;

static double landmark_distance(const golden_set *set, const golden_face *face, int turn) {
    kith_picture photo = photo_open(set->photos, face->file);
    kith_view view = kith_view_of(photo.rgb, photo.width, photo.height, turn);
    float found[2 * KITH_LANDMARKS], sum = 0;
    kith_landmarks_run(landmarks, &view, kith_landmarks_rectangle(face->points), found);
    for (int i = 0; i < 2 * KITH_LANDMARKS; i += 2)
        sum += hypotf(found[i] - face->landmarks[i], found[i + 1] - face->landmarks[i + 1]);
    kith_picture_clear(&photo);
    return sum / KITH_LANDMARKS;
}

static void check(const golden_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        double distance = landmark_distance(set, set->faces + i, 0);
        print_message("%s: %.3f px\n", set->faces[i].file, distance);
        assert_true(distance <=
                    0.1); /* pixels; the golden ones were made by dlib itself from rounded points */
    }
}

static void landmarks_of_our_photos_are_dlibs(void **state) {
    (void)state;
    golden_set set = golden_own();
    check(&set);
    golden_clear(&set);
}

static void landmarks_of_all_photos_are_dlibs(void **state) {
    (void)state;
    golden_set set;
    if (!golden_shared(&set))
        skip();
    check(&set);
    golden_clear(&set);
}

/* A rectangle beyond the picture reads black there. */
static void a_rectangle_outside_is_harmless(void **state) {
    (void)state;
    const unsigned char pixel[3] = {255, 255, 255};
    kith_view view = kith_view_of(pixel, 1, 1, 0);
    float found[2 * KITH_LANDMARKS];
    kith_landmarks_run(landmarks, &view, (kith_rectangle){-5000, 3000, -4000, 4000}, found);
    for (int i = 0; i < 2 * KITH_LANDMARKS; i++)
        assert_true(isfinite(found[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landmarks_of_our_photos_are_dlibs),
        cmocka_unit_test(landmarks_of_all_photos_are_dlibs),
        cmocka_unit_test(a_rectangle_outside_is_harmless),
    };
    kith_error err = {0};
    if (!landmarks_installed())
        return 77;
    if (kith_landmarks_open(&landmarks, LANDMARK_FILE, &err) != KITH_OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    kith_landmarks_close(&landmarks);
    return failed;
}
