/* SPDX-License-Identifier: MIT
 *
 * Verification of pairs with photos in which no face was found (errors at every threshold) and that cannot be
 * read (left out), and what too few pairs cannot say.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/evaluate/verify.h"
#include "tests/evaluate/support/made.h"

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

enum { PERSONS = 80, MOST = 6 };

/* All pairs of neighbours, and as many of different persons. */
static void make_pairs(kith_pair_list *out, const kith_study *study) {
    *out = (kith_pair_list){.folds = 5};
    out->items = calloc(2 * study->names.count, sizeof *out->items);
    for (uint32_t i = 0; i + 1 < study->names.count; i++) {
        bool same = study->photos[i].person == study->photos[i + 1].person;
        uint32_t far = (uint32_t)((i * 7 + 31) % study->names.count);
        if (same)
            out->items[out->count++] = (kith_pair){i, i + 1, true, (int)(out->count % 5), i};
        if (study->photos[i].person != study->photos[far].person)
            out->items[out->count++] = (kith_pair){i, far, false, (int)(out->count % 5), i};
    }
}

static void open_sample(kith_study *study, kith_pair_list *list, uint64_t seed) {
    made_study(study, PERSONS, MOST, seed);
    make_pairs(list, study);
}

static void close_sample(kith_study *study, kith_pair_list *list, kith_verification *got) {
    kith_verification_clear(got);
    kith_pair_list_clear(list);
    kith_study_clear(study);
}

typedef struct counts {
    size_t failed, faceless, same, different;
} counts;

static counts count_pairs(const kith_study *study, const kith_pair_list *list) {
    counts n = {0};
    for (size_t i = 0; i < list->count; i++) {
        kith_study_state a = study->photos[list->items[i].a].state, b = study->photos[list->items[i].b].state;
        if (a == KITH_STUDY_FAILED || b == KITH_STUDY_FAILED) {
            n.failed++;
            continue;
        }
        n.faceless += a == KITH_STUDY_FACELESS || b == KITH_STUDY_FACELESS;
        (*(list->items[i].same ? &n.same : &n.different))++;
    }
    return n;
}

/* Right decisions at a threshold, from the embeddings. */
static double right_share(const kith_study *study, const kith_pair_list *list, double threshold) {
    double right = 0, all = 0;
    for (size_t i = 0; i < list->count; i++) {
        const kith_pair *pair = &list->items[i];
        kith_study_state a = study->photos[pair->a].state, b = study->photos[pair->b].state;
        if (a == KITH_STUDY_FAILED || b == KITH_STUDY_FAILED)
            continue;
        all++;
        right += a == KITH_STUDY_FACE && b == KITH_STUDY_FACE &&
                 (made_score(study, pair->a, pair->b) >= threshold) == pair->same;
    }
    return right / all;
}

static void pairs_are_accounted_for(void **state) {
    (void)state;
    kith_study study;
    kith_pair_list list;
    kith_verification got;
    kith_error err = {0};
    open_sample(&study, &list, 1);
    counts n = count_pairs(&study, &list);
    assert_true(n.failed > 0 && n.faceless > 0);
    assert_int_equal(kith_verify(&got, &study, &list, NULL, 1, &err), KITH_OK);
    assert_int_equal(got.left_out, n.failed);
    assert_int_equal(got.undetected, n.faceless);
    assert_int_equal(got.same, n.same);
    assert_int_equal(got.different, n.different);
    assert_int_equal(got.pairs, n.same + n.different);
    double best = 0;
    for (int step = -1000; step <= 1000; step++)
        best = fmax(best, right_share(&study, &list, step / 1000.0 + 0.0003));
    assert_near(right_share(&study, &list, got.threshold), best, 2.0 / (double)got.pairs);
    assert_true(best <= 1 - (double)n.faceless / (double)got.pairs); /* none of them is ever right */
    assert_true(got.values[KITH_VERIFY_ACCURACY] <= best);
    assert_true(got.intervals[KITH_VERIFY_ACCURACY].low < got.values[KITH_VERIFY_ACCURACY] &&
                got.intervals[KITH_VERIFY_ACCURACY].high > got.values[KITH_VERIFY_ACCURACY]);
    kith_verification_clear(&got);

    for (size_t i = 0; i < study.names.count; i++) /* with a face everywhere it is better by all of them */
        if (study.photos[i].state == KITH_STUDY_FACELESS)
            study.photos[i].state = KITH_STUDY_FAILED;
    kith_verification without;
    assert_int_equal(kith_verify(&without, &study, &list, NULL, 1, &err), KITH_OK);
    assert_int_equal(without.undetected, 0);
    assert_int_equal(without.left_out, n.failed + n.faceless);
    assert_true(without.values[KITH_VERIFY_ACCURACY] > best);
    close_sample(&study, &list, &without);
}

