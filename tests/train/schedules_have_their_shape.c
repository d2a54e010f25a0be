/* SPDX-License-Identifier: MIT
 *
 * The cyclic rate is the reference's formula (a half cycle of 336 steps, 1e-4 to 1e-3), counted in steps; the
 * others begin, peak and end where they should.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/train/schedule.h"

static void near(double got, double wanted) {
    if (!(fabs(got - wanted) <= 1e-12))
        fail_msg("%.15g, not %.15g", got, wanted);
}

static void the_cyclic_one_is_the_references(void **state) {
    (void)state;
    kith_schedule schedule = {KITH_SCHEDULE_CYCLIC, 1e-3, 336, 50, 13440};
    for (int step = 0; step < 3000; step++) {
        double s = 336, cycle = floor(1 + step / (2 * s)), x = fabs(step / s - 2 * cycle + 1);
        near(kith_schedule_rate(&schedule, (size_t)step), 1e-4 + (1e-3 - 1e-4) * fmax(0, 1 - x));
    }
}

static void the_cosine_rises_then_falls(void **state) {
    (void)state;
    kith_schedule schedule = {KITH_SCHEDULE_COSINE, 1e-3, 1, 200, 1200};
    near(kith_schedule_rate(&schedule, 0), 1e-3 / 200);
    near(kith_schedule_rate(&schedule, 199), 1e-3);
    near(kith_schedule_rate(&schedule, 200), 1e-3);
    near(kith_schedule_rate(&schedule, 700), (1e-3 + 2e-5) / 2);
    near(kith_schedule_rate(&schedule, 1200), 2e-5);
    near(kith_schedule_rate(&schedule, 9999), 2e-5);
    for (size_t step = 201; step < 1200; step++)
        assert_true(kith_schedule_rate(&schedule, step) < kith_schedule_rate(&schedule, step - 1));
}

static void a_run_shorter_than_its_warm_up_is_no_error(void **state) {
    (void)state;
    kith_schedule schedule = {KITH_SCHEDULE_COSINE, 1e-3, 1, 200, 100};
    near(kith_schedule_rate(&schedule, 99), 5e-4);
    near(kith_schedule_rate(&schedule, 200), 2e-5);
}

static void the_constant_is_constant_after_its_rise(void **state) {
    (void)state;
    kith_schedule schedule = {KITH_SCHEDULE_CONSTANT, 0.5, 1, 2, 10};
    near(kith_schedule_rate(&schedule, 0), 0.25);
    for (size_t step = 1; step < 20; step++)
        near(kith_schedule_rate(&schedule, step), 0.5);
    schedule.warm_up = 0;
    near(kith_schedule_rate(&schedule, 0), 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cyclic_one_is_the_references),
        cmocka_unit_test(the_cosine_rises_then_falls),
        cmocka_unit_test(a_run_shorter_than_its_warm_up_is_no_error),
        cmocka_unit_test(the_constant_is_constant_after_its_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
