/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <math.h>

#include "model/network/half.h"

/* What the 16 bits mean, from the definition. */
static double meaning(uint16_t half) {
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                       : exponent == 0 ? ldexp(fraction, -24)
                                       : ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
}

static void every_half_is_read(void **state) {
    (void)state;
    for (int bits = 0; bits < 65536; bits++) {
        double expected = meaning((uint16_t)bits), found = (double)kith_float_from_half((uint16_t)bits);
        assert_true(isnan(expected) ? isnan(found) : found == expected);
        assert_int_equal(signbit(found) != 0, bits >> 15);
    }
}

static void every_half_comes_back(void **state) {
    (void)state;
    for (int bits = 0; bits < 65536; bits++)
        if (!isnan(meaning((uint16_t)bits)))
            assert_int_equal(kith_half_from_float(kith_float_from_half((uint16_t)bits)), bits);
    assert_true(isnan(meaning(kith_half_from_float(NAN))));
}

/* Between two neighbours, the middle and both sides of it: ties go to the even one. */
static void between_halves_the_nearest_is_taken(void **state) {
    (void)state;
    for (int bits = 0; bits < 0x7c00; bits++) {
        double low = meaning((uint16_t)bits);
        double high = bits == 0x7bff ? 65536 : meaning((uint16_t)(bits + 1));
        float middle = (float)((low + high) / 2);
        assert_int_equal(kith_half_from_float(middle), bits & 1 ? bits + 1 : bits);
        assert_int_equal(kith_half_from_float(nextafterf(middle, 0)), bits);
        assert_int_equal(kith_half_from_float(nextafterf(middle, INFINITY)), bits + 1);
        assert_int_equal(kith_half_from_float(-nextafterf(middle, INFINITY)), (bits + 1) | 0x8000);
    }
    assert_int_equal(kith_half_from_float(0x1p-149F), 0);
    assert_int_equal(kith_half_from_float(3e38F), 0x7c00);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_half_is_read),
                                       cmocka_unit_test(every_half_comes_back),
                                       cmocka_unit_test(between_halves_the_nearest_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
