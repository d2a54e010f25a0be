/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "proto/gallery/exact_search.h"
#include "tests/gallery/support/made.h"

enum { MOST = 2000 };

static float *vectors;
static kith_face_key keys[MOST];

static int setup(void **state) {
    (void)state;
    vectors = aligned_alloc(64, (size_t)MOST * KITH_DIMENSION * sizeof *vectors);
    assert_non_null(vectors);
    for (unsigned i = 0; i < MOST; i++) {
        made_vector(vectors + (size_t)i * KITH_DIMENSION, i / 2); /* pairs of equal ones */
        keys[i] = (kith_face_key){.id = {i / 3 % 7, i * 7919U % MOST}, .row = i, .person = i % 97};
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    free(vectors);
    return 0;
}

static void scores_equal_a_plain_sum(void **state) {
    float probe[KITH_DIMENSION], scores[MOST];
    (void)state;
    made_vector(probe, 7777);
    for (size_t count = 0; count < 20; count++) {
        memset(scores, 0x7f, sizeof scores);
        kith_exact_scores(scores, vectors, count, probe);
        for (size_t i = 0; i < count; i++) {
            double sum = 0;
            for (size_t k = 0; k < KITH_DIMENSION; k++)
                sum += (double)vectors[i * KITH_DIMENSION + k] * (double)probe[k];
            assert_true(fabs((double)scores[i] - sum) < 1e-6);
        }
        assert_memory_equal(&scores[count], "\x7f\x7f\x7f\x7f", 4); /* nothing behind the last */
    }
}

/* The sums of the same numbers in the same order, one after the other: not one bit may differ. */
static float in_the_documented_order(const float *a, const float *b) {
    volatile float s[16] = {0};
    for (int i = 0; i < KITH_DIMENSION; i++) {
        volatile float product = a[i] * b[i];
        s[i % 16] = s[i % 16] + product;
    }
    for (int i = 0; i < 8; i++)
        s[i] = s[i] + s[i + 8];
    volatile float x = s[0] + s[4], y = s[2] + s[6], z = s[1] + s[5], w = s[3] + s[7];
    volatile float left = x + y, right = z + w;
    return left + right;
}

static void scores_are_the_same_on_every_processor(void **state) {
    float probe[KITH_DIMENSION], scores[MOST];
    (void)state;
    made_vector(probe, 123456);
    kith_exact_scores(scores, vectors, MOST, probe);
    for (size_t i = 0; i < MOST; i++)
        assert_true(scores[i] == in_the_documented_order(vectors + i * KITH_DIMENSION, probe));
}

static int order(const void *a, const void *b) {
    const kith_ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->key.id[0] != y->key.id[0] ? (x->key.id[0] < y->key.id[0] ? -1 : 1)
                                        : (x->key.id[1] < y->key.id[1] ? -1 : x->key.id[1] > y->key.id[1]);
}

static void the_best_are_those_of_a_full_sort(void **state) {
    static const size_t limits[] = {1, 2, 3, 10, 64, 65, 1000, MOST - 1, MOST, MOST + 1, 0};
    float probe[KITH_DIMENSION], scores[MOST];
    static kith_ranked all[MOST];
    static char selected[MOST];
    (void)state;
    for (unsigned seed = 0; seed < 6; seed++) {
        made_vector(probe, 10000 + seed);
        kith_exact_scores(scores, vectors, MOST, probe);
        size_t count = 0;
        for (size_t i = 0; i < MOST; i++) {
            selected[i] = seed % 2 == 0 || i % 3 == 0;
            if (selected[i])
                all[count++] = (kith_ranked){scores[i], keys[i]};
        }
        qsort(all, count, sizeof *all, order);
        for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
            kith_best best = {.limit = limits[l]};
            for (size_t i = 0; i < MOST; i += 250)
                assert_true(kith_best_offer(&best, scores + i, keys + i, seed ? selected + i : NULL, 250));
            kith_best_sort(&best);
            assert_int_equal(best.count, limits[l] && limits[l] < count ? limits[l] : count);
            for (size_t i = 0; i < best.count; i++)
                assert_int_equal(best.items[i].key.row, all[i].key.row);
            kith_best_clear(&best);
        }
    }
}

static void leaders_are_each_persons_best(void **state) {
    float probe[KITH_DIMENSION], scores[MOST];
    kith_leaders leaders = {0};
    (void)state;
    made_vector(probe, 4);
    kith_exact_scores(scores, vectors, MOST, probe);
    for (size_t i = 0; i < MOST; i += 250)
        assert_true(kith_leaders_offer(&leaders, scores + i, keys + i, NULL, 250));
    assert_int_equal(leaders.count, 96); /* 0 is nobody */
    for (size_t at = 0; at < leaders.count; at++) {
        const kith_ranked *leader = &leaders.items[at];
        assert_int_not_equal(leader->key.person, 0);
        for (size_t i = 0; i < MOST; i++) {
            kith_ranked other = {scores[i], keys[i]};
            assert_true(keys[i].person != leader->key.person || order(leader, &other) <= 0);
        }
        for (size_t i = 0; i < at; i++)
            assert_true(leaders.items[i].key.person != leader->key.person);
    }
    kith_leaders_clear(&leaders);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_equal_a_plain_sum),
        cmocka_unit_test(scores_are_the_same_on_every_processor),
        cmocka_unit_test(the_best_are_those_of_a_full_sort),
        cmocka_unit_test(leaders_are_each_persons_best),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
