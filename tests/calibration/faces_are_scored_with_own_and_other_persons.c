/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/statistics/face_scores.h"
#include "proto/vector.h"
#include "tests/gallery/support/made.h"

enum { FACES = 700, PERSONS = 60 };

static float vectors[FACES * KITH_DIMENSION];
static uint32_t persons[FACES];

/* Persons of 1 to some 20 faces. */
static void make(void) {
    for (uint32_t i = 0, person = 0; i < FACES; i++) {
        made_vector(vectors + i * KITH_DIMENSION, i + 1);
        persons[i] = person;
        if (person + 1 < PERSONS && (i * 7919) % 13 == 0)
            person++;
    }
}

static double score(size_t a, size_t b) {
    return kith_dot(vectors + a * KITH_DIMENSION, vectors + b * KITH_DIMENSION);
}

static int falling(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* A person's score by the definition; -INFINITY when nobody is left. */
static double person_score(size_t row, uint32_t person, int scoring) {
    double all[FACES], sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < FACES; i++)
        if (persons[i] == person && i != row)
            all[count++] = score(row, i);
    if (count == 0)
        return -INFINITY;
    qsort(all, count, sizeof *all, falling);
    size_t used = scoring == KITH_SCORE_BEST ? 1 : count < 3 ? count : 3;
    for (size_t i = 0; i < used; i++)
        sum += all[i];
    return sum / (double)used;
}

static void check(const kith_face_scores *got, size_t row, int scoring) {
    double best = -INFINITY, next = -INFINITY, own = person_score(row, persons[row], scoring);
    for (uint32_t p = 0; p <= persons[FACES - 1]; p++) {
        double s = person_score(row, p, scoring);
        if (p == persons[row])
            continue;
        next = s > best ? best : fmax(next, s);
        best = fmax(best, s);
    }
    assert_true(own == -INFINITY ? got->own[scoring] == -INFINITY : fabs(own - got->own[scoring]) < 1e-6);
    assert_true(fabs(best - got->other[scoring]) < 1e-6);
    assert_true(fabs(next - got->next[scoring]) < 1e-6);
}

static void scores_equal_their_definition(void **state) {
    (void)state;
    static kith_face_scores got[FACES];
    kith_error err = {0};
    const kith_labelled faces = {{vectors, FACES}, persons};
    make();
    assert_int_equal(kith_face_scores_all(got, &faces, &faces, 2, &err), KITH_OK);
    for (size_t row = 0; row < FACES; row++) {
        check(&got[row], row, KITH_SCORE_BEST);
        check(&got[row], row, KITH_SCORE_MEAN3);
        assert_true(fabs(score(row, got[row].other_nearest) - got[row].other[0]) < 1e-6);
        assert_int_not_equal(persons[got[row].other_nearest], persons[row]);
        if (got[row].own_nearest != UINT32_MAX)
            assert_true(fabs(score(row, got[row].own_nearest) - got[row].own[0]) < 1e-6);
    }
}

static void who_is_alone_has_no_own_score(void **state) {
    (void)state;
    kith_face_scores got[2];
    kith_error err = {0};
    const uint32_t two[2] = {0, 1};
    const kith_labelled faces = {{vectors, 2}, two};
    make();
    assert_int_equal(kith_face_scores_all(got, &faces, &faces, 1, &err), KITH_OK);
    assert_true(got[0].own[0] == -INFINITY && got[0].next[0] == -INFINITY);
    assert_int_equal(got[0].own_nearest, UINT32_MAX);
    assert_int_equal(got[0].other_nearest, 1);
}

/* A probe that is not in the gallery is compared with all of it. */
static void probes_meet_the_whole_gallery(void **state) {
    (void)state;
    kith_face_scores got[1];
    kith_error err = {0};
    const uint32_t stranger[1] = {UINT32_MAX};
    const kith_labelled gallery = {{vectors, FACES}, persons}, probe = {{vectors, 1}, stranger};
    make();
    assert_int_equal(kith_face_scores_all(got, &probe, &gallery, 2, &err), KITH_OK);
    assert_true(fabs(got->other[0] - 1) < 1e-6);
    assert_true(got->own[0] == -INFINITY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_equal_their_definition),
        cmocka_unit_test(who_is_alone_has_no_own_score),
        cmocka_unit_test(probes_meet_the_whole_gallery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
