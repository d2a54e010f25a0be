/* SPDX-License-Identifier: MIT
 *
 * Adam and AdamW in plain doubles, value by value, over some steps; clipping, decay where it is wanted, the
 * average; the same bits for any number of threads.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/statistics/random.h"
#include "model/train/optimiser.h"

enum { FIRST = 40001, SECOND = 37, COUNT = FIRST + SECOND, STEPS = 5 };

typedef struct arrays {
    float values[COUNT], gradients[COUNT], first[COUNT], second[COUNT];
} arrays;

static void fill(arrays *to) {
    kith_random random = {7};
    memset(to, 0, sizeof *to);
    for (int i = 0; i < COUNT; i++)
        to->values[i] = (float)kith_random_normal(&random);
}

static void draw_gradients(arrays *to, int step) {
    kith_random random = {100 + (uint64_t)step};
    for (int i = 0; i < COUNT; i++)
        to->gradients[i] = (float)(kith_random_normal(&random) * (i % 3 == 0 ? 1e-6 : 0.1));
}

/* Two spans, the second of which does not decay. */
static void spans_of(kith_span out[2], arrays *of) {
    for (int s = 0; s < 2; s++) {
        size_t at = s == 0 ? 0 : FIRST;
        out[s] = (kith_span){of->values + at, of->gradients + at,      of->first + at,
                             of->second + at, s == 0 ? FIRST : SECOND, s == 0};
    }
}

static double rate_of(int step) {
    return 1e-3 * (1 + step);
}

static void run(arrays *on, const kith_optimiser *optimiser) {
    kith_span spans[2];
    fill(on);
    spans_of(spans, on);
    for (int step = 0; step < STEPS; step++) {
        draw_gradients(on, step);
        double norm = kith_gradient_norm(spans, 2);
        kith_optimiser_step(optimiser, spans, 2, norm, rate_of(step), (size_t)step + 1);
    }
}

/* The same by the book, in doubles. */
static void run_plainly(double *values, const kith_optimiser *optimiser) {
    static arrays from;
    static double first[COUNT], second[COUNT];
    fill(&from);
    for (int i = 0; i < COUNT; i++) {
        values[i] = (double)from.values[i];
        first[i] = second[i] = 0;
    }
    for (int step = 0; step < STEPS; step++) {
        double norm = 0;
        draw_gradients(&from, step);
        for (int i = 0; i < COUNT; i++)
            norm += (double)from.gradients[i] * (double)from.gradients[i];
        norm = sqrt(norm);
        double shorter = optimiser->clip > 0 && norm > optimiser->clip ? optimiser->clip / norm : 1;
        for (int i = 0; i < COUNT; i++) {
            double g = (double)from.gradients[i] * shorter;
            first[i] = optimiser->beta1 * first[i] + (1 - optimiser->beta1) * g;
            second[i] = optimiser->beta2 * second[i] + (1 - optimiser->beta2) * g * g;
            double m = first[i] / (1 - pow(optimiser->beta1, step + 1));
            double v = second[i] / (1 - pow(optimiser->beta2, step + 1));
            if (optimiser->kind == KITH_ADAMW && i < FIRST)
                values[i] -= rate_of(step) * optimiser->decay * values[i];
            values[i] -= rate_of(step) * m / (sqrt(v) + optimiser->epsilon);
        }
    }
}

static void compare(const kith_optimiser *optimiser) {
    static arrays got, more;
    static double wanted[COUNT];
    kith_optimiser many = *optimiser;
    run(&got, optimiser);
    run_plainly(wanted, optimiser);
    for (int i = 0; i < COUNT; i++)
        if (!(fabs((double)got.values[i] - wanted[i]) < 2e-6)) /* steps are up to 0.015 */
            fail_msg("value %d is %.9g, not %.9g", i, (double)got.values[i], wanted[i]);
    many.threads = 3;
    run(&more, &many);
    assert_memory_equal(&got, &more, sizeof got);
}

static void adam_is_adam(void **state) {
    (void)state;
    kith_optimiser optimiser = KITH_OPTIMISER_DEFAULTS;
    compare(&optimiser);
}

static void adamw_decays_what_decays(void **state) {
    (void)state;
    kith_optimiser optimiser = KITH_OPTIMISER_DEFAULTS;
    optimiser.kind = KITH_ADAMW;
    optimiser.decay = 0.5;
    compare(&optimiser);
}

static void long_gradients_are_shortened(void **state) {
    (void)state;
    kith_optimiser optimiser = KITH_OPTIMISER_DEFAULTS;
    optimiser.epsilon = 0.1; /* Adam alone hardly notices a factor */
    optimiser.clip = 0.3;
    compare(&optimiser);
}

static void a_gradient_that_is_no_number_has_no_norm(void **state) {
    (void)state;
    static arrays on;
    kith_span spans[2];
    fill(&on);
    draw_gradients(&on, 0);
    spans_of(spans, &on);
    assert_true(isfinite(kith_gradient_norm(spans, 2)) != 0);
    on.gradients[FIRST + 20] = NAN;
    assert_true(isfinite(kith_gradient_norm(spans, 2)) == 0);
    on.gradients[FIRST + 20] = INFINITY;
    assert_true(isfinite(kith_gradient_norm(spans, 2)) == 0);
}

static void averages_forget_early_steps_faster(void **state) {
    (void)state;
    float average[] = {1, 1, 1}, values[] = {2, 1, -1};
    kith_average_step(average, values, 3, 0.999, 1); /* keeps 2 / 11 */
    assert_true(fabsf(average[0] - (2 - 2.0f / 11)) < 1e-6f);
    assert_true(average[1] == 1);
    kith_average_step(average, values, 1, 0.5, 1000); /* keeps 0.5 */
    assert_true(fabsf(average[0] - (2 - 1.0f / 11)) < 1e-6f);
    assert_true(fabsf(average[2] - (-1 + 4.0f / 11)) < 1e-6f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_is_adam),
        cmocka_unit_test(adamw_decays_what_decays),
        cmocka_unit_test(long_gradients_are_shortened),
        cmocka_unit_test(a_gradient_that_is_no_number_has_no_norm),
        cmocka_unit_test(averages_forget_early_steps_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
