/* SPDX-License-Identifier: MIT
 *
 * Blocks of scores hold every pair once, whatever the numbers and threads; histograms and outstanding pairs
 * of all pairs are those of a plain double loop.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/statistics/all_pairs.h"
#include "model/statistics/random.h"
#include "proto/point.h"
#include "proto/vector.h"

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

enum { MOST = 620, THREADS_MOST = 3 };

static float values[MOST * KITH_DIMENSION], others[MOST * KITH_DIMENSION];
static uint32_t persons[MOST];

/* Of equal persons nearly equal ones, so that scores of all sizes occur. */
static void make(float *out, size_t count, uint64_t seed) {
    kith_random random = {seed};
    for (size_t i = 0; i < count; i++) {
        double squares = 0;
        float *v = out + i * KITH_DIMENSION;
        persons[i] = (uint32_t)kith_random_below(&random, 1 + count / 4);
        kith_random of_person = {persons[i]};
        for (int k = 0; k < KITH_DIMENSION; k++) {
            v[k] = (float)(kith_random_normal(&of_person) + kith_random_normal(&random));
            squares += (double)v[k] * (double)v[k];
        }
        for (int k = 0; k < KITH_DIMENSION; k++)
            v[k] = (float)(v[k] / sqrt(squares));
    }
}

/* ---- blocks ---- */

typedef struct visits {
    bool triangle;
    float *scores; /* [row][column]; NAN: not visited */
    size_t columns, wrong;
} visits;

static void visit(void *worker, const kith_score_block *block) {
    visits *v = worker;
    for (size_t i = 0; i < block->rows; i++)
        for (size_t j = 0; j < block->columns; j++) {
            size_t row = block->row + i, column = block->column + j;
            float *at = v->scores + row * v->columns + column;
            if (v->triangle && row >= column)
                continue;
            v->wrong += isnan(*at) ? 0 : 1;
            *at = block->scores[i * KITH_BLOCK_COLUMNS + j];
        }
}

static void check_blocks(size_t rows, size_t columns, int threads) {
    visits of[THREADS_MOST];
    void *workers[THREADS_MOST];
    const bool triangle = columns == 0;
    const size_t width = triangle ? rows : columns;
    const float *right = triangle ? values : others;
    const kith_vectors a = {values, rows}, b = {others, columns};
    kith_error err = {0};
    float *scores = malloc((rows * width + 1) * sizeof *scores);
    for (size_t i = 0; i < rows * width; i++)
        scores[i] = NAN;
    for (int i = 0; i < threads; i++) {
        of[i] = (visits){triangle, scores, width, 0};
        workers[i] = &of[i];
    }
    assert_int_equal(kith_score_blocks(&a, triangle ? NULL : &b, visit, workers, threads, &err), KITH_OK);
    for (int i = 0; i < threads; i++)
        assert_int_equal(of[i].wrong, 0);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = triangle ? i + 1 : 0; j < width; j++)
            assert_near(scores[i * width + j],
                        kith_dot(values + i * KITH_DIMENSION, right + j * KITH_DIMENSION), 2e-6);
    free(scores);
}

static void blocks_hold_each_pair_once(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 5, 96, 97, 255, 256, 257, 600};
    make(values, MOST, 1);
    make(others, MOST, 2);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        check_blocks(counts[i], 0, 1);
        check_blocks(counts[i], 0, THREADS_MOST);
        check_blocks(counts[i], 300, 2);
        check_blocks(101, counts[i] ? counts[i] : 1, 1);
    }
}

/* ---- all pairs ---- */

typedef struct naive {
    kith_scored_pair *same, *different;
    size_t same_count, different_count;
} naive;

