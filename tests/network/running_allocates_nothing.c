/* SPDX-License-Identifier: MIT
 *
 * Kith's own code makes no call. oneDNN makes a small map of the arguments for each primitive by itself;
 * nothing of that is kept, which the last test sees.
 */
#include "tests/network/support/allocations.h"
#include "tests/network/support/models.h"

#include <malloc.h>
#include <stdlib.h>

static void check(const char *arch, int width, int height) {
    kith_tensors *tensors = random_tensors(arch, 1);
    kith_network *network = network_of(tensors);
    allocation_calls = 0;
    kith_session *session = session_of(network, width, height, 3);
    assert_true(allocation_calls > 0); /* they are counted */
    static unsigned char rgb[128 * 128 * 3];
    float points[136] = {0};
    kith_error err = {0};
    allocation_calls = 0;
    for (int count = 1; count <= 3; count++) {
        size_t size;
        for (int i = 0; i < count; i++)
            kith_session_set_input(session, i, rgb, (size_t)width * 3, points);
        assert_int_equal(kith_session_run(session, count, &err), KITH_OK);
        kith_session_output(session, 0, count - 1, &size);
    }
    assert_int_equal(allocation_calls, 0);
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

static void no_network_allocates(void **state) {
    (void)state;
    check("mobileface", 112, 112);
    check("reid", 128, 128);
    check("siamese", 112, 112);
    check("yunet", 128, 96);
}

static void nothing_is_kept(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("siamese", 1);
    kith_network *network = network_of(tensors);
    kith_session *session = session_of(network, 112, 112, 2);
    run_session(session, 2);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 5; i++)
        run_session(session, 2);
    assert_int_equal(mallinfo2().uordblks, before);
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_network_allocates),
                                       cmocka_unit_test(nothing_is_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
