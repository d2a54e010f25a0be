/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/statistics/thresholds.h"
#include "proto/vector.h"
#include "tests/gallery/support/made.h"

/* ---- a network's ---- */

enum { MOST = 600 };

static float vectors[MOST * KITH_DIMENSION];
static uint32_t persons[MOST];

static void made_faces(size_t count, size_t each) {
    for (uint32_t i = 0; i < count; i++) {
        made_vector(vectors + i * KITH_DIMENSION, i + 1);
        persons[i] = (uint32_t)(i / each);
    }
}

static kith_status table_of(kith_rate_table *out, kith_interval *intervals, size_t count, kith_error *err) {
    const kith_vectors all = {vectors, count};
    kith_all_pairs *pairs;
    assert_int_equal(kith_all_pairs_score(&pairs, &all, persons, KITH_PAIRS_KEPT, 2, err), KITH_OK);
    kith_status status = kith_thresholds_of_pairs(out, intervals, pairs, persons, "a folder", err);
    kith_all_pairs_free(&pairs);
    return status;
}

/* How many pairs of different persons reach a threshold; *all: of how many. */
static size_t reaching(size_t count, double threshold, size_t *all) {
    size_t reach = 0;
    *all = 0;
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++)
            if (persons[a] != persons[b]) {
                reach += kith_dot(vectors + a * KITH_DIMENSION, vectors + b * KITH_DIMENSION) >= threshold;
                (*all)++;
            }
    return reach;
}

static void measured_rows_keep_to_their_rate(void **state) {
    (void)state;
    kith_rate_table t;
    kith_interval intervals[KITH_RATE_ROWS];
    kith_error err = {0};
    made_faces(MOST, 3);
    assert_int_equal(table_of(&t, intervals, MOST, &err), KITH_OK);
    for (size_t i = 0; i < t.count && t.rate[i] >= t.supported; i++) {
        size_t all, reach = reaching(MOST, t.threshold[i], &all);
        assert_true((double)reach <= t.rate[i] * (double)all);
        reach = reaching(MOST, t.threshold[i] - 3e-4, &all); /* and no lower one does, but for roundings */
        assert_true((double)reach > 0.97 * t.rate[i] * (double)all - 1);
        kith_interval expected = kith_wilson((double)kith_events_at(t.rate[i], all), (double)all);
        assert_true(fabs(intervals[i].low - expected.low) < 1e-12);
        assert_true(intervals[i].low < t.rate[i] && t.rate[i] < intervals[i].high);
    }
    /* 179,100 pairs: three reach 2e-5 and not 1e-5 */
    assert_true(fabs(t.supported - 2e-5) < 1e-12);
}

static void rarer_ones_follow_an_exponential(void **state) {
    (void)state;
    kith_rate_table t;
    kith_interval intervals[KITH_RATE_ROWS];
    kith_error err = {0};
    made_faces(MOST, 3);
    assert_int_equal(table_of(&t, intervals, MOST, &err), KITH_OK);
    assert_true(fabs(t.rate[t.count - 1] - 1e-9) < 1e-15);
    size_t last = 0;
    while (t.rate[last] > t.supported * 1.01)
        last++;
    double first = 0;
    for (size_t i = last + 1; i < t.count; i++) {
        double slope = (t.threshold[i] - t.threshold[last]) / log(t.rate[last] / t.rate[i]);
        first = first > 0 ? first : slope;
        assert_true(slope > 0 && fabs(slope - first) < 2e-4);
    }
    /* normal vectors in 256 dimensions: scores with a deviation of 1/16, whose tail falls off by about
     * deviation / 3 at one in a hundred */
    assert_true(first > 0.01 && first < 0.03);
}

static void too_few_pairs_say_how_many_are_needed(void **state) {
    (void)state;
    kith_rate_table t;
    kith_interval intervals[KITH_RATE_ROWS];
    kith_error err = {0};
    made_faces(70, 1); /* 2,415 pairs */
    assert_int_equal(table_of(&t, intervals, 70, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "2415"));
    assert_non_null(strstr(err.text, "3000"));
    assert_string_equal(err.where, "a folder");
}

