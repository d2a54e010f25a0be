/* SPDX-License-Identifier: MIT
 *
 * Wilson's intervals, what a rate allows, and thresholds of sorted scores, against plain counting.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/statistics/histogram.h"
#include "model/statistics/random.h"
#include "model/statistics/rates.h"

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

/* Values of R's prop.test(..., correct = FALSE). */
static void intervals_are_wilsons(void **state) {
    (void)state;
    static const struct {
        double events, trials, low, high;
    } known[] = {
        {0, 10, 0, 0.2775328},
        {5, 10, 0.2365931, 0.7634069},
        {10, 10, 0.7224672, 1},
        {3, 100000, 1.020254e-05, 8.820942e-05},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        kith_interval got = kith_wilson(known[i].events, known[i].trials);
        assert_near(got.low, known[i].low, 1e-7);
        assert_near(got.high, known[i].high, 1e-7);
    }
    assert_true(kith_wilson(0, 0).low == 0 && kith_wilson(0, 0).high == 1);
}

static void rates_are_decimal(void **state) {
    (void)state;
    assert_int_equal(kith_events_at(0.1, 30), 3);
    assert_int_equal(kith_events_at(0.003, 1000), 3);
    assert_int_equal(kith_events_at(0.003, 999), 2);
    assert_int_equal(kith_events_at(1e-3, 1500), 1);
    assert_int_equal(kith_events_at(1e-4, 1500), 0);
    assert_int_equal(kith_trials_for(1e-5, 1), 100000);
    assert_int_equal(kith_trials_for(0.003, 1), 334);
    assert_int_equal(kith_trials_for(0.1, 3), 30);
    for (uint64_t trials = 1; trials < 3000; trials++)
        for (uint64_t events = 1; events < 4; events++)
            assert_true((kith_events_at(0.003, trials) >= events) ==
                        (trials >= kith_trials_for(0.003, events)));
}

/* Few different scores, so that many are equal. */
static void thresholds_keep_to_their_number(void **state) {
    (void)state;
    enum { COUNT = 200 };
    float scores[COUNT];
    kith_random random = {7};
    for (int i = 0; i < COUNT; i++)
        scores[i] = (float)kith_random_below(&random, 40) / 40;
    kith_scores_sort(scores, COUNT);
    for (size_t most = 0; most < COUNT; most++) {
        float threshold = kith_scores_threshold(scores, COUNT, most);
        size_t reached = 0, reached_by_less = 0;
        for (int i = 0; i < COUNT; i++) {
            reached += scores[i] >= threshold;
            reached_by_less += scores[i] >= nextafterf(threshold, -INFINITY);
        }
        assert_true(reached <= most && reached_by_less > most);
        assert_int_equal(kith_scores_reaching(scores, COUNT, threshold), reached);
    }
    assert_true(kith_scores_threshold(scores, COUNT, COUNT) == -INFINITY);
}

static void histograms_err_upwards_by_less_than_a_bin(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    static float scores[COUNT];
    static kith_histogram histogram, twice;
    kith_random random = {8};
    for (int i = 0; i < COUNT; i++) {
        scores[i] = (float)(kith_random_normal(&random) / 4);
        scores[i] = fminf(fmaxf(scores[i], -1.0001F), 1.0001F);
        histogram.bins[kith_histogram_bin(scores[i])]++;
        histogram.total++;
    }
    kith_scores_sort(scores, COUNT);
    for (size_t most = 0; most < COUNT; most += 7) {
        double threshold = kith_histogram_threshold(&histogram, most);
        double exact = (double)kith_scores_threshold(scores, COUNT, most);
        assert_true(threshold >= exact - 1e-6 && threshold < exact + 1.1e-4);
        assert_true(kith_histogram_reaching(&histogram, threshold + 1e-6) <= most);
    }
    assert_near(kith_histogram_threshold(&histogram, COUNT), -1, 0);
    kith_histogram_add(&twice, &histogram);
    kith_histogram_add(&twice, &histogram);
    assert_int_equal(twice.total, 2 * COUNT);
    assert_int_equal(kith_histogram_reaching(&twice, -1), 2 * COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_wilsons),
        cmocka_unit_test(rates_are_decimal),
        cmocka_unit_test(thresholds_keep_to_their_number),
        cmocka_unit_test(histograms_err_upwards_by_less_than_a_bin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
