/* SPDX-License-Identifier: MIT
 *
 * Inside of a graph. A row of the table works through the batch in slices, a few pictures at a time, so that
 * what one kernel leaves is still in a cache for the next; a thread has its own slices and never waits inside
 * a row. Between rows all threads meet, because batch statistics want the whole batch.
 *
 * A convolution stores its plain sum x. What readers want, z = activation(x * scale + shift), is made from it
 * when it is needed, or kept when several read it. Gradients, g, are those of the value before the activation
 * once the first reader is done with them (it is the last one to add to them).
 */
#ifndef KITH_MODEL_TRAIN_ROWS_H
#define KITH_MODEL_TRAIN_ROWS_H

#include "model/train/graph.h"
#include "model/train/tiles.h"

enum { KITH_SUMS = 3, KITH_DIRECTIONS = 3, KITH_PIECE_SIZES = 2 };

/* Some pictures in a row of the batch. */
typedef struct kith_piece {
    int first, count;
} kith_piece;

/* A batch in slices, whose sizes differ by one at most. */
typedef struct kith_cut {
    int slices;
    kith_piece *of_slice, *of_picture;
} kith_cut;

/* An activation or gradient: [slices][blocks][pictures of the slice][pixels][block]. */
typedef struct kith_map {
    float *values;
    int blocks, pixels, block;
    const kith_cut *cut;
} kith_map;

static inline float *kith_map_slice(const kith_map *map, int slice) {
    size_t tile = (size_t)map->pixels * (size_t)map->block;
    return map->values + (size_t)map->cut->of_slice[slice].first * (size_t)map->blocks * tile;
}

static inline float *kith_map_tile(const kith_map *map, int picture, int block) {
    const kith_piece *piece = &map->cut->of_picture[picture];
    size_t tile = (size_t)map->pixels * (size_t)map->block;
    size_t place = (size_t)piece->first * (size_t)map->blocks + (size_t)block * (size_t)piece->count +
                   (size_t)(picture - piece->first);
    return map->values + place * tile;
}

/* What is per channel, filled up to blocks with zeros. */
typedef struct kith_affine_row {
    float *scale, *shift, *slope, *mean,
        *variance;  /* mean, variance: those that scale and shift are made of */
    float *back[3]; /* dx = back[0] g + back[1] (x - mean) + back[2] */
    double *sums;   /* [threads][KITH_SUMS][channels] */
    bool frozen;    /* in the last forward */
} kith_affine_row;

/* The matrix of a convolution, and what is done with it. */
typedef struct kith_matrix_row {
    int in, out;                                  /* columns, rows */
    bool spread;                                  /* the source is a picture: its windows become columns */
    float *filled;                                /* then: the weights with columns filled up to blocks */
    float *packed[KITH_DIRECTIONS];               /* of KITH_BACKWARD_WEIGHTS: of all threads */
    size_t size[KITH_DIRECTIONS];                 /* floats */
    kith_primitive **primitives[KITH_DIRECTIONS]; /* [thread * KITH_PIECE_SIZES + size] */
    kith_reorder *reorders[KITH_DIRECTIONS];
} kith_matrix_row;

/* The filters of a depthwise convolution, [blocks][taps][block]. */
typedef struct kith_filter_row {
    kith_padded source; /* the source's tile with its zeros */
    kith_padded target; /* the target's gradient with what the way back wants around it */
    kith_slide slide, back;
    float *filter, *turned;
    double *sums; /* [threads][blocks][taps][block] */
} kith_filter_row;

typedef struct kith_row {
    const kith_layer *layer;
    int number;
    kith_links links;
    kith_shape from, to;
    bool source; /* its value is an input of the graph */
    bool affine; /* has x */
    bool kept;   /* has z */
    bool wanted; /* has g */
    int first_reader, last_reader;
    int parameter[KITH_ROLES]; /* numbers in the table; -1: none */
    const kith_cut *cut;       /* of its own work */
    kith_map x, z, g;
    float *plain; /* of a source, [batch][channels][pixels] */
    kith_affine_row norm;
    kith_matrix_row matrix;
    kith_filter_row filter;
    double seconds[2];
} kith_row;

/* Scratch memory that the rows want of a thread, in floats. */
typedef enum kith_room {
    KITH_ROOM_SOURCE, /* slices of a convolution's source, target, and the source's gradient */
    KITH_ROOM_TARGET,
    KITH_ROOM_GIVEN,
    KITH_ROOM_TILE_0, /* padded tiles */
    KITH_ROOM_TILE_1,
    KITH_ROOM_TILE_2,
    KITH_ROOM_WEIGHTS,
    KITH_ROOM_SCRATCH, /* oneDNN's */
    KITH_ROOMS
} kith_room;

