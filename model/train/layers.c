/* SPDX-License-Identifier: MIT
 *
 * Forward and backward of the layers that have no matrix: depthwise convolutions, pools, joints, edges; and
 * the table of all.
 */
#include "model/train/rows.h"

static kith_status no_memory(const kith_row *row, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, row->layer->name, "no memory for this layer");
}

static kith_piece piece_of(const kith_row *row, int slice) {
    return row->cut->of_slice[slice];
}

/* All pictures and blocks of a slice. */
#define EACH_TILE(BLOCKS)                                                                                    \
    for (int b = 0; b < (BLOCKS); b++)                                                                       \
        for (int i = piece.first; i < piece.first + piece.count; i++)

/* ---- depthwise ---- */

static int taps(const kith_row *row) {
    return row->layer->kernel * row->layer->kernel;
}

static void depthwise_shapes(kith_row *row) {
    const kith_layer *layer = row->layer;
    kith_filter_row *f = &row->filter;
    int before, after, kernel = layer->kernel;
    kith_layer_padding(&before, &after, layer);
    f->source = (kith_padded){.height = row->from.height,
                              .width = row->from.width,
                              .top = before,
                              .left = before,
                              .whole_height = row->from.height + before + after,
                              .whole_width = row->from.width + before + after};
    f->slide = (kith_slide){kernel,         layer->stride, f->source.whole_height, f->source.whole_width,
                            row->to.height, row->to.width};
    int around = layer->stride == 1 ? kernel - 1 - before : 0;
    f->target = (kith_padded){.height = row->to.height,
                              .width = row->to.width,
                              .top = around,
                              .left = around,
                              .whole_height = row->to.height,
                              .whole_width = row->to.width};
    if (layer->stride == 1) {
        f->target.whole_height = row->from.height + kernel - 1;
        f->target.whole_width = row->from.width + kernel - 1;
    }
    f->back = (kith_slide){kernel,         1, f->target.whole_height, f->target.whole_width, row->from.height,
                           row->from.width};
}

static kith_status depthwise_open(kith_graph *graph, kith_row *row, kith_error *err) {
    kith_filter_row *f = &row->filter;
    size_t count = (size_t)row->x.blocks * (size_t)taps(row) * (size_t)graph->block;
    depthwise_shapes(row);
    f->filter = kith_graph_take(graph, count, sizeof *f->filter);
    f->turned = kith_graph_take(graph, count, sizeof *f->turned);
    f->sums = kith_graph_take(graph, count * (size_t)graph->threads, sizeof *f->sums);
    size_t source = (size_t)f->source.whole_height * (size_t)f->source.whole_width * (size_t)graph->block;
    size_t target = (size_t)f->target.whole_height * (size_t)f->target.whole_width * (size_t)graph->block;
    kith_graph_want(graph, KITH_ROOM_TILE_0, source);
    kith_graph_want(graph, KITH_ROOM_TILE_1, target);
    kith_graph_want(graph, KITH_ROOM_TILE_2, source);
    return f->filter && f->turned && f->sums ? KITH_OK : no_memory(row, err);
}

static size_t weight_offset(const kith_graph *graph, const kith_row *row) {
    return graph->parameters->list[row->parameter[KITH_WEIGHT]].offset;
}

static kith_status depthwise_prepare(kith_graph *graph, kith_row *row, kith_error *err) {
    const float *weights = graph->parameters->values + weight_offset(graph, row);
    int count = taps(row), size = graph->block;
    (void)err;
    for (int c = 0; c < row->to.channels; c++)
        for (int t = 0; t < count; t++) {
            int block = c / size * count;
            row->filter.filter[(block + t) * size + c % size] = weights[c * count + t];
            row->filter.turned[(block + count - 1 - t) * size + c % size] = weights[c * count + t];
        }
    return KITH_OK;
}

