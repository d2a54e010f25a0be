/* SPDX-License-Identifier: MIT
 *
 * A network at one size and batch that can be run forward and backward. Primitives, activations and
 * gradients are made once, when it is opened; a step allocates nothing. One caller at a time; it works with
 * its own number of threads, and gives the same bits for the same inputs and number of threads.
 *
 * Values are read from the parameters anew in each run, so they may change between runs. Batch norms are
 * used as they are stored, not folded.
 */
#ifndef KITH_MODEL_TRAIN_GRAPH_H
#define KITH_MODEL_TRAIN_GRAPH_H

#include "model/train/parameters.h"

typedef struct kith_graph kith_graph;

typedef enum kith_norm_mode {
    KITH_NORM_FROZEN, /* moving statistics; also how validation runs */
    KITH_NORM_BATCH,  /* statistics of the batch (biased variance) */
} kith_norm_mode;

typedef struct kith_graph_options {
    int side;    /* of the input pictures */
    int batch;   /* every run is a whole batch */
    int first;   /* rows before it are frozen: what they give to the others is an input. 0: none */
    int threads; /* 0: as many as OpenMP would take */
} kith_graph_options;

/* The parameters must outlive the graph. KITH_E_REFUSED: a network with a layer that has no gradient
 * (yunet), a side that does not fit; KITH_E_LIMIT: too large.
 */
kith_status kith_graph_open(kith_graph **out, kith_parameters *parameters, const kith_graph_options *options,
                            kith_error *err);
void kith_graph_close(kith_graph **graph);
size_t kith_graph_memory(const kith_graph *graph); /* bytes, without the parameters */

/* One item's picture (RGB bytes, side x side) and second input (siamese: 136 landmarks / side; else NULL),
 * for a graph that begins at row 0.
 */
void kith_graph_set_input(kith_graph *graph, int index, const unsigned char *rgb, const float *extra);

/* What an input of the graph is read from: plain floats, channels first, [batch][*count]. Pictures are as
 * after the network's own mean and scale or grey conversion, [3][side][side]. `row` is KITH_OP_PICTURE or
 * KITH_OP_VECTOR of the table, or, for first > 0, the row before `first` that others read
 * (kith_frozen_row()). NULL: no input of this graph.
 */
float *kith_graph_input(kith_graph *graph, int row, size_t *count);

kith_status kith_graph_forward(kith_graph *graph, kith_norm_mode norm, kith_error *err);

/* After a forward with KITH_NORM_BATCH: moving statistics become 0.99 moving + 0.01 batch, with the unbiased
 * variance (n / (n - 1)) of the batch.
 */
void kith_graph_update_moving(kith_graph *graph);

/* [batch][width], not normalised, valid until the next forward. */
const float *kith_graph_output(const kith_graph *graph);
size_t kith_graph_output_width(const kith_graph *graph);
float *kith_graph_output_gradient(kith_graph *graph); /* the same shape; to be filled before backward */

/* Gradients of the last forward, in parameters->gradients: overwrites those of rows from `first` on (with
 * KITH_NORM_FROZEN, mean and variance are constants), leaves others alone.
 */
kith_status kith_graph_backward(kith_graph *graph, kith_error *err);

/* The activation of the layer called `name` in the last forward, [batch][channels][pixels], into out (room
 * for `room` floats); returns how many there are, 0: no such layer, or none of this graph's.
 */
size_t kith_graph_activation(const kith_graph *graph, const char *name, float *out, size_t room);

/* Seconds that the last forward and backward spent in a row, for measurements. */
double kith_graph_seconds(const kith_graph *graph, int row, bool backward);

#endif
