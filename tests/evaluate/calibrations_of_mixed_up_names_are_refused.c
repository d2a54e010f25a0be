/* SPDX-License-Identifier: MIT
 *
 * Persons that a network tells apart are calibrated; the same faces under names by chance are not, nor is one
 * face under all names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/evaluate/calibration.h"
#include "model/statistics/random.h"
#include "tests/evaluate/support/made.h"

static kith_status calibrate(const kith_study *study, kith_error *err) {
    kith_measured_calibration measured;
    *err = (kith_error){0};
    kith_status status = kith_calibration_measure(&measured, study, "made", 1, err);
    if (status == KITH_OK)
        assert_int_equal(measured.calibration.persons, 40);
    kith_measured_calibration_clear(&measured);
    return status;
}

static void names_by_chance_are_refused(void **state) {
    (void)state;
    kith_study study;
    kith_error err;
    kith_random random = {1};
    made_study(&study, 40, 8, 1);
    assert_int_equal(calibrate(&study, &err), KITH_OK);
    for (size_t i = study.names.count - 1; i > 0; i--) {
        size_t other = kith_random_below(&random, i + 1);
        uint32_t person = study.photos[i].person;
        study.photos[i].person = study.photos[other].person;
        study.photos[other].person = person;
    }
    assert_int_equal(calibrate(&study, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "names are mixed up"));
    kith_study_clear(&study);
}

static void one_face_under_all_names_is_refused(void **state) {
    (void)state;
    kith_study study;
    kith_error err;
    made_study(&study, 40, 8, 1);
    for (size_t i = 0; i < study.names.count; i++) {
        float *embedding = study.embeddings + i * KITH_DIMENSION;
        memset(embedding, 0, KITH_DIMENSION * sizeof *embedding);
        embedding[3] = 1;
    }
    assert_int_equal(calibrate(&study, &err), KITH_E_REFUSED);
    kith_study_clear(&study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_by_chance_are_refused),
        cmocka_unit_test(one_face_under_all_names_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
