/* SPDX-License-Identifier: MIT
 *
 * AUC, EER, TAR at FAR and accuracy over folds, weighted and not, against the slowest possible computation: a
 * weight of n is the trial n times.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/statistics/accuracy.h"
#include "model/statistics/random.h"
#include "model/statistics/roc.h"

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

enum { COUNT = 150, COPIES = 4 * COUNT, FOLDS = 4 };

typedef struct sample {
    kith_trial trials[COUNT];
    double weights[COUNT];
    kith_trial copies[COPIES]; /* each as often as its weight */
    size_t copy_count;
} sample;

/* Scores of two digits, so that many are equal; some trials have none. */
static void make(sample *s, uint64_t seed, bool weighted) {
    kith_random random = {seed};
    *s = (sample){.copy_count = 0};
    for (uint32_t i = 0; i < COUNT; i++) {
        bool same = kith_random_below(&random, 2);
        double score = kith_random_normal(&random) * 0.2 + (same ? 0.4 : 0.1);
        s->trials[i] = (kith_trial){.score = (float)(round(score * 100) / 100),
                                    .same = same,
                                    .fold = (int)kith_random_below(&random, FOLDS),
                                    .number = i};
        if (kith_random_below(&random, 30) == 0)
            s->trials[i].score = -INFINITY;
    }
    kith_trials_sort(s->trials, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        s->weights[i] = weighted ? (double)kith_random_below(&random, 5) : 1;
        for (int k = 0; k < (int)s->weights[i]; k++)
            s->copies[s->copy_count++] = s->trials[i];
    }
}

static double share_accepted(const sample *s, bool same, double threshold) {
    double accepted = 0, all = 0;
    for (size_t i = 0; i < s->copy_count; i++) {
        if (s->copies[i].same != same)
            continue;
        all++;
        accepted += (double)s->copies[i].score >= threshold;
    }
    return accepted / all;
}

static double naive_auc(const sample *s) {
    double wins = 0, pairs = 0;
    for (size_t i = 0; i < s->copy_count; i++)
        for (size_t j = 0; j < s->copy_count; j++) {
            if (!s->copies[i].same || s->copies[j].same)
                continue;
            pairs++;
            if (s->copies[i].score > s->copies[j].score)
                wins++;
            else if (s->copies[i].score == s->copies[j].score)
                wins += 0.5;
        }
    return wins / pairs;
}

/* All thresholds that matter: a little above each score, and each score. */
static double naive_tar(const sample *s, double far) {
    double best = 0;
    for (size_t i = 0; i < s->copy_count; i++)
        for (int above = 0; above < 2; above++) {
            double threshold = (double)s->copies[i].score + above * 1e-4;
            if (share_accepted(s, false, threshold) <= far + 1e-12)
                best = fmax(best, share_accepted(s, true, threshold));
        }
    return best;
}

/* The curve crosses between two of its points: a sign change of FRR - FAR, linear between. */
static double naive_eer(const sample *s) {
    double far = 0, difference = 1;
    for (int hundredth = 200; hundredth >= -201; hundredth--) {
        double threshold = hundredth == -201 ? -INFINITY : hundredth / 100.0 - 0.001;
        double next_far = share_accepted(s, false, threshold);
        double next = 1 - share_accepted(s, true, threshold) - next_far;
        if (next <= 0)
            return far + difference / (difference - next) * (next_far - far);
        far = next_far;
        difference = next;
    }
    return 1;
}

static double naive_right(const sample *s, double threshold, int fold, bool inside) {
    double right = 0, all = 0;
    for (size_t i = 0; i < s->copy_count; i++) {
        const kith_trial *t = &s->copies[i];
        if ((t->fold == fold) != inside)
            continue;
        all++;
        right += !isinf(t->score) && ((double)t->score >= threshold) == t->same;
    }
    return right / all;
}

/* The lowest of the best among: above all scores, between each two neighbours, the lowest score. */
static double naive_threshold(const sample *s, int fold) {
    double best = -1, at = 0, before = INFINITY;
    for (size_t i = 0; i <= s->copy_count; i++) {
        bool end = i == s->copy_count || isinf(s->copies[i].score);
        double score = end ? -INFINITY : (double)s->copies[i].score;
        if (!end && (s->copies[i].fold == fold || score == before))
            continue;
        double candidate = isinf(before) ? score + 1e-6
                           : end         ? before
                                         : (double)((float)before / 2 + (float)score / 2);
        double right = naive_right(s, candidate, fold, false);
        if (right >= best - 1e-12) {
            best = right;
            at = candidate;
        }
        if (end)
            break;
        before = score;
    }
    return at;
}

