/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/scoring.h"
#include "query/decide.h"

static const kith_gates GATES = {.score = KITH_GATE_SCORE, .eyes = KITH_GATE_EYES, .box = 24};
static const kith_threshold T = {.value = 0.4, .margin = 0.05};

static kith_point face(float score, float eyes, float width, float height) {
    return (kith_point){.score = score, .eyes = eyes, .box = {5, 5, width, height}};
}

static void gate(kith_point probe, const char *part_of_reason) {
    kith_verdict verdict = {0};
    bool passes = kith_gates_pass(&verdict, &GATES, &probe);
    assert_int_equal(passes, part_of_reason == NULL);
    if (part_of_reason) {
        assert_int_equal(verdict.decision, KITH_UNUSABLE);
        assert_non_null(strstr(verdict.reason, part_of_reason));
    }
}

static void a_face_passes_or_the_first_failing_gate_is_named(void **state) {
    (void)state;
    gate(face(0.9f, 40, 80, 100), NULL);
    gate(face(0.7f, 14, 24, 24), NULL);
    gate(face(0.69f, 40, 80, 100), "detector");
    gate(face(0.69f, 3, 8, 10), "detector");
    gate(face(0.9f, 13.9f, 80, 100), "eyes");
    gate(face(0.9f, 13.9f, 20, 23), "eyes");
    gate(face(0.9f, 14, 80, 23.96f), "23.9 pixels large");
    gate(face(0.9f, 14, 23.96f, 80), "23.9 pixels large");
    gate(face(0.9f, 13.96f, 80, 100), "13.9 pixels apart");
    gate(face(0.6999f, 40, 80, 100), "0.69,");
}

static void not_a_number_fails_each_gate(void **state) {
    (void)state;
    gate(face(NAN, 40, 80, 100), "detector");
    gate(face(0.9f, NAN, 80, 100), "eyes");
    gate(face(0.9f, 40, NAN, NAN), "large");
}

static kith_decision decide(size_t count, float first, float second) {
    const kith_candidate candidates[] = {{"Ann", first, NULL}, {"Ben", second, NULL}};
    kith_verdict verdict;
    kith_decide(&verdict, candidates, count, &T);
    assert_int_equal(verdict.decision == KITH_MATCH, verdict.reason[0] == 0);
    return verdict.decision;
}

static void nobody_to_compare_with_is_unknown(void **state) {
    (void)state;
    assert_int_equal(decide(0, 0, 0), KITH_UNKNOWN);
}

static void the_best_must_reach_the_threshold(void **state) {
    (void)state;
    assert_int_equal(decide(1, 0.39f, 0), KITH_UNKNOWN);
    assert_int_equal(decide(1, 0.41f, 0), KITH_MATCH);
    const kith_candidate exactly = {"Ann", 0.5f, NULL};
    const kith_threshold half = {.value = 0.5, .margin = 0.05};
    kith_verdict verdict;
    kith_decide(&verdict, &exactly, 1, &half);
    assert_int_equal(verdict.decision, KITH_MATCH);
}

static void unknown_comes_before_ambiguous(void **state) {
    (void)state;
    assert_int_equal(decide(2, 0.39f, 0.39f), KITH_UNKNOWN);
}

static void the_next_person_must_be_far_enough(void **state) {
    (void)state;
    assert_int_equal(decide(2, 0.5f, 0.5f), KITH_AMBIGUOUS);
    assert_int_equal(decide(2, 0.5f, 0.46f), KITH_AMBIGUOUS);
    assert_int_equal(decide(2, 0.5f, 0.44f), KITH_MATCH);
    const kith_candidate exact[] = {{"Ann", 0.75f, NULL}, {"Ben", 0.5f, NULL}};
    const kith_threshold quarter = {.value = 0.5, .margin = 0.25};
    kith_verdict verdict;
    kith_decide(&verdict, exact, 2, &quarter);
    assert_int_equal(verdict.decision, KITH_MATCH);
}

static void not_a_number_never_matches(void **state) {
    (void)state;
    assert_int_equal(decide(1, NAN, 0), KITH_UNKNOWN);
    assert_int_equal(decide(2, NAN, NAN), KITH_UNKNOWN);
    assert_int_equal(decide(2, 0.9f, NAN), KITH_AMBIGUOUS);
    const kith_candidate sure = {"Ann", 0.9f, NULL};
    kith_verdict verdict;
    kith_decide(&verdict, &sure, 1, &(kith_threshold){.value = NAN, .margin = 0.05});
    assert_int_equal(verdict.decision, KITH_UNKNOWN);
}

static void a_person_counts_by_the_best_face_or_the_best_three(void **state) {
    (void)state;
    const float scores[] = {0.75f, 0.5f, 0.25f, -0.5f};
    assert_float_equal(kith_person_score(KITH_SCORE_BEST, scores, 4), 0.75, 1e-6);
    assert_float_equal(kith_person_score(KITH_SCORE_MEAN3, scores, 4), 0.5, 1e-6);
    assert_float_equal(kith_person_score(KITH_SCORE_MEAN3, scores, 3), 0.5, 1e-6);
    assert_float_equal(kith_person_score(KITH_SCORE_MEAN3, scores, 2), 0.625, 1e-6);
    assert_float_equal(kith_person_score(KITH_SCORE_MEAN3, scores, 1), 0.75, 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_face_passes_or_the_first_failing_gate_is_named),
        cmocka_unit_test(not_a_number_fails_each_gate),
        cmocka_unit_test(nobody_to_compare_with_is_unknown),
        cmocka_unit_test(the_best_must_reach_the_threshold),
        cmocka_unit_test(unknown_comes_before_ambiguous),
        cmocka_unit_test(the_next_person_must_be_far_enough),
        cmocka_unit_test(not_a_number_never_matches),
        cmocka_unit_test(a_person_counts_by_the_best_face_or_the_best_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
