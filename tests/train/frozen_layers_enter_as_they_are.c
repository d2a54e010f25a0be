/* SPDX-License-Identifier: MIT
 *
 * A graph that begins in the middle, fed with what the frozen layers give, computes what the whole graph
 * does: outputs, and the gradients of the layers that learn. And a whole graph with moving statistics
 * computes what a session of the same weights does.
 */
#include "model/train/frozen.h"
#include "model/train/graph.h"
#include "tests/network/support/models.h"

#include <math.h>

enum { BATCH = 11, SIDE_MOST = 128, PICTURE_MOST = SIDE_MOST * SIDE_MOST * 3 };

static unsigned char rgb[BATCH * PICTURE_MOST];
static float points[BATCH * 136];

static kith_parameters *parameters_of(const kith_arch *arch, kith_tensors *tensors) {
    kith_parameters *parameters;
    kith_error err = {0};
    must(kith_parameters_open(&parameters, arch, &err), &err);
    must(kith_parameters_load(parameters, tensors, "test", NULL, NULL, &err), &err);
    return parameters;
}

static kith_graph *graph_of(kith_parameters *parameters, int first) {
    kith_graph *graph;
    kith_error err = {0};
    const kith_graph_options options = {
        .side = parameters->arch->width, .batch = BATCH, .first = first, .threads = 2};
    kith_parameters_train(parameters, first);
    must(kith_graph_open(&graph, parameters, &options, &err), &err);
    return graph;
}

static void run(kith_graph *graph) {
    kith_error err = {0};
    must(kith_graph_forward(graph, KITH_NORM_FROZEN, &err), &err);
    memcpy(kith_graph_output_gradient(graph), kith_graph_output(graph), BATCH * 256 * sizeof(float));
    must(kith_graph_backward(graph, &err), &err);
}

static void make_inputs(int side) {
    random_bytes(rgb, (size_t)BATCH * (size_t)(side * side * 3), 5);
    for (int i = 0; i < BATCH * 136; i++)
        points[i] = (float)(i * 31 % 97) / 97;
}

static void set_whole(kith_graph *graph, int side) {
    for (int i = 0; i < BATCH; i++)
        kith_graph_set_input(graph, i, rgb + (size_t)i * (size_t)(side * side * 3), points + (size_t)i * 136);
}

static void set_cut(kith_graph *graph, const kith_parameters *parameters, int first, int side) {
    int row;
    size_t count;
    kith_error err = {0};
    kith_frozen *frozen;
    must(kith_frozen_row(&row, parameters->arch, first, &err), &err);
    must(kith_frozen_open(&frozen, parameters, first, side, 2, &err), &err);
    float *input = kith_graph_input(graph, row, &count);
    assert_int_equal(count, kith_frozen_width(frozen));
    must(kith_frozen_run(frozen, input, rgb, BATCH, &err), &err);
    kith_frozen_close(&frozen);
    set_whole(graph, side); /* the second input, where there is one */
}

static double largest(const float *values, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)values[i]));
    return most;
}

static void assert_near(const float *a, const float *b, size_t count, double tolerance, const char *what) {
    double most = largest(b, count);
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= tolerance * most))
            fail_msg("%s[%zu]: %g and %g", what, i, (double)a[i], (double)b[i]);
}

static void check_cut(const char *name, kith_extent extent) {
    int first;
    kith_error err = {0};
    const kith_arch *arch = kith_arch_find(name);
    kith_tensors *tensors = random_tensors(name, 2);
    kith_parameters *whole = parameters_of(arch, tensors), *part = parameters_of(arch, tensors);
    must(kith_extent_first(&first, arch, extent, &err), &err);
    assert_true(first > 0);
    make_inputs(arch->width);
    kith_graph *all = graph_of(whole, 0), *some = graph_of(part, first);
    set_whole(all, arch->width);
    run(all);
    set_cut(some, part, first, arch->width);
    run(some);
    assert_near(kith_graph_output(some), kith_graph_output(all), BATCH * 256, 1e-4, "output");
    int compared = 0;
    for (int i = 0; i < part->count; i++) {
        const kith_parameter *p = &part->list[i];
        if (p->trained)
            assert_near(part->gradients + p->offset, whole->gradients + p->offset, p->tensor.count, 1e-3,
                        p->tensor.name);
        else
            assert_true(largest(part->gradients + p->offset, p->tensor.count) == 0);
        compared += p->trained;
    }
    assert_true(compared > 0 && compared < part->count);
    kith_graph_close(&some);
    kith_graph_close(&all);
    kith_parameters_close(&part);
    kith_parameters_close(&whole);
    kith_tensors_free(&tensors);
}

static void heads_and_last_five(void **state) {
    (void)state;
    check_cut("siamese", KITH_EXTENT_LAST5);
    check_cut("siamese", KITH_EXTENT_HEAD);
    check_cut("mobileface", KITH_EXTENT_HEAD);
    check_cut("reid", KITH_EXTENT_HEAD);
}

static void check_session(const char *name) {
    const kith_arch *arch = kith_arch_find(name);
    kith_tensors *tensors = random_tensors(name, 3);
    kith_parameters *parameters = parameters_of(arch, tensors);
    kith_network *network = network_of(tensors);
    kith_session *session = session_of(network, arch->width, arch->height, BATCH);
    size_t picture = (size_t)(arch->width * arch->height * 3), count;
    make_inputs(arch->width);
    for (int i = 0; i < BATCH; i++)
        kith_session_set_input(session, i, rgb + (size_t)i * picture, (size_t)arch->width * 3,
                               points + (size_t)i * 136);
    run_session(session, BATCH);
    kith_graph *graph = graph_of(parameters, 0);
    set_whole(graph, arch->width);
    run(graph);
    for (int i = 0; i < BATCH; i++)
        assert_near(kith_graph_output(graph) + (size_t)i * 256, kith_session_output(session, 0, i, &count),
                    256, 1e-4, name);
    kith_graph_close(&graph);
    kith_session_close(&session);
    kith_network_close(&network);
    kith_parameters_close(&parameters);
    kith_tensors_free(&tensors);
}

static void graphs_equal_sessions(void **state) {
    (void)state;
    check_session("siamese");
    check_session("mobileface");
    check_session("reid");
}

static void parts_that_are_not_there(void **state) {
    (void)state;
    int first, row;
    kith_error err = {0};
    assert_int_equal(kith_extent_first(&first, &kith_arch_reid, KITH_EXTENT_LAST5, &err), KITH_E_REFUSED);
    kith_error_clear(&err); /* between a block's expansion and its sum two activations cross */
    int middle = kith_arch_row(&kith_arch_siamese, "block.2.depthwise");
    assert_int_equal(kith_frozen_row(&row, &kith_arch_siamese, middle, &err), KITH_E_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_and_last_five),
                                       cmocka_unit_test(graphs_equal_sessions),
                                       cmocka_unit_test(parts_that_are_not_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
