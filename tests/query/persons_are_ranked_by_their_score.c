/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "query/rank.h"
#include "tests/gallery/support/made.h"

enum { CROWD = 60 };

static unsigned next_face;

/* A face of `person` whose likeness to the probe (the first axis) is `likeness`. */
static void put(kith_gallery *gallery, const char *person, double likeness) {
    kith_error err = {0};
    float vector[KITH_DIMENSION] = {(float)likeness, (float)sqrt(1 - likeness * likeness)};
    kith_point point = made_point(next_face++, person);
    kith_gallery_put(gallery, &point, vector, 1, &err);
    kith_point_clear(&point);
    assert_no_error(err);
}

/* A crowd whose best faces are all better than those of "Steady", whose mean is better than all of theirs. */
static int crowd_setup(void **state) {
    next_face = 0;
    if (made_setup(state) != 0)
        return 1;
    for (int i = 0; i < CROWD; i++) {
        char person[16];
        snprintf(person, sizeof person, "crowd %02d", i);
        put(*state, person, 0.9 - i * 0.001);
        put(*state, person, 0.1);
        put(*state, person, 0.1);
    }
    put(*state, "Steady", 0.7);
    put(*state, "Steady", 0.69);
    put(*state, "Steady", 0.68);
    put(*state, "Steady", -0.5); /* the fourth does not count */
    put(*state, NULL, 0.99);
    return 0;
}

static kith_ranking ranked(kith_gallery *gallery, const kith_filter *filter, kith_scoring scoring,
                           size_t persons) {
    static const float probe[KITH_DIMENSION] = {1};
    kith_error err = {0};
    kith_ranking out;
    kith_rank_persons(&out, gallery, probe, filter, scoring, persons, &err);
    assert_no_error(err);
    return out;
}

static void expect(const kith_ranking *ranking, size_t i, const char *person, double score) {
    assert_true(i < ranking->count);
    assert_string_equal(ranking->items[i].person, person);
    assert_true(fabs((double)ranking->items[i].score - score) < 1e-5);
    assert_string_equal(ranking->items[i].best->person, person);
}

static void by_the_best_face(void **state) {
    kith_ranking ranking = ranked(*state, NULL, KITH_SCORE_BEST, 2);
    assert_int_equal(ranking.count, 2);
    expect(&ranking, 0, "crowd 00", 0.9);
    expect(&ranking, 1, "crowd 01", 0.899);
    kith_ranking_clear(&ranking);
}

static void by_the_mean_of_three_however_many_are_better_by_their_best(void **state) {
    kith_ranking ranking = ranked(*state, NULL, KITH_SCORE_MEAN3, 2);
    assert_int_equal(ranking.count, 2);
    expect(&ranking, 0, "Steady", 0.69);
    expect(&ranking, 1, "crowd 00", 1.1 / 3);
    kith_ranking_clear(&ranking);
}

static void more_than_there_are_is_all(void **state) {
    kith_ranking ranking = ranked(*state, NULL, KITH_SCORE_MEAN3, 1000);
    assert_int_equal(ranking.count, CROWD + 1);
    expect(&ranking, 0, "Steady", 0.69);
    expect(&ranking, CROWD, "crowd 59", (0.9 - 0.059 + 0.2) / 3);
    kith_ranking_clear(&ranking);
}

static void a_filter_that_meets_nobody_ranks_nobody(void **state) {
    kith_error err = {0};
    kith_filter filter = {0};
    kith_filter_text(&filter, KITH_FIELD_PERSON, KITH_EQUAL, "Nobody", &err);
    for (int scoring = KITH_SCORE_BEST; scoring <= KITH_SCORE_MEAN3; scoring++) {
        kith_ranking ranking = ranked(*state, &filter, (kith_scoring)scoring, 2);
        assert_int_equal(ranking.count, 0);
        kith_ranking_clear(&ranking);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_best_face),
        cmocka_unit_test(by_the_mean_of_three_however_many_are_better_by_their_best),
        cmocka_unit_test(more_than_there_are_is_all),
        cmocka_unit_test(a_filter_that_meets_nobody_ranks_nobody),
    };
    return cmocka_run_group_tests(tests, crowd_setup, made_teardown);
}