static int highest_first(const void *left, const void *right) {
    const kith_scored_pair *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

static void check_list(const kith_scored_pair *got, size_t count, const kith_scored_pair *all, size_t total,
                       size_t keep, bool lowest) {
    assert_int_equal(count, total < keep ? total : keep);
    for (size_t i = 0; i < count; i++) {
        const kith_scored_pair *wanted = &all[lowest ? total - 1 - i : i];
        assert_true(got[i].a < got[i].b);
        assert_near(got[i].score, wanted->score, 2e-6);
        assert_near(
            got[i].score,
            kith_dot(values + got[i].a * (size_t)KITH_DIMENSION, values + got[i].b * (size_t)KITH_DIMENSION),
            2e-6);
        assert_int_equal(persons[got[i].a] == persons[got[i].b], lowest);
        for (size_t k = 0; k < i; k++)
            assert_false(got[k].a == got[i].a && got[k].b == got[i].b);
    }
}

static void check_all_pairs(size_t count, size_t keep, int threads) {
    const kith_vectors vectors = {values, count};
    kith_all_pairs *got = NULL;
    kith_error err = {0};
    naive n = {calloc(count * count + 1, sizeof *n.same), calloc(count * count + 1, sizeof *n.different), 0,
               0};
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++) {
            float score =
                (float)kith_dot(values + i * (size_t)KITH_DIMENSION, values + j * (size_t)KITH_DIMENSION);
            if (persons[i] == persons[j])
                n.same[n.same_count++] = (kith_scored_pair){score, i, j};
            else
                n.different[n.different_count++] = (kith_scored_pair){score, i, j};
        }
    qsort(n.same, n.same_count, sizeof *n.same, highest_first);
    qsort(n.different, n.different_count, sizeof *n.different, highest_first);
    assert_int_equal(kith_all_pairs_score(&got, &vectors, persons, keep, threads, &err), KITH_OK);
    assert_int_equal(got->same.total, n.same_count);
    assert_int_equal(got->different.total, n.different_count);
    check_list(got->highest, got->highest_count, n.different, n.different_count, keep, false);
    check_list(got->lowest, got->lowest_count, n.same, n.same_count, keep, true);
    for (size_t most = 0; most < n.different_count; most += 1 + n.different_count / 50) {
        double threshold = kith_all_pairs_threshold(got, most), exact = (double)n.different[most].score;
        bool kept = most < got->highest_count;
        assert_true(threshold > exact - 3e-6 && threshold < exact + (kept ? 3e-6 : 1.1e-4));
    }
    kith_all_pairs_free(&got);
    assert_null(got);
    free(n.same);
    free(n.different);
}

static void all_pairs_equal_a_double_loop(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 50, 257, 620};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        make(values, counts[i], 10 + i);
        check_all_pairs(counts[i], 20, 1);
        check_all_pairs(counts[i], 20, THREADS_MOST);
        check_all_pairs(counts[i], 0, 2);
    }
}

/* The same pairs in the same order with any number of threads, equal scores among them. */
static void threads_change_nothing(void **state) {
    (void)state;
    kith_all_pairs *one = NULL, *three = NULL;
    kith_error err = {0};
    make(values, MOST, 5);
    for (int i = 0; i < 40; i++) /* copies: many pairs have equal scores */
        memcpy(values + (MOST - 1 - i) * KITH_DIMENSION, values + i / 8 * KITH_DIMENSION,
               KITH_DIMENSION * sizeof *values);
    for (uint32_t i = 0; i < MOST; i++)
        persons[i] = i;
    const kith_vectors vectors = {values, MOST};
    assert_int_equal(kith_all_pairs_score(&one, &vectors, persons, 500, 1, &err), KITH_OK);
    assert_int_equal(kith_all_pairs_score(&three, &vectors, persons, 500, 3, &err), KITH_OK);
    assert_int_equal(one->highest_count, 500);
    assert_memory_equal(one->highest, three->highest, 500 * sizeof *one->highest);
    assert_memory_equal(&one->different, &three->different, sizeof one->different);
    for (size_t i = 1; i < 500; i++)
        assert_true(one->highest[i].score <= one->highest[i - 1].score);
    kith_all_pairs_free(&one);
    kith_all_pairs_free(&three);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_hold_each_pair_once),
        cmocka_unit_test(all_pairs_equal_a_double_loop),
        cmocka_unit_test(threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
