/* SPDX-License-Identifier: MIT
 *
 * Convolutions and dense layers as products of a matrix of weights and a slice's pixels, by oneDNN: 1x1
 * convolutions are that already, a picture's windows are spread into columns first.
 */
#include "model/train/rows.h"

enum { FORWARD = KITH_FORWARD, SOURCE = KITH_BACKWARD_SOURCE, WEIGHTS = KITH_BACKWARD_WEIGHTS };

static kith_status no_memory(const kith_row *row, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, row->layer->name, "no memory for this layer");
}

static int pixels_of(const kith_row *row) {
    return row->to.height * row->to.width;
}

static size_t filled_up(int channels, int block) {
    return (size_t)((channels + block - 1) / block) * (size_t)block;
}

/* ---- opening ---- */

static bool has_direction(const kith_graph *graph, const kith_row *row, int direction) {
    return direction != SOURCE || graph->rows[row->links.from].wanted;
}

static int piece_size(const kith_row *row, int variant) {
    return row->cut->of_slice[0].count + variant; /* the first slice is one of the smallest */
}

static bool has_variant(const kith_graph *graph, const kith_row *row, int variant) {
    return variant == 0 || graph->batch % row->cut->slices != 0;
}

static kith_status make_primitives(kith_graph *graph, kith_row *row, int direction, kith_error *err) {
    kith_matrix_row *m = &row->matrix;
    kith_status status = KITH_OK;
    m->primitives[direction] =
        kith_graph_take(graph, (size_t)graph->threads * KITH_PIECE_SIZES, sizeof(kith_primitive *));
    if (!m->primitives[direction])
        return no_memory(row, err);
    for (int i = 0; i < graph->threads * KITH_PIECE_SIZES && status == KITH_OK; i++) {
        int variant = i % KITH_PIECE_SIZES;
        kith_pointwise shape = {.in = m->in,
                                .out = m->out,
                                .pixels = pixels_of(row) * piece_size(row, variant),
                                .direction = (kith_direction)direction,
                                .like = m->primitives[direction][0]};
        if (!has_variant(graph, row, variant))
            continue;
        kith_primitive **made = &m->primitives[direction][i];
        status = kith_primitive_pointwise(made, graph->engine, &shape, row->layer->name, err);
        if (status == KITH_OK)
            kith_graph_want(graph, KITH_ROOM_SCRATCH, kith_primitive_scratch(*made) / sizeof(float) + 1);
    }
    return status;
}

static kith_status make_direction(kith_graph *graph, kith_row *row, int direction, kith_error *err) {
    kith_matrix_row *m = &row->matrix;
    kith_status status = make_primitives(graph, row, direction, err);
    if (status != KITH_OK)
        return status;
    const kith_primitive *one = m->primitives[direction][0];
    size_t copies = direction == WEIGHTS ? (size_t)graph->threads : 1;
    m->size[direction] = (kith_primitive_weights_size(one) / sizeof(float) + 15) / 16 * 16;
    m->packed[direction] = kith_graph_take(graph, m->size[direction] * copies, sizeof(float));
    if (!m->packed[direction])
        return no_memory(row, err);
    if (direction == WEIGHTS)
        kith_graph_want(graph, KITH_ROOM_WEIGHTS, m->size[direction]);
    return kith_reorder_make(&m->reorders[direction], graph->engine, one, direction == WEIGHTS,
                             row->layer->name, err);
}

static kith_status check_layer(const kith_graph *graph, const kith_row *row, kith_error *err) {
    bool pointwise = row->layer->op == KITH_OP_DENSE || (row->layer->kernel == 1 && row->layer->stride == 1);
    bool picture = graph->rows[row->links.from].layer->op == KITH_OP_PICTURE;
    if ((pointwise || picture) && !row->layer->parts[0].name)
        return KITH_OK;
    return kith_fail(err, KITH_E_REFUSED, 0, row->layer->name, "no gradient for a layer of this kind");
}

static void want_slices(kith_graph *graph, const kith_row *row) {
    size_t most = (size_t)(graph->batch + row->cut->slices - 1) / (size_t)row->cut->slices;
    size_t pixels = most * (size_t)pixels_of(row);
    kith_graph_want(graph, KITH_ROOM_SOURCE, pixels * filled_up(row->matrix.in, graph->block));
    kith_graph_want(graph, KITH_ROOM_GIVEN, pixels * filled_up(row->matrix.in, graph->block));
    kith_graph_want(graph, KITH_ROOM_TARGET, pixels * filled_up(row->matrix.out, graph->block));
}