static kith_accuracy naive_accuracy(const sample *s) {
    double shares[FOLDS], mean = 0, squares = 0;
    for (int fold = 0; fold < FOLDS; fold++) {
        shares[fold] = naive_right(s, naive_threshold(s, fold), fold, true);
        mean += shares[fold] / FOLDS;
    }
    for (int fold = 0; fold < FOLDS; fold++)
        squares += (shares[fold] - mean) * (shares[fold] - mean);
    return (kith_accuracy){mean, sqrt(squares / (FOLDS - 1))};
}

static void curves_equal_counting(void **state) {
    (void)state;
    static sample s;
    static const double fars[] = {0, 0.01, 0.05, 0.1, 0.3, 1};
    kith_roc roc;
    assert_true(kith_roc_init(&roc, COUNT));
    for (uint64_t seed = 0; seed < 40; seed++) {
        make(&s, seed, seed % 2);
        assert_true(kith_roc_fill(&roc, s.trials, COUNT, seed % 2 ? s.weights : NULL));
        assert_near(kith_roc_auc(&roc), naive_auc(&s), 1e-9);
        assert_near(kith_roc_eer(&roc), naive_eer(&s), 1e-9);
        for (size_t i = 0; i < sizeof fars / sizeof fars[0]; i++)
            assert_near(roc.tar[kith_roc_at(&roc, fars[i])], naive_tar(&s, fars[i]), 1e-9);
    }
    kith_roc_clear(&roc);
}

/* Copies of a trial are trials like any other; those of weight 0 only move a threshold between its
 * neighbours. */
static void thresholds_are_the_best(void **state) {
    (void)state;
    static sample s;
    for (uint64_t seed = 0; seed < 40; seed++) {
        make(&s, seed, seed % 2);
        const double *weights = seed % 2 ? s.weights : NULL;
        float threshold = kith_best_threshold(s.trials, COUNT, weights, -1);
        double right = kith_right_share(s.trials, COUNT, weights, -1, threshold);
        double naive = naive_threshold(&s, -1);
        assert_near(right, naive_right(&s, naive, -1, false), 1e-9);
        assert_near(right, naive_right(&s, (double)threshold, -1, false), 1e-9);
        if (!weights)
            assert_near(threshold, naive, 1e-5);
    }
}

static void accuracy_equals_counting(void **state) {
    (void)state;
    static sample s;
    for (uint64_t seed = 0; seed < 40; seed++) {
        make(&s, seed, false);
        kith_accuracy got = kith_fold_accuracy(s.trials, COUNT, NULL, FOLDS), wanted = naive_accuracy(&s);
        assert_near(got.mean, wanted.mean, 1e-9);
        assert_near(got.deviation, wanted.deviation, 1e-9);
    }
}

static void one_kind_of_pairs_says_nothing(void **state) {
    (void)state;
    const kith_trial trials[] = {{.score = 0.5F, .same = true}, {.score = 0.4F, .same = true}};
    kith_roc roc;
    assert_true(kith_roc_init(&roc, 2));
    assert_false(kith_roc_fill(&roc, trials, 2, NULL));
    assert_false(kith_roc_fill(&roc, trials, 0, NULL));
    assert_true(isnan(kith_right_share(trials, 2, NULL, 3, 0)));
    kith_roc_clear(&roc);
}

/* Nothing is right but to accept nothing: the threshold is a number all the same. */
static void accepting_nothing_has_a_threshold(void **state) {
    (void)state;
    const kith_trial trials[] = {{.score = 0.5F}, {.score = 0.4F}, {.score = -INFINITY, .same = true}};
    float threshold = kith_best_threshold(trials, 3, NULL, -1);
    assert_true(isfinite(threshold) && threshold > 0.5F && threshold < 0.51F);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_equal_counting),
        cmocka_unit_test(thresholds_are_the_best),
        cmocka_unit_test(accuracy_equals_counting),
        cmocka_unit_test(one_kind_of_pairs_says_nothing),
        cmocka_unit_test(accepting_nothing_has_a_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
