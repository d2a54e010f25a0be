/* SPDX-License-Identifier: MIT */
#include "model/network/half.h"

#include <string.h>

float kith_float_from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
    uint32_t bits;
    if (exponent == 0x1f) {
        bits = sign | 0x7f800000 | fraction << 13;
    } else if (exponent > 0) {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    } else { /* zero and subnormals: fraction x 2^-24 is a normal binary32 */
        float value = (float)fraction * 0x1p-24F;
        memcpy(&bits, &value, sizeof bits);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* `bits` / 2^shift, rounded to nearest, ties to even. */
static uint32_t shifted(uint32_t bits, uint32_t shift) {
    uint32_t quotient = bits >> shift, rest = bits & ((1U << shift) - 1), half = 1U << (shift - 1);
    return quotient + (rest > half || (rest == half && (quotient & 1)));
}

uint16_t kith_half_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    uint32_t half;
    if (magnitude > 0x7f800000)
        half = 0x7e00; /* NaN */
    else if (magnitude >= 0x47800000)
        half = 0x7c00; /* 2^16 and above */
    else if (magnitude >= 0x38800000)
        half = shifted(magnitude - 0x38000000, 13); /* rounding up may carry into infinity, rightly */
    else if (magnitude >= 0x33000000)               /* 2^-25: the smallest that may round up to 2^-24 */
        half = shifted((magnitude & 0x7fffff) | 0x800000, 126 - (magnitude >> 23));
    else
        half = 0;
    return (uint16_t)(sign | half);
}