static void tar_keeps_to_its_far(void **state) {
    (void)state;
    kith_study study;
    kith_pair_list list;
    kith_verification got;
    kith_error err = {0};
    open_sample(&study, &list, 2);
    assert_int_equal(kith_verify(&got, &study, &list, NULL, 1, &err), KITH_OK);
    for (size_t f = 0; f < KITH_FARS; f++) {
        if (kith_fars[f] * (double)got.different < 1) {
            assert_true(isnan(got.values[KITH_VERIFY_TAR + f]) && isnan(got.thresholds[f]));
            continue;
        }
        double accepted[2] = {0};
        for (size_t i = 0; i < list.count; i++) {
            const kith_pair *pair = &list.items[i];
            bool faces = study.photos[pair->a].state == KITH_STUDY_FACE &&
                         study.photos[pair->b].state == KITH_STUDY_FACE;
            accepted[pair->same] +=
                faces && (float)made_score(&study, pair->a, pair->b) >= (float)got.thresholds[f];
        }
        assert_true(accepted[0] <= kith_fars[f] * (double)got.different + 1e-9);
        assert_near(accepted[1] / (double)got.same, got.values[KITH_VERIFY_TAR + f], 1e-9);
    }
    assert_true(got.values[KITH_VERIFY_TAR + 1] > 0);
    assert_true(isnan(got.values[KITH_VERIFY_TAR + 4]));
    close_sample(&study, &list, &got);
}

/* The worst are errors at the threshold, in order. */
static void worst_errors_are_errors(void **state) {
    (void)state;
    kith_study study;
    kith_pair_list list;
    kith_verification got;
    kith_error err = {0};
    open_sample(&study, &list, 2);
    assert_int_equal(kith_verify(&got, &study, &list, NULL, 1, &err), KITH_OK);
    assert_true(got.worst_same_count > 1 && got.worst_different_count > 0);
    double before = 2;
    for (size_t i = 0; i < got.worst_different_count; i++) {
        const kith_pair *pair = &list.items[got.worst_different[i]];
        double score = made_score(&study, pair->a, pair->b);
        assert_true(!pair->same && score >= got.threshold - 1e-6 && score <= before + 1e-6);
        before = score;
    }
    before = -2;
    for (size_t i = 0; i < got.worst_same_count; i++) {
        const kith_pair *pair = &list.items[got.worst_same[i]];
        double score = made_score(&study, pair->a, pair->b);
        assert_true(pair->same && score < got.threshold && score >= before - 1e-6);
        before = score;
    }
    close_sample(&study, &list, &got);
}

static void groups_are_parts_of_the_whole(void **state) {
    (void)state;
    char text[4096] = "";
    kith_study study;
    kith_pair_list list;
    kith_groups groups;
    kith_verification got;
    kith_error err = {0};
    open_sample(&study, &list, 2);
    for (size_t p = 0; p < PERSONS; p++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "p%zu,%s\np%zu,all\n", p,
                 p < 40 ? "low" : "high", p);
    assert_int_equal(kith_groups_read(&groups, &study, made_file("groups", text), &err), KITH_OK);
    assert_int_equal(kith_verify(&got, &study, &list, &groups, 1, &err), KITH_OK);
    assert_int_equal(got.group_count, 3);
    const kith_verify_group *low = &got.groups[0], *all = &got.groups[1], *high = &got.groups[2];
    assert_string_equal(all->name, "all");
    assert_int_equal(all->same, got.same);
    assert_int_equal(all->different, got.different);
    assert_near(all->auc, got.values[KITH_VERIFY_AUC], 1e-9);
    assert_int_equal(low->same + high->same, all->same);
    assert_true(low->different + high->different < all->different); /* those across are of neither */
    assert_int_equal(low->refused + high->refused, all->refused);
    assert_near(1 - (double)(all->refused + all->accepted) / (double)got.pairs,
                right_share(&study, &list, got.threshold) + (double)0,
                (double)got.undetected / (double)got.pairs);
    kith_groups_clear(&groups);
    close_sample(&study, &list, &got);
}

static void too_few_pairs_are_refused(void **state) {
    (void)state;
    kith_study study;
    kith_verification got;
    kith_error err = {0};
    made_study(&study, PERSONS, MOST, 1);
    for (size_t i = 0; i < study.names.count; i++)
        study.photos[i].state = KITH_STUDY_FAILED;
    kith_pair_list list;
    make_pairs(&list, &study);
    assert_int_equal(kith_verify(&got, &study, &list, NULL, 1, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "at least 2 of each"));
    assert_null(got.trials);
    kith_pair_list_clear(&list);
    kith_study_clear(&study);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_accounted_for),   cmocka_unit_test(tar_keeps_to_its_far),
        cmocka_unit_test(worst_errors_are_errors),   cmocka_unit_test(groups_are_parts_of_the_whole),
        cmocka_unit_test(too_few_pairs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
