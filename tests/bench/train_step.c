/* SPDX-License-Identifier: MIT
 *
 * train_step ARCH SIDE BATCH all|last5|head THREADS [WEIGHTS]: for each number read from standard input runs
 * that many training steps (forward with batch statistics for `all`, moving ones else, batch-hard loss,
 * backward, Adam) and prints the seconds per step. At the end a table of the last step by kind of layer, and
 * memory, on standard error. Driven by train.py.
 */
#include <stdlib.h>

#include "model/train/frozen.h"
#include "model/train/graph.h"
#include "model/train/loss.h"
#include "model/train/optimiser.h"
#include "tests/bench/support/clock.h"

typedef struct bench {
    kith_parameters *parameters;
    kith_graph *graph;
    kith_loss *loss;
    kith_norm_mode norm;
    int side, batch, first, threads;
    int *persons;
    float *moments;
    kith_span *spans;
    size_t span_count, steps;
    double parts[4]; /* of the last step: forward, loss, backward, optimiser */
} bench;

static kith_status load(bench *b, const char *path, kith_error *err) {
    kith_tensors *tensors = NULL;
    kith_status status = kith_tensors_read(&tensors, path, false, err);
    if (status == KITH_OK)
        status = kith_parameters_load(b->parameters, tensors, path, NULL, NULL, err);
    kith_tensors_free(&tensors);
    return status;
}

static void fill_inputs(bench *b) {
    int frozen = -1;
    kith_error err = {0};
    if (b->first > 0)
        kith_frozen_row(&frozen, b->parameters->arch, b->first, &err);
    for (int row = 0; row < b->parameters->arch->count; row++) {
        size_t count;
        float *values = kith_graph_input(b->graph, row, &count);
        for (size_t i = 0; values && i < count * (size_t)b->batch; i++)
            values[i] = (float)(i * 2654435761U >> 16 & 0xffff) / 32768 - (row == frozen ? 0 : 1);
    }
}

static kith_status open_bench(bench *b, const char *arch_name, const char *extent, kith_error *err) {
    const kith_arch *arch = kith_arch_find(arch_name);
    kith_extent which = strcmp(extent, "all") == 0     ? KITH_EXTENT_ALL
                        : strcmp(extent, "last5") == 0 ? KITH_EXTENT_LAST5
                                                       : KITH_EXTENT_HEAD;
    if (!arch)
        return kith_fail(err, KITH_E_USAGE, 0, arch_name, "no such network");
    b->norm = which == KITH_EXTENT_ALL ? KITH_NORM_BATCH : KITH_NORM_FROZEN;
    kith_status status = kith_extent_first(&b->first, arch, which, err);
    if (status == KITH_OK)
        status = kith_parameters_open(&b->parameters, arch, err);
    if (status != KITH_OK)
        return status;
    kith_parameters_randomise(b->parameters, 1);
    kith_parameters_train(b->parameters, b->first);
    const kith_graph_options options = {
        .side = b->side, .batch = b->batch, .first = b->first, .threads = b->threads};
    const kith_loss_options loss = {.kind = KITH_LOSS_HARD, .rows = (size_t)b->batch, .margin = 2};
    status = kith_graph_open(&b->graph, b->parameters, &options, err);
    return status == KITH_OK ? kith_loss_open(&b->loss, &loss, err) : status;
}

static kith_status open_rest(bench *b, kith_error *err) {
    kith_parameters *p = b->parameters;
    b->persons = calloc((size_t)b->batch, sizeof *b->persons);
    b->moments = calloc(2 * p->total, sizeof *b->moments);
    b->spans = calloc((size_t)p->count, sizeof *b->spans);
    if (!b->persons || !b->moments || !b->spans)
        return kith_fail(err, KITH_E_MEMORY, 0, "bench", "no memory");
    for (int i = 0; i < b->batch; i++)
        b->persons[i] = i / 4;
    for (int i = 0; i < p->count; i++)
        if (p->list[i].trained)
            b->spans[b->span_count++] = (kith_span){.values = p->values + p->list[i].offset,
                                                    .gradients = p->gradients + p->list[i].offset,
                                                    .first = b->moments + p->list[i].offset,
                                                    .second = b->moments + p->total + p->list[i].offset,
                                                    .count = p->list[i].tensor.count};
    fill_inputs(b);
    return KITH_OK;
}

