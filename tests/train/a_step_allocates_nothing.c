/* SPDX-License-Identifier: MIT
 *
 * Kith's own code makes no call; what oneDNN and OpenMP take for a call is given back, which the last test
 * sees.
 */
#include "model/train/frozen.h"
#include "model/train/graph.h"
#include "tests/network/support/allocations.h"
#include "tests/network/support/models.h"

#include <malloc.h>

typedef struct learner {
    kith_parameters *parameters;
    kith_graph *graph;
} learner;

static learner open_learner(const char *name, kith_extent extent) {
    learner l;
    kith_error err = {0};
    const kith_arch *arch = kith_arch_find(name);
    kith_graph_options options = {.side = kith_arch_side(arch), .batch = 3, .threads = 2};
    must(kith_extent_first(&options.first, arch, extent, &err), &err);
    must(kith_parameters_open(&l.parameters, arch, &err), &err);
    kith_parameters_randomise(l.parameters, 1);
    kith_parameters_train(l.parameters, options.first);
    must(kith_graph_open(&l.graph, l.parameters, &options, &err), &err);
    return l;
}

static void close_learner(learner *l) {
    kith_graph_close(&l->graph);
    kith_parameters_close(&l->parameters);
}

static void step(const learner *l) {
    static unsigned char rgb[128 * 128 * 3];
    static const float points[136];
    kith_error err = {0};
    for (int i = 0; i < 3; i++)
        kith_graph_set_input(l->graph, i, rgb, points);
    must(kith_graph_forward(l->graph, KITH_NORM_BATCH, &err), &err);
    kith_graph_update_moving(l->graph);
    float *gradient = kith_graph_output_gradient(l->graph);
    for (size_t i = 0; i < 3 * kith_graph_output_width(l->graph); i++)
        gradient[i] = 1;
    must(kith_graph_backward(l->graph, &err), &err);
}

static void check(const char *arch, kith_extent extent) {
    allocation_calls = 0;
    learner l = open_learner(arch, extent);
    assert_true(allocation_calls > 0); /* they are counted */
    allocation_calls = 0;
    for (int i = 0; i < 2; i++)
        step(&l);
    assert_int_equal(allocation_calls, 0);
    close_learner(&l);
}

static void no_network_allocates(void **state) {
    (void)state;
    check("siamese", KITH_EXTENT_ALL);
    check("siamese", KITH_EXTENT_LAST5);
    check("mobileface", KITH_EXTENT_HEAD);
    check("reid", KITH_EXTENT_ALL);
}

static void nothing_is_kept(void **state) {
    (void)state;
    learner l = open_learner("siamese", KITH_EXTENT_ALL);
    step(&l);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 8; i++)
        step(&l);
    /* Each thread's allocator may hold back a few pieces. 160 primitives that kept something would be more.
     */
    assert_true(mallinfo2().uordblks < before + 4096);
    close_learner(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_network_allocates),
                                       cmocka_unit_test(nothing_is_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