typedef struct kith_worker {
    int number;
    float *room[KITH_ROOMS];
    kith_error error;
} kith_worker;

struct kith_graph {
    kith_parameters *parameters;
    kith_engine *engine;
    const kith_arch *arch;
    const kith_kernels *kernels;
    const kith_tiles *tiles;
    int side, batch, first, threads, block;
    size_t slice_bytes;
    kith_norm_mode norm;
    kith_row rows[KITH_LAYERS_MOST];
    kith_worker *workers;
    size_t room[KITH_ROOMS];
    kith_cut cuts[KITH_LAYERS_MOST];
    int cut_count;
    int output; /* the row */
    size_t output_width;
    float *outputs, *output_gradients;
    void **owned; /* all memory */
    int owned_count;
    size_t memory;
};

/* One kind of layer in training, beside its row in model/network/operators.h. */
typedef struct kith_learning {
    /* Buffers and primitives. */
    kith_status (*open)(kith_graph *graph, kith_row *row, kith_error *err);

    /* Before a forward: weights as primitives want them. After a backward: gradients as parameters. */
    kith_status (*prepare)(kith_graph *graph, kith_row *row, kith_error *err);
    kith_status (*collect)(kith_graph *graph, kith_row *row, kith_error *err);

    /* One slice of row->cut. */
    kith_status (*forward)(kith_graph *graph, kith_row *row, int slice, kith_worker *worker, kith_error *err);
    kith_status (*backward)(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                            kith_error *err);
} kith_learning;

/* For tests: with slices of about so many bytes. */
kith_status kith_graph_open_sliced(kith_graph **out, kith_parameters *parameters,
                                   const kith_graph_options *options, size_t slice_bytes, kith_error *err);

extern const kith_learning kith_learnings[KITH_OPERATORS]; /* forward NULL: not trained */

/* Zeroed memory of the graph; NULL: none left. */
void *kith_graph_take(kith_graph *graph, size_t count, size_t size);
void kith_graph_want(kith_graph *graph, kith_room room, size_t count);

/* ---- matrix.c: convolutions as products of matrices ---- */

kith_status kith_matrix_open(kith_graph *graph, kith_row *row, kith_error *err);
void kith_matrix_close(kith_graph *graph, kith_row *row);
kith_status kith_matrix_prepare(kith_graph *graph, kith_row *row, kith_error *err);
kith_status kith_matrix_collect(kith_graph *graph, kith_row *row, kith_error *err);
kith_status kith_matrix_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                kith_error *err);
kith_status kith_matrix_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                 kith_error *err);

/* ---- affine.c: scale, shift, activation ---- */

kith_status kith_affine_open(kith_graph *graph, kith_row *row, kith_error *err);
kith_affine_tile kith_affine_of(const kith_row *row, int block);
double *kith_affine_sums(const kith_row *row, const kith_worker *worker, int block, size_t *step);

void kith_affine_before(kith_graph *graph, kith_row *row);    /* a forward's work on the row */
void kith_affine_after(kith_graph *graph, kith_row *row);     /* it */
void kith_affine_gradients(kith_graph *graph, kith_row *row); /* before a backward's work on the row */
void kith_affine_update_moving(kith_graph *graph, kith_row *row);

/* Counts x of a finished tile into the statistics. */
void kith_affine_count(const kith_graph *graph, const kith_row *row, const kith_worker *worker, int picture,
                       int block);

/* ---- values.c: what rows read and give back ---- */

/* z of one picture's block; in `tile` unless it is kept. Only after kith_values_keep(). */
const float *kith_values_tile(const kith_graph *graph, const kith_row *row, int picture, int block,
                              float *tile);

/* z of a reader's slice, [blocks][pictures][pixels][block]; in `room` unless it lies so already. */
const float *kith_values_slice(const kith_graph *graph, const kith_row *row, const kith_row *reader,
                               int slice, float *room);

/* The first reader makes what is kept, before it reads. */
void kith_values_keep(const kith_graph *graph, kith_row *row, const kith_row *reader, int slice);

/* Adds one tile to a row's gradient; `given` may be that gradient's own tile. The first reader completes it
 * by the activation and counts it for the affine gradients.
 */
void kith_values_give(const kith_graph *graph, const kith_row *row, const kith_row *reader, int picture,
                      int block, const float *given, const kith_worker *worker);

/* dx of the row's sum. */
void kith_values_derive(const kith_graph *graph, const kith_row *row, int picture, int block,
                        const kith_padded *where, float *out);

#endif