static kith_status step(bench *b, kith_error *err) {
    const kith_optimiser optimiser = {
        .kind = KITH_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-7, .threads = b->threads};
    kith_loss_input input = {.rows = (size_t)b->batch, .persons = b->persons};
    kith_loss_figures figures;
    double since[5] = {seconds_now()};
    kith_status status = kith_graph_forward(b->graph, b->norm, err);
    since[1] = seconds_now();
    input.embeddings = kith_graph_output(b->graph);
    if (status == KITH_OK)
        status = kith_loss_run(b->loss, &input, kith_graph_output_gradient(b->graph), &figures, err);
    since[2] = seconds_now();
    if (status == KITH_OK && b->norm == KITH_NORM_BATCH)
        kith_graph_update_moving(b->graph);
    if (status == KITH_OK)
        status = kith_graph_backward(b->graph, err);
    since[3] = seconds_now();
    if (status == KITH_OK)
        kith_optimiser_step(&optimiser, b->spans, b->span_count, kith_gradient_norm(b->spans, b->span_count),
                            1e-5, ++b->steps);
    since[4] = seconds_now();
    for (int i = 0; i < 4; i++)
        b->parts[i] = since[i + 1] - since[i];
    return status;
}

static kith_status answer(bench *b, kith_error *err) {
    char line[64];
    kith_status status = KITH_OK;
    while (status == KITH_OK && fgets(line, sizeof line, stdin)) {
        long count = strtol(line, NULL, 10);
        double begin = seconds_now();
        for (long i = 0; i < count && status == KITH_OK; i++)
            status = step(b, err);
        printf("%.6f\n", (seconds_now() - begin) / (double)count);
        fflush(stdout);
    }
    return status;
}

/* By kind, 1x1 apart from the rest; KITH_BENCH_ROWS=1: by row. */
static void table(const bench *b) {
    const kith_arch *arch = b->parameters->arch;
    double sums[KITH_OPERATORS][2] = {{0}};
    for (int row = 0; row < arch->count; row++) {
        double forward = kith_graph_seconds(b->graph, row, false),
               backward = kith_graph_seconds(b->graph, row, true);
        sums[arch->layers[row].op][0] += forward;
        sums[arch->layers[row].op][1] += backward;
        if (getenv("KITH_BENCH_ROWS") && forward > 0)
            fprintf(stderr, "%-22s %8.2f %8.2f ms\n", arch->layers[row].name, forward * 1e3, backward * 1e3);
    }
    fprintf(stderr, "%-14s %8s %8s\n", "kind", "forward", "backward");
    for (int op = 0; op < KITH_OPERATORS; op++)
        if (sums[op][0] > 0)
            fprintf(stderr, "%-14s %8.2f %8.2f ms\n", kith_operators[op].name, sums[op][0] * 1e3,
                    sums[op][1] * 1e3);
    fprintf(stderr, "forward %.1f, loss %.1f, backward %.1f, optimiser %.1f ms\n", b->parts[0] * 1e3,
            b->parts[1] * 1e3, b->parts[2] * 1e3, b->parts[3] * 1e3);
    fprintf(stderr, "graph %.0f MB, process %.0f MB\n", (double)kith_graph_memory(b->graph) / 1e6,
            peak_megabytes());
}

int main(int argc, char **argv) {
    bench b = {0};
    kith_error err = {0};
    if (argc < 6)
        return 2;
    b.side = (int)strtol(argv[2], NULL, 10);
    b.batch = (int)strtol(argv[3], NULL, 10);
    b.threads = (int)strtol(argv[5], NULL, 10);
    kith_status status = open_bench(&b, argv[1], argv[4], &err);
    if (status == KITH_OK && argc > 6)
        status = load(&b, argv[6], &err);
    if (status == KITH_OK)
        status = open_rest(&b, &err);
    if (status == KITH_OK)
        status = answer(&b, &err);
    if (status == KITH_OK)
        table(&b);
    else
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    free(b.spans);
    free(b.moments);
    free(b.persons);
    kith_loss_close(&b.loss);
    kith_graph_close(&b.graph);
    kith_parameters_close(&b.parameters);
    return status != KITH_OK;
}