kith_status kith_matrix_open(kith_graph *graph, kith_row *row, kith_error *err) {
    kith_matrix_row *m = &row->matrix;
    kith_status status = check_layer(graph, row, err);
    if (status != KITH_OK)
        return status;
    m->spread = graph->rows[row->links.from].layer->op == KITH_OP_PICTURE;
    m->out = row->to.channels;
    m->in = row->from.channels;
    if (m->spread) {
        m->in = (int)filled_up(m->in * row->layer->kernel * row->layer->kernel, graph->block);
        m->filled = kith_graph_take(graph, (size_t)m->in * (size_t)m->out, sizeof(float));
        if (!m->filled)
            return no_memory(row, err);
    }
    want_slices(graph, row);
    for (int d = 0; d < KITH_DIRECTIONS && status == KITH_OK; d++)
        if (has_direction(graph, row, d))
            status = make_direction(graph, row, d, err);
    return status;
}

void kith_matrix_close(kith_graph *graph, kith_row *row) {
    for (int d = 0; d < KITH_DIRECTIONS; d++) {
        for (int i = 0; row->matrix.primitives[d] && i < graph->threads * KITH_PIECE_SIZES; i++)
            kith_primitive_close(&row->matrix.primitives[d][i]);
        kith_reorder_close(&row->matrix.reorders[d]);
    }
}

/* ---- weights ---- */

static size_t weight_offset(const kith_graph *graph, const kith_row *row) {
    return graph->parameters->list[row->parameter[KITH_WEIGHT]].offset;
}

static size_t columns_of(const kith_graph *graph, const kith_row *row) {
    return graph->parameters->list[row->parameter[KITH_WEIGHT]].tensor.count / (size_t)row->matrix.out;
}

kith_status kith_matrix_prepare(kith_graph *graph, kith_row *row, kith_error *err) {
    kith_matrix_row *m = &row->matrix;
    const float *values = graph->parameters->values + weight_offset(graph, row);
    kith_status status = KITH_OK;
    if (m->spread) {
        size_t columns = columns_of(graph, row);
        for (size_t o = 0; o < (size_t)m->out; o++)
            memcpy(m->filled + o * (size_t)m->in, values + o * columns, columns * sizeof *values);
        values = m->filled;
    }
    for (int d = FORWARD; d <= SOURCE && status == KITH_OK; d++)
        if (m->packed[d])
            status = kith_reorder_run(m->reorders[d], values, m->packed[d], err);
    return status;
}

kith_status kith_matrix_collect(kith_graph *graph, kith_row *row, kith_error *err) {
    kith_matrix_row *m = &row->matrix;
    float *sum = m->packed[WEIGHTS], *out = graph->parameters->gradients + weight_offset(graph, row);
    for (int t = 1; t < graph->threads; t++)
        graph->tiles->add(sum, sum + (size_t)t * m->size[WEIGHTS], m->size[WEIGHTS] / (size_t)graph->block,
                          graph->block);
    kith_status status = kith_reorder_run(m->reorders[WEIGHTS], sum, m->spread ? m->filled : out, err);
    if (status == KITH_OK && m->spread) {
        size_t columns = columns_of(graph, row);
        for (size_t o = 0; o < (size_t)m->out; o++)
            memcpy(out + o * columns, m->filled + o * (size_t)m->in, columns * sizeof *out);
        memset(m->filled, 0, (size_t)m->in * (size_t)m->out * sizeof *m->filled);
    }
    return status;
}

/* ---- running ---- */

/* One column (channel, dy, dx) of one picture: `out` is its lane in the pixels of a block. */
static void spread_column(const kith_row *row, const float *plane, int dy, int dx, float *out, int block) {
    const kith_layer *layer = row->layer;
    for (int y = 0; y < row->to.height; y++) {
        int from_y = y * layer->stride + dy;
        bool inside = from_y >= 0 && from_y < row->from.height;
        const float *from = inside ? plane + (size_t)from_y * (size_t)row->from.width : plane;
        for (int x = 0; x < row->to.width; x++, out += block) {
            int from_x = x * layer->stride + dx;
            *out = inside && from_x >= 0 && from_x < row->from.width ? from[from_x] : 0;
        }
    }
}