/* Two persons with many photos of one face: their pairs are one accident. */
static void a_crowd_of_two_persons_is_no_rate(void **state) {
    (void)state;
    kith_rate_table t;
    kith_interval intervals[KITH_RATE_ROWS];
    kith_error err = {0};
    made_faces(MOST, 3);
    for (size_t i = 0; i < 20; i++) {
        persons[i] = i < 10 ? 0 : 7;
        memcpy(vectors + i * KITH_DIMENSION, vectors, KITH_DIMENSION * sizeof *vectors);
        vectors[i * KITH_DIMENSION + i] += 0.01F;
        float length = (float)sqrt(kith_dot(vectors + i * KITH_DIMENSION, vectors + i * KITH_DIMENSION));
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            vectors[i * KITH_DIMENSION + k] /= length;
    }
    assert_int_equal(table_of(&t, intervals, MOST, &err), KITH_OK);
    assert_true(t.supported > 5.5e-4); /* of 100 pairs of one kind; without them it is 2e-5 */
    assert_true(t.supported < 1.1e-3);
}

/* ---- a gallery's ---- */

static const kith_rate_table network = {
    .count = 3, .rate = {1, 1e-4, 1e-8}, .threshold = {0, 0.4, 0.8}, .supported = 1e-8};

enum { PERSONS = 99 };

/* Person p has 1 + p % 4 faces, each with somebody else at p / 200 (+ 0.001 for its others). */
static kith_gallery_scores made_gallery_scores(kith_face_scores *faces, uint32_t *numbers) {
    size_t count = 0;
    for (uint32_t p = 0; p < PERSONS; p++)
        for (uint32_t k = 0; k < 1 + p % 4; k++) {
            faces[count] = (kith_face_scores){.other = {(float)p / 200 + 0.001F * (float)k, (float)p / 400}};
            numbers[count++] = p;
        }
    return (kith_gallery_scores){faces, numbers, count, PERSONS, &network};
}

static void each_person_is_one_stranger(void **state) {
    (void)state;
    kith_face_scores faces[4 * PERSONS];
    uint32_t numbers[4 * PERSONS];
    kith_gallery_scores s = made_gallery_scores(faces, numbers);
    kith_rate_table t;
    kith_error err = {0};
    assert_int_equal(kith_thresholds_of_gallery(&t, &s, KITH_SCORE_BEST, "g", &err), KITH_OK);
    /* 99 persons and one more: 10 in 100 are 9 persons and the one that was not seen */
    for (size_t i = 0; i < t.count && t.rate[i] >= t.supported; i++) {
        double seen = kith_gallery_fpir(&s, KITH_SCORE_BEST, t.threshold[i]) * PERSONS;
        assert_true(seen <= t.rate[i] * (PERSONS + 1) - 1 + 1e-9);
        seen = kith_gallery_fpir(&s, KITH_SCORE_BEST, t.threshold[i] - 2e-4) * PERSONS;
        assert_true(seen > t.rate[i] * (PERSONS + 1) - 1 + 1e-9); /* and no lower one does */
    }
    assert_true(fabs(t.supported - 0.05) < 1e-9);
    assert_true(fabs(t.threshold[2] - (90 / 200.0)) < 5e-3); /* 1 in 10: persons 90 to 98 reach it */
    assert_int_equal(kith_thresholds_of_gallery(&t, &s, KITH_SCORE_MEAN3, "g", &err), KITH_OK);
    assert_true(fabs(t.threshold[2] - (90 / 400.0)) < 5e-3);
}

static void beyond_it_the_networks_curve_goes_on(void **state) {
    (void)state;
    kith_face_scores faces[4 * PERSONS];
    uint32_t numbers[4 * PERSONS];
    kith_gallery_scores s = made_gallery_scores(faces, numbers);
    kith_rate_table t;
    kith_error err = {0};
    bool ignored;
    double compared = kith_gallery_compared(&s);
    assert_true(fabs(compared - (double)s.count * (PERSONS - 1) / PERSONS) < 1e-9);
    assert_int_equal(kith_thresholds_of_gallery(&t, &s, KITH_SCORE_BEST, "g", &err), KITH_OK);
    size_t last = 3;
    assert_true(fabs(t.rate[last] - t.supported) < 1e-12);
    for (size_t i = last + 1; i < t.count; i++) {
        double step = kith_rate_table_threshold(&network, kith_rate_of_one(t.rate[i], compared), &ignored) -
                      kith_rate_table_threshold(&network, kith_rate_of_one(t.supported, compared), &ignored);
        assert_true(fabs(t.threshold[i] - fmin(t.threshold[last] + step, 1)) < 2e-4);
    }
}

