/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <dirent.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { SIDE = 112, THREADS = 4, ROUNDS = 3 };

static int threads_of_process(void) {
    DIR *folder = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void openmp_stays_at_one_thread(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("siamese", 1);
    kith_network *network = network_of(tensors);
    omp_set_num_threads(4);
    int before = threads_of_process();
    kith_session *session = session_of(network, SIDE, SIDE, 1);
    run_session(session, 1);
    assert_int_equal(threads_of_process(), before);
    assert_int_equal(omp_get_max_threads(), 4); /* the caller's own setting is left alone */
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

static void rounding_of_the_caller_is_left_alone(void **state) {
    (void)state;
#if defined(__SSE__)
    kith_tensors *tensors = random_tensors("yunet", 1);
    kith_network *network = network_of(tensors);
    kith_session *session = session_of(network, 32, 32, 1);
    _mm_setcsr(0x1f80); /* as a program begins: denormals count */
    run_session(session, 1);
    assert_int_equal(_mm_getcsr() & ~0x3fU, 0x1f80); /* without the flags of what has happened */
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
#endif
}

typedef struct worker {
    const kith_network *network;
    unsigned seed;
    int failed;
    float output[256];
} worker;

static void *work(void *argument) {
    worker *w = argument;
    unsigned char *rgb = malloc(SIDE * SIDE * 3);
    float points[136] = {0};
    kith_error err = {0};
    random_bytes(rgb, SIDE * SIDE * 3, w->seed);
    for (int i = 0; i < ROUNDS; i++) {
        kith_session *session;
        size_t count;
        w->failed |= kith_session_open(&session, w->network, SIDE, SIDE, 1, &err) != KITH_OK;
        if (w->failed)
            break;
        kith_session_set_input(session, 0, rgb, SIDE * 3, points);
        w->failed |= kith_session_run(session, 1, &err) != KITH_OK;
        const float *output = kith_session_output(session, 0, 0, &count);
        w->failed |= i > 0 && memcmp(w->output, output, sizeof w->output) != 0;
        memcpy(w->output, output, sizeof w->output);
        kith_session_close(&session);
    }
    free(rgb);
    return NULL;
}

static void threads_share_a_network(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("siamese", 1);
    kith_network *network = network_of(tensors);
    worker workers[THREADS], alone;
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){.network = network, .seed = i / 2};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
        alone = (worker){.network = network, .seed = workers[i].seed};
        work(&alone);
        assert_int_equal(workers[i].failed, 0);
        assert_memory_equal(workers[i].output, alone.output, sizeof alone.output);
    }
    assert_memory_not_equal(workers[0].output, workers[2].output, sizeof alone.output);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

static void weights_are_shared_by_sessions(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("yunet", 1);
    kith_network *network = network_of(tensors);
    kith_session *first = session_of(network, 64, 64, 1);
    size_t memory = kith_network_memory(network);
    kith_session *same = session_of(network, 64, 64, 1), *other = session_of(network, 320, 96, 2);
    assert_int_equal(kith_network_memory(network), memory);
    assert_true(kith_session_memory(other) > kith_session_memory(first));
    kith_session_close(&first);
    kith_session_close(&same);
    kith_session_close(&other);
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openmp_stays_at_one_thread), cmocka_unit_test(rounding_of_the_caller_is_left_alone),
        cmocka_unit_test(threads_share_a_network), cmocka_unit_test(weights_are_shared_by_sessions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