static kith_status depthwise_collect(kith_graph *graph, kith_row *row, kith_error *err) {
    float *gradients = graph->parameters->gradients + weight_offset(graph, row);
    int count = taps(row), size = graph->block;
    size_t all = (size_t)row->x.blocks * (size_t)count * (size_t)size;
    (void)err;
    for (int c = 0; c < row->to.channels; c++)
        for (int t = 0; t < count; t++) {
            double sum = 0;
            for (int k = 0; k < graph->threads; k++)
                sum += row->filter.sums[(size_t)k * all + (size_t)((c / size * count + t) * size + c % size)];
            gradients[c * count + t] = (float)sum;
        }
    memset(row->filter.sums, 0, all * (size_t)graph->threads * sizeof *row->filter.sums);
    return KITH_OK;
}

/* The source of one tile with its zeros around. */
static void pad_source(const kith_graph *graph, const kith_row *row, const kith_row *from, int picture,
                       int block, float *out) {
    kith_affine_tile affine;
    if (from->kept) {
        graph->tiles->copy_padded(out, kith_map_tile(&from->z, picture, block), &row->filter.source,
                                  graph->block);
        return;
    }
    affine = kith_affine_of(from, block);
    graph->tiles->activate_padded(out, kith_map_tile(&from->x, picture, block), &affine, &row->filter.source,
                                  graph->block);
}

static kith_status depthwise_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                     kith_error *err) {
    kith_row *from = &graph->rows[row->links.from];
    kith_piece piece = piece_of(row, slice);
    size_t filter = (size_t)taps(row) * (size_t)graph->block;
    (void)err;
    kith_values_keep(graph, from, row, slice);
    EACH_TILE(row->x.blocks) {
        pad_source(graph, row, from, i, b, worker->room[KITH_ROOM_TILE_0]);
        graph->tiles->slide(kith_map_tile(&row->x, i, b), worker->room[KITH_ROOM_TILE_0],
                            row->filter.filter + (size_t)b * filter, &row->filter.slide, graph->block);
        kith_affine_count(graph, row, worker, i, b);
    }
    return KITH_OK;
}

/* The gradient of the source tile, without its zeros. */
static void depthwise_way_back(const kith_graph *graph, const kith_row *row, int block, const float *target,
                               float *room, float *out) {
    const kith_filter_row *f = &row->filter;
    size_t filter = (size_t)block * (size_t)taps(row) * (size_t)graph->block;
    if (row->layer->stride == 1) {
        graph->tiles->slide(out, target, f->turned + filter, &f->back, graph->block);
        return;
    }
    graph->tiles->slide_back(room, target, f->filter + filter, &f->slide, graph->block);
    graph->tiles->copy_middle(out, room, &f->source, graph->block);
}

static kith_status depthwise_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                      kith_error *err) {
    const kith_row *from = &graph->rows[row->links.from];
    const kith_filter_row *f = &row->filter;
    kith_piece piece = piece_of(row, slice);
    size_t filter = (size_t)taps(row) * (size_t)graph->block;
    size_t inner = ((size_t)f->target.top * (size_t)f->target.whole_width + (size_t)f->target.left) *
                   (size_t)graph->block;
    double *sums = f->sums + (size_t)worker->number * (size_t)row->x.blocks * filter;
    (void)err;
    EACH_TILE(row->x.blocks) {
        float *source = worker->room[KITH_ROOM_TILE_0], *target = worker->room[KITH_ROOM_TILE_1],
              *given = worker->room[KITH_ROOM_TILE_2];
        kith_values_derive(graph, row, i, b, &f->target, target);
        pad_source(graph, row, from, i, b, source);
        graph->tiles->slide_filter(sums + (size_t)b * filter, source, target + inner, f->target.whole_width,
                                   &f->slide, graph->block);
        if (!from->wanted)
            continue;
        depthwise_way_back(graph, row, b, target, source, given);
        kith_values_give(graph, from, row, i, b, given, worker);
    }
    return KITH_OK;
}