static void too_few_persons_say_how_many_are_needed(void **state) {
    (void)state;
    kith_face_scores faces[19] = {{.own = {0}}};
    uint32_t numbers[19];
    kith_rate_table t;
    kith_error err = {0};
    for (uint32_t i = 0; i < 19; i++)
        numbers[i] = i;
    kith_gallery_scores s = {faces, numbers, 18, 18, &network};
    assert_int_equal(kith_thresholds_of_gallery(&t, &s, KITH_SCORE_BEST, "g", &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "18 persons"));
    assert_non_null(strstr(err.text, "19 are needed"));
    s.count = s.person_count = 19; /* all are alike: nobody may be named at any */
    assert_int_equal(kith_thresholds_of_gallery(&t, &s, KITH_SCORE_BEST, "g", &(kith_error){0}), KITH_OK);
}

static void those_who_reach_it_are_counted_among_persons_with_several(void **state) {
    (void)state;
    kith_face_scores faces[] = {
        {.own = {0.9F, 0.5F}}, {.own = {0.6F, 0.5F}}, {.own = {0.3F, 0.5F}}, {.own = {-INFINITY, -INFINITY}}};
    kith_gallery_scores scores = {.faces = faces, .count = 4};
    assert_true(fabs(kith_gallery_recognised(&scores, KITH_SCORE_BEST, 0.6F) - 2.0 / 3) < 1e-12);
    assert_true(fabs(kith_gallery_recognised(&scores, KITH_SCORE_MEAN3, 0.6F)) < 1e-12);
    scores.faces = faces + 3;
    scores.count = 1;
    assert_true(isnan(kith_gallery_recognised(&scores, KITH_SCORE_BEST, 0.6)));
}

/* ---- the margin ---- */

static void one_right_answer_in_a_hundred_is_closer(void **state) {
    (void)state;
    enum { RIGHT = 1000, WRONG = 10 };
    static kith_face_scores faces[RIGHT + WRONG + 2];
    double margin = -1, wrong = -1;
    for (size_t i = 0; i < RIGHT; i++) /* gaps of 0.0005, 0.001, ... */
        faces[i] = (kith_face_scores){.own = {0.9F}, .other = {0.9F - 0.0005F * (float)(i + 1)}};
    for (size_t i = 0; i < WRONG; i++) /* wrong by 0.001, 0.002, ... */
        faces[RIGHT + i] =
            (kith_face_scores){.own = {0.8F}, .other = {0.8F + 0.001F * (float)(i + 1)}, .next = {0.1F}};
    faces[RIGHT + WRONG] = (kith_face_scores){.own = {0.3F}, .other = {0.3F}}; /* below the threshold */
    faces[RIGHT + WRONG + 1] = (kith_face_scores){.own = {-INFINITY}, .other = {0.9F}}; /* no person's */
    assert_true(kith_margin_of(&margin, &wrong, faces, RIGHT + WRONG + 2, KITH_SCORE_BEST, 0.5));
    assert_true(fabs(margin - 0.006) < 6e-4); /* the eleventh gap: ten of a thousand are closer */
    assert_true(fabs(wrong - 50) < 11);
}

static void too_few_right_answers_are_no_margin(void **state) {
    (void)state;
    static kith_face_scores faces[299];
    double margin = 0.05, wrong = 1;
    for (size_t i = 0; i < 299; i++)
        faces[i] = (kith_face_scores){.own = {0.9F}, .other = {0.1F}};
    assert_false(kith_margin_of(&margin, &wrong, faces, 299, KITH_SCORE_BEST, 0.5));
    assert_true(fabs(margin - 0.05) < 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measured_rows_keep_to_their_rate),
        cmocka_unit_test(rarer_ones_follow_an_exponential),
        cmocka_unit_test(too_few_pairs_say_how_many_are_needed),
        cmocka_unit_test(a_crowd_of_two_persons_is_no_rate),
        cmocka_unit_test(each_person_is_one_stranger),
        cmocka_unit_test(beyond_it_the_networks_curve_goes_on),
        cmocka_unit_test(too_few_persons_say_how_many_are_needed),
        cmocka_unit_test(those_who_reach_it_are_counted_among_persons_with_several),
        cmocka_unit_test(one_right_answer_in_a_hundred_is_closer),
        cmocka_unit_test(too_few_right_answers_are_no_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