/* Windows of a slice's pictures, [blocks of columns][pictures][pixels][block]. */
static void spread(const kith_graph *graph, const kith_row *row, int slice, float *out) {
    const float *pictures = graph->rows[row->links.from].plain;
    kith_piece piece = row->cut->of_slice[slice];
    int before, after, kernel = row->layer->kernel, size = graph->block,
                       plane = row->from.height * row->from.width;
    size_t tile = (size_t)pixels_of(row) * (size_t)size;
    kith_layer_padding(&before, &after, row->layer);
    for (int column = 0; column < row->from.channels * kernel * kernel; column++) {
        int channel = column / (kernel * kernel), dy = column / kernel % kernel, dx = column % kernel;
        for (int i = 0; i < piece.count; i++) {
            float *to =
                out + ((size_t)(column / size) * (size_t)piece.count + (size_t)i) * tile + column % size;
            const float *from =
                pictures +
                ((size_t)(piece.first + i) * (size_t)row->from.channels + (size_t)channel) * (size_t)plane;
            spread_column(row, from, dy - before, dx - before, to, size);
        }
    }
}

static const float *source_of(const kith_graph *graph, const kith_row *row, int slice, kith_worker *worker) {
    float *room = worker->room[KITH_ROOM_SOURCE];
    if (!row->matrix.spread)
        return kith_values_slice(graph, &graph->rows[row->links.from], row, slice, room);
    spread(graph, row, slice, room);
    return room;
}

static kith_primitive *primitive_of(const kith_row *row, int direction, int slice,
                                    const kith_worker *worker) {
    int variant = row->cut->of_slice[slice].count - piece_size(row, 0);
    return row->matrix.primitives[direction][worker->number * KITH_PIECE_SIZES + variant];
}

kith_status kith_matrix_forward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                kith_error *err) {
    kith_piece piece = row->cut->of_slice[slice];
    kith_values_keep(graph, &graph->rows[row->links.from], row, slice);
    const float *source = source_of(graph, row, slice, worker);
    kith_status status =
        kith_primitive_run_on(primitive_of(row, FORWARD, slice, worker), source, row->matrix.packed[FORWARD],
                              kith_map_slice(&row->x, slice), worker->room[KITH_ROOM_SCRATCH], err);
    for (int b = 0; b < row->x.blocks && status == KITH_OK; b++)
        for (int i = piece.first; i < piece.first + piece.count; i++)
            kith_affine_count(graph, row, worker, i, b);
    return status;
}

/* Of the slice; the first slice of a thread begins its sum. */
static kith_status weights_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                    const float *target, kith_error *err) {
    const kith_matrix_row *m = &row->matrix;
    bool begins = slice == row->cut->slices * worker->number / graph->threads;
    float *sum = m->packed[WEIGHTS] + (size_t)worker->number * m->size[WEIGHTS];
    float *out = begins ? sum : worker->room[KITH_ROOM_WEIGHTS];
    const float *source = source_of(graph, row, slice, worker);
    kith_status status = kith_primitive_run_on(primitive_of(row, WEIGHTS, slice, worker), source, out, target,
                                               worker->room[KITH_ROOM_SCRATCH], err);
    if (!begins)
        graph->tiles->add(sum, out, m->size[WEIGHTS] / (size_t)graph->block, graph->block);
    return status;
}

static kith_status source_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                   const float *target, kith_error *err) {
    const kith_row *from = &graph->rows[row->links.from];
    kith_piece piece = row->cut->of_slice[slice];
    size_t tile = (size_t)from->g.pixels * (size_t)graph->block;
    bool direct = from->last_reader == row->number && from->g.cut == row->cut;
    float *given = direct ? kith_map_slice(&from->g, slice) : worker->room[KITH_ROOM_GIVEN];
    kith_status status =
        kith_primitive_run_on(primitive_of(row, SOURCE, slice, worker), given, row->matrix.packed[SOURCE],
                              target, worker->room[KITH_ROOM_SCRATCH], err);
    for (int b = 0; b < from->g.blocks && status == KITH_OK; b++)
        for (int i = piece.first; i < piece.first + piece.count; i++, given += tile)
            kith_values_give(graph, from, row, i, b, given, worker);
    return status;
}

kith_status kith_matrix_backward(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                                 kith_error *err) {
    kith_piece piece = row->cut->of_slice[slice];
    const kith_padded whole = {.height = row->to.height,
                               .width = row->to.width,
                               .whole_height = row->to.height,
                               .whole_width = row->to.width};
    float *target = worker->room[KITH_ROOM_TARGET], *out = target;
    for (int b = 0; b < row->x.blocks; b++)
        for (int i = piece.first; i < piece.first + piece.count;
             i++, out += (size_t)row->x.pixels * (size_t)graph->block)
            kith_values_derive(graph, row, i, b, &whole, out);
    kith_status status = weights_backward(graph, row, slice, worker, target, err);
    if (status == KITH_OK && graph->rows[row->links.from].wanted)
        status = source_backward(graph, row, slice, worker, target, err);
    return status;
}
