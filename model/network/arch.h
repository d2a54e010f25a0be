/* SPDX-License-Identifier: MIT
 *
 * Reading a table: how its rows are connected, the shapes at one input size, the tensors that its model file
 * has.
 */
#ifndef KITH_MODEL_NETWORK_ARCH_H
#define KITH_MODEL_NETWORK_ARCH_H

#include "model/network/operators.h"
#include "model/network/tables.h"

enum { KITH_LAYERS_MOST = 160 };

/* Rows that a row reads; -1: none. */
typedef struct kith_links {
    int from, with, gate;
} kith_links;

kith_links kith_arch_links(const kith_arch *arch, int row);
int kith_arch_row(const kith_arch *arch, const char *name); /* -1: none */

/* Shapes of all rows. `channels` overrides the table's, NULL: none. KITH_E_REFUSED names the layer that does
 * not fit the size.
 */
kith_status kith_arch_shapes(kith_shape out[KITH_LAYERS_MOST], const kith_arch *arch, const int *channels,
                             int width, int height, kith_error *err);

typedef enum kith_role {
    KITH_WEIGHT,
    KITH_BIAS_ROLE,
    KITH_SLOPE,
    KITH_GAMMA,
    KITH_BETA,
    KITH_MEAN,
    KITH_VARIANCE,
    KITH_INPUT_MEAN, /* constants, not parameters */
    KITH_INPUT_SCALE,
    KITH_ROLES
} kith_role;

/* A tensor that the file must have. */
typedef struct kith_expected {
    char name[64];
    kith_role role;
    int row, rank, shape[KITH_TENSOR_RANK];
    size_t count, offset; /* offset: where it begins in its row's values of that role */
} kith_expected;

/* Calls visit for every tensor of the table. */
typedef kith_status kith_expected_visit(void *context, const kith_expected *tensor, kith_error *err);
kith_status kith_arch_each_tensor(const kith_arch *arch, kith_expected_visit *visit, void *context,
                                  kith_error *err);

#endif
