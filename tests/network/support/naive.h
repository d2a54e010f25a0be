/* SPDX-License-Identifier: MIT
 *
 * Networks computed straight from their tables and tensors, one loop per symbol of the definition, in double:
 * slow and simple. What oneDNN, folding, pruning and planning are checked against.
 */
#ifndef KITH_TESTS_NETWORK_NAIVE_H
#define KITH_TESTS_NETWORK_NAIVE_H

#include "model/network/safetensors.h"
#include "model/network/tables.h"

typedef struct naive_map {
    int channels, height, width;
    double *values; /* channels first; owned */
} naive_map;

/* All activations, one per row; to be released by naive_free(). */
naive_map *naive_run(const kith_arch *arch, const kith_tensors *tensors, int width, int height,
                     const unsigned char *rgb, const float *extra);
void naive_free(naive_map *maps, const kith_arch *arch);

/* The same of a batch, item after item, in one list; pictures and vectors follow each other.
 * batch_norm: by the batch's mean and (biased) variance instead of those in the tensors.
 */
typedef struct naive_batch {
    int count, width, height;
    const unsigned char *rgb;
    const float *extra;
    bool batch_norm;
} naive_batch;

naive_map *naive_run_batch(const kith_arch *arch, const kith_tensors *tensors, const naive_batch *batch);
void naive_free_batch(naive_map *maps, const kith_arch *arch, const naive_batch *batch);

#endif
