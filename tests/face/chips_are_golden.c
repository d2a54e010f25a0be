/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/face/align.h"
#include "tests/face/support/golden.h"

/* Mean difference in grey levels between our chip from the golden points and the golden chip. */
static double chip_difference(const golden_set *set, const golden_face *face, const char *arch) {
    kith_picture photo = photo_open(set->photos, face->file), chip = golden_chip(set, face, arch);
    unsigned char *ours = malloc((size_t)chip.width * (size_t)chip.width * 3);
    float template[10];
    kith_similarity to_chip;
    kith_error err = {0};
    assert_non_null(ours);
    assert_true(kith_template(template, arch, chip.width));
    assert_true(kith_similarity_fit(&to_chip, face->points, template, 5));
    assert_int_equal(kith_align(ours, chip.width, &to_chip, photo.rgb, photo.width, photo.height, &err),
                     KITH_OK);
    double sum = 0;
    int count = chip.width * chip.width * 3;
    for (int i = 0; i < count; i++)
        sum += abs(ours[i] - chip.rgb[i]);
    free(ours);
    kith_picture_clear(&photo);
    kith_picture_clear(&chip);
    return sum / count;
}

static void check(const golden_set *set, const char *const *archs, int count) {
    for (size_t i = 0; i < set->count; i++) {
        for (int a = 0; a < count; a++) {
            double difference = chip_difference(set, set->faces + i, archs[a]);
            print_message("%s %s: %.3f\n", set->faces[i].file, archs[a], difference);
            assert_true(difference <= 0.1); /* 0.044 at most: the reference counts in other floats */
        }
    }
}

static void chips_of_our_photos_are_golden(void **state) {
    (void)state;
    golden_set set = golden_own();
    check(&set, (const char *const[]){"mobileface", "siamese"}, 2);
    golden_clear(&set);
}

static void chips_of_all_photos_are_golden(void **state) {
    (void)state;
    golden_set set;
    if (!golden_shared(&set))
        skip();
    check(&set, (const char *const[]){"mobileface", "siamese", "reid"}, 3);
    golden_clear(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chips_of_our_photos_are_golden),
        cmocka_unit_test(chips_of_all_photos_are_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
