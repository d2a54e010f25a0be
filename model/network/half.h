/* SPDX-License-Identifier: MIT
 *
 * IEEE 754 binary16 and binary32, exact in both directions, in plain integer arithmetic: neither compiler nor
 * processor need to know F16. Pure functions.
 */
#ifndef KITH_MODEL_NETWORK_HALF_H
#define KITH_MODEL_NETWORK_HALF_H

#include <stdint.h>

/* Exact, subnormals, infinities and NaN included. */
float kith_float_from_half(uint16_t half);

/* Rounded to nearest, ties to even; what is too large becomes infinity. */
uint16_t kith_half_from_float(float value);

#endif
