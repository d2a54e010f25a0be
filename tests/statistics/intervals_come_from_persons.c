/* SPDX-License-Identifier: MIT
 *
 * The bootstrap: intervals that cover, that a seed repeats, and figures that a sample cannot say.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/statistics/bootstrap.h"
#include "model/statistics/random.h"

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

enum { PERSONS = 100, ROUNDS = 400 };

typedef struct people {
    double values[PERSONS];
    double weight_sums, rounds;
} people;

/* The mean; NAN always; NAN in the samples without person 0 (about 1 / e of them); and without persons 0
 * to 2. */
static void measure(void *context, const double *weights, double *out) {
    people *p = context;
    double sum = 0, all = 0;
    for (int i = 0; i < PERSONS; i++) {
        sum += weights[i] * p->values[i];
        all += weights[i];
    }
    p->weight_sums += all;
    p->rounds++;
    out[0] = sum / all;
    out[1] = NAN;
    out[2] = weights[0] > 0 ? weights[0] : (double)NAN;
    out[3] = weights[0] > 0 && weights[1] > 0 && weights[2] > 0 ? 1 : (double)NAN;
}

static void fill(people *p, uint64_t seed) {
    kith_random random = {seed};
    *p = (people){.rounds = 0};
    for (int i = 0; i < PERSONS; i++)
        p->values[i] = kith_random_normal(&random);
}

static void intervals_cover_the_mean(void **state) {
    (void)state;
    int covered = 0;
    double width = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        people p;
        kith_interval got[4];
        kith_error err = {0};
        fill(&p, seed);
        assert_int_equal(kith_bootstrap(got, 4, PERSONS, ROUNDS, seed, measure, &p, &err), KITH_OK);
        assert_true(p.rounds == ROUNDS && p.weight_sums == (double)ROUNDS * PERSONS);
        covered += got[0].low <= 0 && got[0].high >= 0;
        width += (got[0].high - got[0].low) / 200;
        assert_true(isnan(got[1].low) && isnan(got[1].high));
        assert_true(got[2].low == 1 && got[2].high >= 3 && got[2].high <= 4);
        assert_true(isnan(got[3].low));
    }
    assert_in_range(covered, 180, 199);      /* 95 % of 200, four standard deviations */
    assert_near(width, 2 * 1.96 / 10, 0.02); /* of the mean of 100 */
}

static void a_seed_repeats_them(void **state) {
    (void)state;
    people p;
    kith_interval once[4], again[4], other[4];
    kith_error err = {0};
    fill(&p, 1);
    assert_int_equal(kith_bootstrap(once, 4, PERSONS, ROUNDS, 9, measure, &p, &err), KITH_OK);
    assert_int_equal(kith_bootstrap(again, 4, PERSONS, ROUNDS, 9, measure, &p, &err), KITH_OK);
    assert_int_equal(kith_bootstrap(other, 4, PERSONS, ROUNDS, 10, measure, &p, &err), KITH_OK);
    assert_true(once[0].low == again[0].low && once[0].high == again[0].high);
    assert_true(once[0].low != other[0].low);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_the_mean),
        cmocka_unit_test(a_seed_repeats_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
