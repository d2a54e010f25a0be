/* SPDX-License-Identifier: MIT
 *
 * Running a graph: rows in order, the slices of a row by all threads.
 */
#include <omp.h>
#include <time.h>

#include "model/train/rows.h"

typedef kith_status slice_work(kith_graph *graph, kith_row *row, int slice, kith_worker *worker,
                               kith_error *err);
typedef kith_status row_work(kith_graph *graph, kith_row *row, kith_error *err);

/* ---- threads ---- */

static void work_part(kith_graph *graph, kith_row *row, slice_work *work, kith_worker *worker) {
    int slices = row->cut->slices, end = slices * (worker->number + 1) / graph->threads;
    unsigned before = kith_denormals_off();
    for (int s = slices * worker->number / graph->threads; s < end && worker->error.code == KITH_OK; s++)
        work(graph, row, s, worker, &worker->error);
    kith_denormals_back(before);
}

static kith_status joined(kith_graph *graph, kith_error *err) {
    for (int t = 0; t < graph->threads; t++) {
        const kith_error *cause = &graph->workers[t].error;
        if (cause->code != KITH_OK)
            return kith_fail_with(err, cause);
    }
    return KITH_OK;
}

/* A thread's part is its own, however many threads there really are, so sums have one order. oneDNN shall
 * have no threads below ours, also where ours is the only one.
 */
static kith_status each_slice(kith_graph *graph, kith_row *row, slice_work *work, kith_error *err) {
#pragma omp parallel num_threads(graph->threads)
    {
        omp_set_num_threads(1);
        for (int t = omp_get_thread_num(); t < graph->threads; t += omp_get_num_threads())
            work_part(graph, row, work, &graph->workers[t]);
    }
    return joined(graph, err);
}

static bool works(const kith_graph *graph, const kith_row *row) {
    return row->number >= graph->first && !row->source;
}

/* Rows that are independent of each other: which thread takes which does not matter. */
static kith_status each_row(kith_graph *graph, bool collecting, kith_error *err) {
#pragma omp parallel num_threads(graph->threads)
    {
        kith_worker *worker = &graph->workers[omp_get_thread_num()];
        omp_set_num_threads(1);
#pragma omp for schedule(dynamic)
        for (int i = graph->first; i < graph->arch->count; i++) {
            kith_row *row = &graph->rows[i];
            const kith_learning *learning = &kith_learnings[row->layer->op];
            row_work *work = collecting ? learning->collect : learning->prepare;
            if (works(graph, row) && work && worker->error.code == KITH_OK)
                work(graph, row, &worker->error);
        }
    }
    return joined(graph, err);
}

