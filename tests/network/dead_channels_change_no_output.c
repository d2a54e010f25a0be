/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"
#include "tests/network/support/naive.h"

#include <math.h>
#include <stdlib.h>

#include "model/network/onednn.h"
#include "model/network/weights.h"

enum { SIDE = 112, CHANNELS = 128 };

/* The three ways to be dead, in turn, for the first `count` channels of block 1, among living ones. */
static void kill_channels(kith_tensors *tensors, int count) {
    float *expand = values_of(tensors, "block.1.expand.weight");
    float *expand_bias = values_of(tensors, "block.1.expand.bias");
    float *depthwise = values_of(tensors, "block.1.depthwise.weight");
    float *project = values_of(tensors, "block.1.project.weight");
    for (int i = 0; i < count; i++) {
        int c = i * 3 % CHANNELS;
        for (int o = 0; i % 3 == 0 && o < 64; o++)
            project[o * CHANNELS + c] = 0;
        for (int k = 0; i % 3 == 1 && k < 9; k++)
            depthwise[c * 9 + k] = 0;
        for (int k = 0; i % 3 == 2 && k < 64; k++)
            expand[c * 64 + k] = 0;
        if (i % 3 == 2)
            expand_bias[c] = 0;
    }
}

static void check(int dead, int expected_width) {
    kith_tensors *tensors = random_tensors("mobileface", 11);
    kill_channels(tensors, dead);
    kith_network *network = network_of(tensors);
    const kith_arch *arch = kith_network_arch(network);
    assert_int_equal(network->channels[kith_arch_row(arch, "block.1.expand")], expected_width);
    assert_int_equal(network->channels[kith_arch_row(arch, "block.2.expand")], CHANNELS);
    static unsigned char rgb[SIDE * SIDE * 3];
    random_bytes(rgb, sizeof rgb, 3);
    naive_map *maps = naive_run(arch, tensors, SIDE, SIDE, rgb, NULL);
    kith_session *session = session_of(network, SIDE, SIDE, 1);
    kith_session_set_input(session, 0, rgb, SIDE * 3, NULL);
    run_session(session, 1);
    size_t count;
    const float *found = kith_session_output(session, 0, 0, &count);
    const naive_map *expected = &maps[arch->count - 1];
    for (size_t i = 0; i < count; i++)
        assert_true(fabs((double)found[i] - expected->values[i]) <=
                    2e-5 * fmax(1, fabs(expected->values[i])));
    naive_free(maps, arch);
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

/* An expanded channel that is a constant other than zero ends at the picture's border: it is alive. */
static void a_constant_is_not_dead(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("mobileface", 11);
    for (int c = 0; c < CHANNELS; c++)
        values_of(tensors, "block.1.expand.bias")[c] = 1;
    memset(values_of(tensors, "block.1.expand.weight"), 0, sizeof(float) * CHANNELS * 64);
    kith_network *network = network_of(tensors);
    assert_int_equal(network->channels[kith_arch_row(kith_network_arch(network), "block.1.expand")],
                     CHANNELS);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

static int filled(int width) {
    return (width + kith_block() - 1) / kith_block() * kith_block();
}

static void they_are_left_out(void **state) {
    (void)state;
    check(0, CHANNELS);
    check(1, filled(CHANNELS - 1));
    check(33, filled(CHANNELS - 33));
    check(48, CHANNELS - 48);
    check(CHANNELS, kith_block());
}

static void most_of_mobilefaces_are_found(void **state) {
    (void)state;
    kith_tensors *tensors = tensors_of(SHIPPED("mobileface"));
    kith_network *network = network_of(tensors);
    const kith_arch *arch = kith_network_arch(network);
    int all = 0, kept = 0;
    for (int i = 0; i < arch->count; i++)
        if (strstr(arch->layers[i].name, ".expand")) {
            all += arch->layers[i].channels;
            kept += network->channels[i];
        }
    print_message("%d of %d expanded channels are kept\n", kept, all);
    assert_int_equal(all, 3456);
    assert_in_range(kept, 3456 - 1343, 3456 - 1343 + 15 * (kith_block() - 1));
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_left_out),
                                       cmocka_unit_test(a_constant_is_not_dead),
                                       cmocka_unit_test(most_of_mobilefaces_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
