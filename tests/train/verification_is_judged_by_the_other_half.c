/* SPDX-License-Identifier: MIT
 *
 * The accuracy of verification is that of a search through all thresholds, on the triplets of the other
 * parity.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/statistics/random.h"
#include "model/train/validation.h"

enum { TRIPLETS = 203 };

static size_t right_answers(const float *s_ap, const float *s_an, size_t parity, float threshold) {
    size_t right = 0;
    for (size_t t = parity; t < TRIPLETS; t += 2)
        right += (size_t)(s_ap[t] >= threshold) + (size_t)(s_an[t] < threshold);
    return right;
}

/* The highest of the best thresholds; any score may be one, and none at all. */
static float best_plainly(const float *s_ap, const float *s_an, size_t parity) {
    float best = INFINITY;
    for (size_t t = parity; t < TRIPLETS; t += 2)
        for (int of = 0; of < 2; of++) {
            float threshold = of == 0 ? s_ap[t] : s_an[t];
            size_t right = right_answers(s_ap, s_an, parity, threshold);
            size_t most = right_answers(s_ap, s_an, parity, best);
            if (right > most || (right == most && threshold > best))
                best = threshold;
        }
    return best;
}

static void it_is_that_of_a_plain_search(void **state) {
    (void)state;
    float s_ap[TRIPLETS], s_an[TRIPLETS];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        kith_random random = {seed};
        size_t right = 0;
        for (int t = 0; t < TRIPLETS; t++) { /* coarse, so that scores are equal here and there */
            s_ap[t] = roundf((float)(0.4 + 0.2 * kith_random_normal(&random)) * 50) / 50;
            s_an[t] = roundf((float)(0.2 * kith_random_normal(&random)) * 50) / 50;
        }
        for (size_t parity = 0; parity < 2; parity++)
            right += right_answers(s_ap, s_an, parity, best_plainly(s_ap, s_an, 1 - parity));
        double wanted = (double)right / (2 * TRIPLETS),
               got = kith_verification_accuracy(s_ap, s_an, TRIPLETS);
        if (!(fabs(got - wanted) < 1e-12))
            fail_msg("seed %d: %g, not %g", (int)seed, got, wanted);
    }
}

static void clear_cases_are_clear(void **state) {
    (void)state;
    float high[] = {0.9f, 0.9f, 0.8f, 0.8f}, low[] = {0.1f, 0.2f, -0.3f, 0.4f};
    assert_true(kith_verification_accuracy(high, low, 4) == 1);
    assert_true(kith_verification_accuracy(low, high, 4) == 0.5);
    assert_true(isnan(kith_verification_accuracy(high, low, 1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_that_of_a_plain_search),
        cmocka_unit_test(clear_cases_are_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
