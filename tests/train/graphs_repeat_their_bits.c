/* SPDX-License-Identifier: MIT
 *
 * The same inputs and number of threads give the same bits: in the next run, in another graph, and when
 * OpenMP has fewer threads to give. One thread, two, and slices of other sizes agree within rounding.
 */
#include "model/train/rows.h"
#include "tests/network/support/models.h"

#include <math.h>
#include <omp.h>

enum { BATCH = 5, SIDE = 48 };

typedef struct result {
    float outputs[BATCH * 256];
    float *gradients, *values; /* values: with their moving statistics */
    size_t total;
} result;

static void step(kith_graph *graph) {
    static unsigned char rgb[SIDE * SIDE * 3];
    float points[136];
    kith_error err = {0};
    for (int i = 0; i < BATCH; i++) {
        random_bytes(rgb, sizeof rgb, (unsigned)i);
        for (int k = 0; k < 136; k++)
            points[k] = (float)(k * 7 % 13 + i) / 16;
        kith_graph_set_input(graph, i, rgb, points);
    }
    must(kith_graph_forward(graph, KITH_NORM_BATCH, &err), &err);
    memcpy(kith_graph_output_gradient(graph), kith_graph_output(graph), BATCH * 256 * sizeof(float));
    must(kith_graph_backward(graph, &err), &err);
}

static result run(int threads, size_t slice_bytes, int steps) {
    result r;
    kith_error err = {0};
    kith_parameters *parameters;
    kith_graph *graph;
    const kith_graph_options options = {.side = SIDE, .batch = BATCH, .threads = threads};
    must(kith_parameters_open(&parameters, &kith_arch_siamese, &err), &err);
    kith_parameters_randomise(parameters, 1);
    kith_parameters_train(parameters, 0);
    must(kith_graph_open_sliced(&graph, parameters, &options, slice_bytes, &err), &err);
    for (int i = 0; i < steps; i++)
        step(graph);
    kith_graph_update_moving(graph);
    memcpy(r.outputs, kith_graph_output(graph), sizeof r.outputs);
    r.total = parameters->total;
    r.gradients = malloc(r.total * sizeof(float));
    r.values = malloc(r.total * sizeof(float));
    memcpy(r.gradients, parameters->gradients, r.total * sizeof(float));
    memcpy(r.values, parameters->values, r.total * sizeof(float));
    kith_graph_close(&graph);
    kith_parameters_close(&parameters);
    return r;
}

static void release(result *r) {
    free(r->gradients);
    free(r->values);
}

static void assert_same(result a, result b) {
    assert_memory_equal(a.outputs, b.outputs, sizeof a.outputs);
    assert_memory_equal(a.gradients, b.gradients, a.total * sizeof(float));
    assert_memory_equal(a.values, b.values, a.total * sizeof(float));
    release(&a);
    release(&b);
}

static const size_t usual = (size_t)1 << 20, small = (size_t)100 << 10;

static void another_graph(void **state) {
    (void)state;
    assert_same(run(2, usual, 1), run(2, usual, 1));
}

static void the_next_run(void **state) {
    (void)state;
    assert_same(run(2, small, 1), run(2, small, 3));
}

static void fewer_real_threads(void **state) {
    (void)state;
    result two = run(2, small, 1), nested = {.total = 0};
#pragma omp parallel num_threads(2)
#pragma omp master
    nested = run(2, small, 1); /* inside of a parallel region there is one thread only */
    assert_same(two, nested);
}

static void other_slices_agree(void **state) {
    (void)state;
    result one = run(1, usual, 1), two = run(2, small, 1);
    double wrong = 0, size = 0;
    for (size_t i = 0; i < one.total; i++) {
        double d = (double)one.gradients[i] - (double)two.gradients[i];
        wrong += d * d;
        size += (double)one.gradients[i] * (double)one.gradients[i];
    }
    assert_true(size > 0);
    assert_true(sqrt(wrong / size) < 2e-2); /* ReLU6's corners; another sum would be another number */
    release(&one);
    release(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(another_graph), cmocka_unit_test(the_next_run),
                                       cmocka_unit_test(fewer_real_threads),
                                       cmocka_unit_test(other_slices_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
