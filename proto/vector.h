/* SPDX-License-Identifier: MIT
 *
 * Embeddings as arrays of KITH_DIMENSION floats. Pure functions.
 */
#ifndef KITH_PROTO_VECTOR_H
#define KITH_PROTO_VECTOR_H

#include <stdbool.h>

/* The dot product, summed in double; of unit vectors it is their cosine. */
double kith_dot(const float *a, const float *b);

/* The cosine that a product of unit vectors means: rounding may bring it a little beyond -1 and 1. NAN stays.
 */
double kith_cosine(double product);

/* Whether the length is 1, within what sums of F32 and files of nine digits lose. */
bool kith_is_unit(const float *vector);

#endif
