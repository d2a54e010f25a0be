/* SPDX-License-Identifier: MIT
 *
 * What each kind of layer does, one row per kind: how its output's shape follows from its inputs', which
 * weights it has, how it is made ready for a session and run. Adding a layer means adding a row here.
 */
#ifndef KITH_MODEL_NETWORK_OPERATORS_H
#define KITH_MODEL_NETWORK_OPERATORS_H

#include "model/network/kernels.h"
#include "model/network/onednn.h"
#include "model/network/tables.h"

/* One picture's activation. Plain: channels first, or a vector; else blocked by kith_block() channels. */
typedef struct kith_shape {
    int channels, height, width;
    bool plain;
} kith_shape;

/* Numbers of F32 that `batch` such activations take, blocks filled up. */
size_t kith_shape_size(const kith_shape *shape, int batch);

/* Zeros before and after a map, in both directions. */
void kith_layer_padding(int *before, int *after, const kith_layer *layer);

/* What the calls of a run have in common. */
typedef struct kith_run {
    const unsigned char *pictures; /* RGB of the item 0 */
    const float *vectors;
    float *const *outputs; /* of the session, item 0 */
    int first;             /* number of the first item in this run */
} kith_run;

/* One layer of one session. */
typedef struct kith_step {
    const kith_layer *layer;
    int batch, block, output; /* output: its number among the outputs */
    kith_shape from, with, to;
    float *source, *operand, *gate, *target; /* operand: `with` */
    const float *mean, *scale;               /* of the picture; NULL: 0 and 1 */
    const float *slope;                      /* KITH_PRELU: one per channel, filled up to a block */
    const kith_kernels *kernels;
    kith_primitive *primitive;
} kith_step;

/* The sides of a layer's filter tensor; 0: it has none. */
typedef int kith_filter_shape(int shape[KITH_TENSOR_RANK], const kith_layer *layer, int in, int out);

typedef struct kith_operator {
    const char *name;

    /* False: inputs that do not fit. out->channels comes with the channels of the table (0: as the input). */
    bool (*infer)(kith_shape *out, const kith_layer *layer, const kith_shape *from, const kith_shape *with);

    kith_filter_shape *filter; /* NULL: no weights */

    /* Makes step->primitive; NULL: the operator runs without oneDNN. `bias`: there is one. */
    kith_status (*build)(kith_step *step, kith_engine *engine, bool bias, float alpha, kith_error *err);
    kith_status (*run)(const kith_step *step, const kith_run *run, kith_error *err);

    bool over_with; /* the result may be written over `with`, or over `from`, when nothing else needs it */
    bool over_from;
} kith_operator;

extern const kith_operator kith_operators[KITH_OPERATORS];

#endif
