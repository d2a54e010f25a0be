/* SPDX-License-Identifier: MIT
 *
 * A network's weights on their way from the file's tensors to what primitives want: checked against the
 * table, batch norms folded, dead channels left out. After kith_network_open() only the packed layouts grow,
 * under the network's lock.
 */
#ifndef KITH_MODEL_NETWORK_WEIGHTS_H
#define KITH_MODEL_NETWORK_WEIGHTS_H

#include <pthread.h>

#include "model/network/arch.h"
#include "model/network/onednn.h"

extern const float kith_norm_epsilon; /* added to variances; Keras' MobileNetV2 */

enum { KITH_PACKED_MOST = 4 }; /* different layouts of one layer's weights, over all sizes and batches */

typedef struct kith_weights {
    int in, out;               /* channels, after dead ones are left out */
    size_t filter;             /* weights per output channel and input channel (of its group) */
    float *values[KITH_ROLES]; /* as in the file; after folding: weight, bias, slope only */
    size_t counts[KITH_ROLES];
    kith_packed *packed[KITH_PACKED_MOST];
} kith_weights;

struct kith_network {
    const kith_arch *arch;
    kith_engine *engine;
    kith_weights layers[KITH_LAYERS_MOST];
    int channels[KITH_LAYERS_MOST]; /* of each row, after dead ones are left out */
    pthread_mutex_t lock;           /* over packed */
};

/* kith_network_open() with a given table, which must outlive the network. */
kith_status kith_network_make(kith_network **out, const kith_arch *arch, const kith_tensors *tensors,
                              const char *where, kith_error *err);

/* Copies the tensors into network->layers. KITH_E_REFUSED names a tensor that is missing, of another shape,
 * or too many.
 */
kith_status kith_weights_load(kith_network *network, const kith_tensors *tensors, const char *where,
                              kith_error *err);

/* Batch norms into weight and bias: gamma / sqrt(variance + 1e-3) and its shift. */
kith_status kith_weights_fold(kith_network *network, const char *where, kith_error *err);

/* Leaves out channels that cannot change any output; see prune.c. */
void kith_weights_prune(kith_network *network);

void kith_weights_clear(kith_network *network);

/* The layer's weights in the layout that the primitive wants, made when it is the first to want it. */
kith_status kith_weights_packed(const kith_packed **out, kith_network *network, int row,
                                const kith_primitive *primitive, kith_error *err);

#endif