static void begin(kith_graph *graph) {
    for (int t = 0; t < graph->threads; t++)
        kith_error_clear(&graph->workers[t].error);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- forward, backward ---- */

kith_status kith_graph_forward(kith_graph *graph, kith_norm_mode norm, kith_error *err) {
    graph->norm = norm;
    begin(graph);
    kith_status status = each_row(graph, false, err);
    for (int i = graph->first; i < graph->arch->count && status == KITH_OK; i++) {
        kith_row *row = &graph->rows[i];
        if (!works(graph, row))
            continue;
        double since = now();
        if (row->affine)
            kith_affine_before(graph, row);
        status = each_slice(graph, row, kith_learnings[row->layer->op].forward, err);
        if (row->affine)
            kith_affine_after(graph, row);
        row->seconds[0] = now() - since;
    }
    return status;
}

kith_status kith_graph_backward(kith_graph *graph, kith_error *err) {
    kith_status status = KITH_OK;
    begin(graph);
    for (int i = graph->arch->count - 1; i >= graph->first && status == KITH_OK; i--) {
        kith_row *row = &graph->rows[i];
        if (!works(graph, row))
            continue;
        double since = now();
        if (row->affine)
            kith_affine_gradients(graph, row);
        status = each_slice(graph, row, kith_learnings[row->layer->op].backward, err);
        row->seconds[1] = now() - since;
    }
    return status == KITH_OK ? each_row(graph, true, err) : status;
}

void kith_graph_update_moving(kith_graph *graph) {
    for (int i = graph->first; i < graph->arch->count; i++)
        if (graph->rows[i].affine)
            kith_affine_update_moving(graph, &graph->rows[i]);
}

/* ---- edges ---- */

static size_t count_of(const kith_row *row) {
    return (size_t)row->to.channels * (size_t)row->to.height * (size_t)row->to.width;
}

static const float *input_value(const kith_graph *graph, int row, kith_role role) {
    int number = graph->rows[row].parameter[role];
    return graph->parameters->values + graph->parameters->list[number].offset;
}

static void set_picture(kith_graph *graph, int number, int index, const unsigned char *rgb) {
    kith_row *row = &graph->rows[number];
    size_t pixels = (size_t)row->to.height * (size_t)row->to.width;
    float *out = row->plain + (size_t)index * count_of(row);
    static const float zero[3] = {0, 0, 0}, one[3] = {1, 1, 1};
    switch (row->layer->colour) {
    case KITH_COLOUR_GREY:
        graph->kernels->planes_grey(out, rgb, pixels);
        break;
    case KITH_COLOUR_SCALED:
        graph->kernels->planes_scaled(out, rgb, pixels, input_value(graph, number, KITH_INPUT_MEAN),
                                      input_value(graph, number, KITH_INPUT_SCALE));
        break;
    case KITH_COLOUR_BYTES:
        graph->kernels->planes_scaled(out, rgb, pixels, zero, one);
        break;
    }
}

void kith_graph_set_input(kith_graph *graph, int index, const unsigned char *rgb, const float *extra) {
    for (int i = 0; i < graph->arch->count; i++) {
        kith_row *row = &graph->rows[i];
        if (row->source && row->layer->op == KITH_OP_PICTURE && rgb)
            set_picture(graph, i, index, rgb);
        if (row->source && row->layer->op == KITH_OP_VECTOR && extra)
            memcpy(row->plain + (size_t)index * count_of(row), extra, count_of(row) * sizeof *extra);
    }
}

float *kith_graph_input(kith_graph *graph, int row, size_t *count) {
    if (row < 0 || row >= graph->arch->count || !graph->rows[row].source)
        return NULL;
    *count = count_of(&graph->rows[row]);
    return graph->rows[row].plain;
}

const float *kith_graph_output(const kith_graph *graph) {
    return graph->outputs;
}

size_t kith_graph_output_width(const kith_graph *graph) {
    return graph->output_width;
}

float *kith_graph_output_gradient(kith_graph *graph) {
    return graph->output_gradients;
}

size_t kith_graph_memory(const kith_graph *graph) {
    return graph->memory + sizeof *graph;
}

double kith_graph_seconds(const kith_graph *graph, int row, bool backward) {
    return graph->rows[row].seconds[backward];
}

size_t kith_graph_activation(const kith_graph *graph, const char *name, float *out, size_t room) {
    int number = kith_arch_row(graph->arch, name);
    if (number < graph->first || (!graph->rows[number].affine && !graph->rows[number].kept))
        return 0;
    const kith_row *row = &graph->rows[number];
    size_t pixels = (size_t)row->to.height * (size_t)row->to.width, each = count_of(row);
    size_t count = each * (size_t)graph->batch;
    for (int i = 0; i < graph->batch && count <= room; i++)
        for (int c = 0; c < row->to.channels; c++) {
            const float *tile =
                kith_values_tile(graph, row, i, c / graph->block, graph->workers[0].room[KITH_ROOM_TILE_0]);
            kith_unblock(out + (size_t)i * each + (size_t)c * pixels, tile, c % graph->block, 1, pixels,
                         graph->block);
        }
    return count;
}
