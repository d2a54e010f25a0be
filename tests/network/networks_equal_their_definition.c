/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"
#include "tests/network/support/naive.h"

#include <math.h>
#include <stdlib.h>

#include "model/network/session.h"

/* Every layer of a network, run by oneDNN, beside its definition. */
static void compare(const kith_tensors *tensors, int width, int height, bool every_layer) {
    kith_network *network = network_of(tensors);
    const kith_arch *arch = kith_network_arch(network);
    size_t most = (size_t)1 << 22;
    unsigned char *rgb = malloc((size_t)(width * height * 3));
    float points[136], *found = malloc(most * sizeof *found);
    random_bytes(rgb, (size_t)(width * height * 3), 5);
    for (int i = 0; i < 136; i++)
        points[i] = (float)i / 136;
    naive_map *maps = naive_run(arch, tensors, width, height, rgb, points);
    kith_session *session;
    kith_error err = {0};
    assert_int_equal(kith_session_open_keeping(&session, network, width, height, &err), KITH_OK);
    kith_session_set_input(session, 0, rgb, (size_t)width * 3, points);
    run_session(session, 1);
    for (int i = 0, output = 0; i < arch->count; i++) {
        size_t count = (size_t)(maps[i].channels * maps[i].height * maps[i].width), has;
        const float *values = found;
        if (arch->layers[i].op == KITH_OP_OUTPUT)
            values = kith_session_output(session, output++, 0, &has);
        else
            has = kith_session_activation(session, arch->layers[i].name, found, most);
        if (has != count && !every_layer) /* dead channels were left out */
            continue;
        assert_int_equal(has, count);
        double largest = 0, difference = 0;
        for (size_t k = 0; k < count; k++) {
            largest = fmax(largest, fabs(maps[i].values[k]));
            difference = fmax(difference, fabs(maps[i].values[k] - (double)values[k]));
        }
        if (!(difference <= 2e-5 * fmax(largest, 1)))
            fail_msg("%s %dx%d, layer %s: differs by %g, values up to %g", arch->name, width, height,
                     arch->layers[i].name, difference, largest);
    }
    kith_session_close(&session);
    naive_free(maps, arch);
    free(found);
    free(rgb);
    kith_network_close(&network);
}

static void compare_random(const char *arch, int width, int height) {
    kith_tensors *tensors = random_tensors(arch, 7);
    compare(tensors, width, height, true);
    kith_tensors_free(&tensors);
}

static void mobileface(void **state) {
    (void)state;
    compare_random("mobileface", 112, 112);
}

static void reid(void **state) {
    (void)state;
    compare_random("reid", 128, 128);
}

static void siamese(void **state) {
    (void)state;
    compare_random("siamese", 112, 112);
    compare_random("siamese", 96, 128);
}

static void yunet(void **state) {
    (void)state;
    compare_random("yunet", 64, 96);
    compare_random("yunet", 32, 32);
    compare_random("yunet", 160, 32);
}

static void shipped_weights(void **state) {
    (void)state;
    const struct {
        const char *path;
        int width, height;
    } shipped[] = {
        {SHIPPED("mobileface"), 112, 112}, {SHIPPED("siamese"), 112, 112}, {SHIPPED("yunet"), 96, 64}};
    for (int i = 0; i < 3; i++) {
        kith_tensors *tensors = tensors_of(shipped[i].path);
        compare(tensors, shipped[i].width, shipped[i].height, false);
        kith_tensors_free(&tensors);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(mobileface), cmocka_unit_test(reid),
                                       cmocka_unit_test(siamese), cmocka_unit_test(yunet),
                                       cmocka_unit_test(shipped_weights)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
