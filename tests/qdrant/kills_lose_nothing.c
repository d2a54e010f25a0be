/* SPDX-License-Identifier: MIT
 *
 * kill -9 of the uploading program at ten moments, and of the server at three: after one more run every point
 * is there, once, with its vector. The server has each write on disk before it acknowledges it.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/stop.h"
#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

enum { POINTS = 4000, CALL = 500 };

/* Uploads in a process of its own; its exit status is 0 when all is stored. */
static pid_t start_upload(const char *uri) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0)
        return pid;
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_options options = fake_options();
    options.wait_server = 20;
    kith_status status = kith_gallery_open_with(&gallery, uri, KITH_GALLERY_CREATE, &options, &err);
    if (status == KITH_OK)
        status = kith_gallery_bind(gallery, &made_identity, &err);
    if (status != KITH_OK)
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    for (unsigned i = 0; status == KITH_OK && i < POINTS; i += CALL)
        made_put(gallery, i, CALL, NULL);
    kith_gallery_close(&gallery);
    _exit(status == KITH_OK ? 0 : 1);
}

static int end_of(pid_t pid) {
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void wait_for_points(const fake *server, long count) {
    while (fake_points(server, "faces") < count)
        usleep(5000);
}

static void assert_all_stored(const fake *server) {
    kith_gallery *gallery = made_gallery(server->uri);
    made_list list = made_each(gallery, NULL);
    assert_int_equal(list.count, POINTS);
    for (size_t i = 0; i < list.count; i++) {
        float vector[KITH_DIMENSION];
        made_vector(vector, (unsigned)strtoul(list.points[i].paths[0] + strlen("/photos/"), NULL, 10));
        made_assert_vector(list.vectors + i * KITH_DIMENSION, vector);
        assert_true(i == 0 || strcmp(list.points[i - 1].id, list.points[i].id) < 0);
    }
    made_list_clear(&list);
    kith_gallery_close(&gallery);
}

static void of_the_client(void **state) {
    char store[128];
    fake server = {0};
    (void)state;
    snprintf(store, sizeof store, "%s/client.log", fake_folder());
    fake_start(&server, (const char *[]){"--store", store, NULL});
    for (unsigned i = 0; i < 10; i++) {
        pid_t pid = start_upload(server.uri);
        wait_for_points(&server, (long)i * 300);
        usleep(i * 7000);
        kill(pid, SIGKILL);
        end_of(pid);
    }
    assert_true(fake_points(&server, "faces") < POINTS);
    assert_int_equal(end_of(start_upload(server.uri)), 0);
    assert_all_stored(&server);
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

/* The program waits for the server and goes on. */
static void of_the_server(void **state) {
    char store[128], port[16];
    fake server = {0};
    (void)state;
    snprintf(store, sizeof store, "%s/server.log", fake_folder());
    fake_start(&server, (const char *[]){"--store", store, NULL});
    snprintf(port, sizeof port, "%d", server.port);
    pid_t pid = start_upload(server.uri);
    for (long i = 1; i <= 3; i++) {
        wait_for_points(&server, i * 800);
        fake_kill(&server);
        usleep(300000);
        fake_start(&server, (const char *[]){"--store", store, "--port", port, NULL});
    }
    assert_int_equal(end_of(pid), 0);
    assert_all_stored(&server);
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

/* Waiting for a server ends at the first signal, not after --wait-server or --server-timeout. */
static void end_by_signal(const char *fault) {
    fake server = {0};
    struct timespec before, after;
    fake_start(&server, NULL);
    fake_fault(&server, fault);
    clock_gettime(CLOCK_MONOTONIC, &before);
    pid_t pid = fork();
    if (pid == 0) {
        kith_error err = {0};
        float vector[KITH_DIMENSION];
        kith_gallery *gallery = made_gallery(server.uri);
        kith_point point = made_point(1, NULL);
        made_vector(vector, 1);
        kith_stop_install();
        raise(SIGINT);
        kith_status status = strstr(fault, "count") ? kith_gallery_count(gallery, NULL, &(uint64_t){0}, &err)
                                                    : kith_gallery_put(gallery, &point, vector, 1, &err);
        _exit(status == KITH_E_STOPPED ? 0 : 1);
    }
    assert_int_equal(end_of(pid), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec < 30); /* --wait-server is 120, --server-timeout 60 */
    fake_stop(&server);
}

static void a_signal_ends_the_waiting(void **state) {
    (void)state;
    end_by_signal("{'kind': 'drop_before', 'times': 100000, 'match': '/points', 'method': 'PUT'}");
    end_by_signal(
        "{'kind': 'latency', 'seconds': 1000, 'times': 100000, 'match': '/points', 'method': 'PUT'}");
    end_by_signal("{'kind': 'latency', 'seconds': 1000, 'times': 100000, 'match': '/count'}");
}

/* A server that takes connections and says nothing: at the start, and in the middle until it is waited for no
 * longer. What it was sent may be sent again.
 */
static void a_server_that_hangs(void **state) {
    fake server = {0};
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_options options = fake_options();
    float vector[KITH_DIMENSION];
    kith_point point = made_point(1, NULL);
    (void)state;
    options.server_timeout = 1;
    options.wait_server = 3;
    made_vector(vector, 1);
    fake_start(&server, NULL);
    fake_fault(&server, "{'kind': 'latency', 'seconds': 1000, 'times': 1}");
    assert_int_equal(kith_gallery_open_with(&gallery, server.uri, KITH_GALLERY_CREATE, &options, &err),
                     KITH_E_SERVER);
    assert_non_null(strstr(err.text, "too slow"));
    kith_error_clear(&err);
    kith_gallery_open_with(&gallery, server.uri, KITH_GALLERY_CREATE, &options, &err);
    kith_gallery_bind(gallery, &made_identity, &err);
    assert_no_error(err);
    fake_fault(&server,
               "{'kind': 'latency', 'seconds': 1000, 'times': 100000, 'match': '/points', 'method': 'PUT'}");
    assert_int_equal(kith_gallery_put(gallery, &point, vector, 1, &err), KITH_E_SERVER);
    assert_non_null(strstr(err.text, "too slow"));
    assert_non_null(strstr(err.text, "(run the same command again: what is stored stays)"));
    fake_clear_faults(&server);
    fake_fault(&server,
               "{'kind': 'latency', 'seconds': 1000, 'times': 2, 'match': '/points', 'method': 'PUT'}");
    kith_error_clear(&err);
    kith_gallery_put(gallery, &point, vector, 1, &err);
    assert_no_error(err);
    assert_int_equal(made_count(gallery, NULL), 1);
    kith_point_clear(&point);
    kith_gallery_close(&gallery);
    fake_stop(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_the_client), cmocka_unit_test(of_the_server),
                                       cmocka_unit_test(a_signal_ends_the_waiting),
                                       cmocka_unit_test(a_server_that_hangs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