/* ---- pools and joints ---- */

static kith_status average_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                   kith_error *err) {
    kith_row *from = &graph->rows[row->links.from];
    kith_piece piece = piece_of(row, slice);
    size_t pixels = (size_t)from->to.height * (size_t)from->to.width;
    (void)err;
    kith_values_keep(graph, from, row, slice);
    EACH_TILE(row->z.blocks) {
        const float *values = kith_values_tile(graph, from, i, b, worker->room[KITH_ROOM_TILE_0]);
        graph->kernels->average(kith_map_tile(&row->z, i, b), values, 1, pixels, graph->block);
    }
    return KITH_OK;
}

static kith_status average_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                    kith_error *err) {
    const kith_row *from = &graph->rows[row->links.from];
    kith_piece piece = piece_of(row, slice);
    size_t pixels = (size_t)from->to.height * (size_t)from->to.width;
    (void)err;
    EACH_TILE(row->z.blocks) {
        graph->tiles->fill(worker->room[KITH_ROOM_TILE_0], kith_map_tile(&row->g, i, b), 1 / (float)pixels,
                           pixels, graph->block);
        kith_values_give(graph, from, row, i, b, worker->room[KITH_ROOM_TILE_0], worker);
    }
    return KITH_OK;
}

static kith_status excite_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                  kith_error *err) {
    kith_row *from = &graph->rows[row->links.from], *gate = &graph->rows[row->links.gate];
    const kith_map *with = row->links.with < 0 ? NULL : &graph->rows[row->links.with].z;
    kith_piece piece = piece_of(row, slice);
    (void)err;
    kith_values_keep(graph, from, row, slice);
    kith_values_keep(graph, gate, row, slice);
    EACH_TILE(row->z.blocks) {
        const float *values = kith_values_tile(graph, from, i, b, worker->room[KITH_ROOM_TILE_0]);
        const float *factor = kith_values_tile(graph, gate, i, b, worker->room[KITH_ROOM_TILE_1]);
        graph->kernels->excite(kith_map_tile(&row->z, i, b), values, factor,
                               with ? kith_map_tile(with, i, b) : NULL, 1, (size_t)row->z.pixels,
                               graph->block);
    }
    return KITH_OK;
}

/* The gradient of `with` is the row's own: they share the memory. */
static kith_status excite_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                   kith_error *err) {
    const kith_row *from = &graph->rows[row->links.from], *gate = &graph->rows[row->links.gate];
    kith_piece piece = piece_of(row, slice);
    size_t pixels = (size_t)row->z.pixels;
    (void)err;
    EACH_TILE(row->z.blocks) {
        const float *g = kith_map_tile(&row->g, i, b);
        float *given = worker->room[KITH_ROOM_TILE_2];
        graph->tiles->products(given, kith_values_tile(graph, from, i, b, worker->room[KITH_ROOM_TILE_0]), g,
                               pixels, graph->block);
        kith_values_give(graph, gate, row, i, b, given, worker);
        graph->kernels->excite(given, g, kith_values_tile(graph, gate, i, b, worker->room[KITH_ROOM_TILE_1]),
                               NULL, 1, pixels, graph->block);
        kith_values_give(graph, from, row, i, b, given, worker);
    }
    return KITH_OK;
}

static kith_status concatenate_open(kith_graph *graph, kith_row *row, kith_error *err) {
    if (row->from.channels % graph->block == 0)
        return KITH_OK;
    return kith_fail(err, KITH_E_REFUSED, 0, row->layer->name,
                     "layers of %d channels are not joined in training", row->from.channels);
}

/* The input that a block comes from; *block becomes its number there. */
static kith_row *joined_from(kith_graph *graph, const kith_row *row, int *block) {
    int first = row->from.channels / graph->block;
    bool second = *block >= first;
    *block -= second ? first : 0;
    return &graph->rows[second ? row->links.with : row->links.from];
}

