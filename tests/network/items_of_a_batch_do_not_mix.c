/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 5 };

/* Every item of runs of 1 to 5 in a session of 3 or 5 equals the same item alone. */
static void check(const char *arch, int width, int height, int batch) {
    kith_tensors *tensors = random_tensors(arch, 2);
    kith_network *network = network_of(tensors);
    size_t size = (size_t)(width * height * 3), count;
    unsigned char *rgb = malloc(size * MOST);
    float points[136 * MOST];
    random_bytes(rgb, size * MOST, 9);
    for (int i = 0; i < 136 * MOST; i++)
        points[i] = (float)i / (136 * MOST);
    kith_session *alone = session_of(network, width, height, 1);
    kith_session *together = session_of(network, width, height, batch);
    for (int run = 1; run <= batch; run++) {
        for (int i = 0; i < run; i++)
            kith_session_set_input(together, i, rgb + (size_t)i * size, (size_t)width * 3, points + i * 136);
        run_session(together, run);
        for (int i = 0; i < run; i++) {
            kith_session_set_input(alone, 0, rgb + (size_t)i * size, (size_t)width * 3, points + i * 136);
            run_session(alone, 1);
            const float *expected = kith_session_output(alone, 0, 0, &count);
            const float *found = kith_session_output(together, 0, i, &count);
            for (size_t k = 0; k < count; k++)
                assert_true(fabsf(found[k] - expected[k]) <= 1e-5F * fmaxf(1, fabsf(expected[k])));
        }
    }
    kith_session_close(&alone);
    kith_session_close(&together);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
    free(rgb);
}

static void small_ones_run_as_a_batch(void **state) {
    (void)state;
    check("siamese", 112, 112, 3);
    check("siamese", 64, 64, 5);
    check("yunet", 64, 64, 5);
}

static void large_ones_run_one_by_one(void **state) {
    (void)state;
    check("mobileface", 112, 112, 5);
    check("yunet", 640, 480, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_ones_run_as_a_batch),
                                       cmocka_unit_test(large_ones_run_one_by_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