static kith_status concatenate_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                       kith_error *err) {
    kith_piece piece = piece_of(row, slice);
    (void)err;
    kith_values_keep(graph, &graph->rows[row->links.from], row, slice);
    kith_values_keep(graph, &graph->rows[row->links.with], row, slice);
    EACH_TILE(row->z.blocks) {
        int block = b;
        const kith_row *from = joined_from(graph, row, &block);
        memcpy(kith_map_tile(&row->z, i, b),
               kith_values_tile(graph, from, i, block, worker->room[KITH_ROOM_TILE_0]),
               (size_t)row->z.pixels * (size_t)graph->block * sizeof(float));
    }
    return KITH_OK;
}

static kith_status concatenate_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                        kith_error *err) {
    kith_piece piece = piece_of(row, slice);
    (void)err;
    EACH_TILE(row->z.blocks) {
        int block = b;
        const kith_row *from = joined_from(graph, row, &block);
        kith_values_give(graph, from, row, i, block, kith_map_tile(&row->g, i, b), worker);
    }
    return KITH_OK;
}

static kith_status output_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                  kith_error *err) {
    kith_row *from = &graph->rows[row->links.from];
    kith_piece piece = piece_of(row, slice);
    size_t pixels = (size_t)row->to.height * (size_t)row->to.width;
    (void)err;
    kith_values_keep(graph, from, row, slice);
    for (int c = 0; c < row->to.channels; c++)
        for (int i = piece.first; i < piece.first + piece.count; i++) {
            const float *tile =
                kith_values_tile(graph, from, i, c / graph->block, worker->room[KITH_ROOM_TILE_0]);
            kith_unblock(graph->outputs + ((size_t)i * (size_t)row->to.channels + (size_t)c) * pixels, tile,
                         c % graph->block, 1, pixels, graph->block);
        }
    return KITH_OK;
}

static kith_status output_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                   kith_error *err) {
    const kith_row *from = &graph->rows[row->links.from];
    kith_piece piece = piece_of(row, slice);
    size_t pixels = (size_t)row->to.height * (size_t)row->to.width, size = (size_t)graph->block;
    size_t channels = (size_t)row->to.channels;
    (void)err;
    EACH_TILE((int)((channels + size - 1) / size)) {
        float *tile = worker->room[KITH_ROOM_TILE_0];
        for (size_t c = 0; c < size; c++)
            for (size_t p = 0; p < pixels; p++) {
                size_t channel = (size_t)b * size + c;
                tile[p * size + c] =
                    channel < channels
                        ? graph->output_gradients[((size_t)i * channels + channel) * pixels + p]
                        : 0;
            }
        kith_values_give(graph, from, row, i, b, tile, worker);
    }
    return KITH_OK;
}

#undef EACH_TILE

/* ---- the table ---- */

const kith_learning kith_learnings[KITH_OPERATORS] = {
    [KITH_OP_CONVOLUTION] = {kith_matrix_open, kith_matrix_prepare, kith_matrix_collect, kith_matrix_forward,
                             kith_matrix_backward},
    [KITH_OP_DENSE] = {kith_matrix_open, kith_matrix_prepare, kith_matrix_collect, kith_matrix_forward,
                       kith_matrix_backward},
    [KITH_OP_DEPTHWISE] = {depthwise_open, depthwise_prepare, depthwise_collect, depthwise_forward,
                           depthwise_backward},
    [KITH_OP_AVERAGE] = {NULL, NULL, NULL, average_forward, average_backward},
    [KITH_OP_EXCITE] = {NULL, NULL, NULL, excite_forward, excite_backward},
    [KITH_OP_CONCATENATE] = {concatenate_open, NULL, NULL, concatenate_forward, concatenate_backward},
    [KITH_OP_OUTPUT] = {NULL, NULL, NULL, output_forward, output_backward},
};
