/* SPDX-License-Identifier: MIT
 *
 * New collections: what was asked for arrives at the server, indexes come before points, creators at the same
 * time agree, and an alias stands for its collection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/http.h"
#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

/* A request as a person would make it with curl; the answer's `result`. */
static json_t *ask(const fake *server, const char *method, const char *path, const char *body) {
    kith_error err = {0};
    kith_http *http;
    kith_http_options options = {.origin = server->origin, .timeout = 10};
    kith_http_call call = {
        .method = method, .path = path, .body = body, .body_size = body ? strlen(body) : 0, .most = 1 << 20};
    kith_http_open(&http, &options, &err);
    kith_http_begin(http, &call, &err);
    assert_string_equal(err.text, "");
    while (kith_http_wait(http, 1000) != &call)
        ;
    assert_int_equal(call.status, 200);
    json_t *json = json_loadb(call.answer, call.answer_size, 0, NULL);
    json_t *result = json_incref(json_object_get(json, "result"));
    json_decref(json);
    kith_http_clear(http, &call);
    kith_http_close(&http);
    return result;
}

static void with_all_options(void **state) {
    fake server = {0};
    kith_error err = {0};
    kith_hits hits;
    float probe[KITH_DIMENSION];
    kith_gallery *gallery = NULL;
    kith_gallery_options options = fake_options();
    (void)state;
    options.shards = 6;
    options.replicas = 3;
    options.on_disk = true;
    options.quantize = KITH_QUANTIZE_INT8;
    fake_start(&server, NULL);
    kith_gallery_open_with(&gallery, server.uri, KITH_GALLERY_CREATE, &options, &err);
    assert_string_equal(err.text, "");
    json_t *info = ask(&server, "GET", "/collections/faces", NULL), *expected;
    expected =
        json_pack("{s:{s:i, s:s, s:b}, s:i, s:i, s:i}", "vectors", "size", 256, "distance", "Cosine",
                  "on_disk", 1, "shard_number", 6, "replication_factor", 3, "write_consistency_factor", 2);
    const json_t *config = json_object_get(info, "config");
    assert_true(json_equal(json_object_get(config, "params"), expected));
    const json_t *scalar = json_object_get(json_object_get(config, "quantization_config"), "scalar");
    assert_string_equal(json_string_value(json_object_get(scalar, "type")), "int8");
    assert_int_equal(json_object_size(json_object_get(info, "payload_schema")), 11);
    json_decref(expected);
    json_decref(info);
    kith_gallery_bind(gallery, &made_identity, &err);
    made_put(gallery, 0, 20, NULL);
    made_vector(probe, 3);
    kith_gallery_search(gallery, probe, NULL, 1, &hits, &err); /* rescored, as the description allows it */
    assert_string_equal(err.text, "");
    assert_string_equal(hits.items[0].point.paths[0], "/photos/3.jpg");
    kith_hits_clear(&hits);
    kith_gallery_close(&gallery);
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

/* Someone whose run ended before all indexes were made. */
static void indexes_that_are_missing(void **state) {
    fake server = {0};
    (void)state;
    fake_start(&server, NULL);
    fake_collection(&server, "faces", "{'vectors': {'size': 256, 'distance': 'Cosine'}}");
    kith_gallery *gallery = made_gallery(server.uri);
    json_t *stats = fake_stats(&server);
    assert_int_equal(json_array_size(json_object_get(json_object_get(stats, "schema"), "faces")), 11);
    json_decref(stats);
    kith_gallery_close(&gallery);
    fake_stop(&server);
}

static void by_eight_at_once(void **state) {
    fake server = {0};
    pid_t children[8];
    (void)state;
    fake_start(&server, NULL);
    fake_fault(&server, "{'kind': 'latency', 'seconds': 0.3, 'times': 100, 'method': 'GET'}");
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            kith_gallery *gallery = made_gallery(server.uri);
            made_put(gallery, (unsigned)i * 10, 10, NULL);
            kith_gallery_close(&gallery);
            _exit(0);
        }
    }
    for (int i = 0; i < 8; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(fake_points(&server, "faces"), 80);
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

static const kith_identity other_identity = {
    .pipeline = "fedcba9876543210", .network = "siamese", .detector = "yunet"};

/* Opens the new gallery and gives it a pipeline, in a process of its own. */
static pid_t bind_elsewhere(const char *uri, const kith_identity *identity) {
    pid_t child = fork();
    if (child == 0) {
        kith_error err = {0};
        kith_gallery *gallery = NULL;
        kith_gallery_options options = fake_options();
        kith_gallery_open_with(&gallery, uri, KITH_GALLERY_CREATE, &options, &err);
        kith_gallery_bind(gallery, identity, &err);
        kith_gallery_close(&gallery);
        _exit(err.code == KITH_OK ? 0 : err.code == KITH_E_REFUSED ? 1 : 2);
    }
    return child;
}

/* slow: a fault that keeps writes to the header until both have seen that there is none. */
static void bind_two(const char *const *options, const char *slow, int *one, int *other, fake *server) {
    fake_start(server, options);
    kith_gallery *gallery = NULL;
    kith_gallery_open(&gallery, server->uri, KITH_GALLERY_CREATE, NULL);
    kith_gallery_close(&gallery);
    fake_fault(server, slow);
    pid_t children[] = {bind_elsewhere(server->uri, &made_identity),
                        bind_elsewhere(server->uri, &other_identity)};
    waitpid(children[0], one, 0);
    waitpid(children[1], other, 0);
    fake_clear_faults(server);
    fake_assert_no_violations(server);
}

static void by_two_pipelines_at_once(void **state) {
    static const struct {
        const char *options[3], *slow;
    } servers[] = {{{NULL}, "{'kind': 'latency', 'seconds': 0.5, 'times': 4, 'method': 'PATCH'}"},
                   {{NULL}, "{'kind': 'latency', 'seconds': 0.5, 'times': 1, 'method': 'PATCH'}"},
                   {{"--version", "1.12.4", NULL},
                    "{'kind': 'latency', 'seconds': 0.5, 'times': 4, 'match': '/points/payload'}"},
                   {{"--version", "1.12.4", NULL},
                    "{'kind': 'latency', 'seconds': 0.5, 'times': 1, 'match': '/points/payload'}"}};
    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        fake server = {0};
        kith_error err = {0};
        kith_identity stored;
        int one, other;
        bind_two(servers[i].options, servers[i].slow, &one, &other, &server);
        assert_true(WIFEXITED(one) && WEXITSTATUS(one) < 2 && WIFEXITED(other) && WEXITSTATUS(other) < 2);
        assert_true(one != 0 || other != 0);
        kith_gallery *gallery = NULL;
        kith_gallery_open(&gallery, server.uri, KITH_GALLERY_WRITE, &err);
        kith_gallery_identity(gallery, &stored, &err);
        assert_string_equal(stored.pipeline, one == 0     ? made_identity.pipeline
                                             : other == 0 ? other_identity.pipeline
                                                          : "");
        kith_gallery_bind(gallery, other == 0 ? &other_identity : &made_identity, &err);
        assert_string_equal(err.text, "");
        kith_gallery_close(&gallery);
        fake_stop(&server);
    }
}

static void with_claims_of_others(void **state) {
    fake server = {0};
    char body[128];
    kith_error err = {0};
    (void)state;
    fake_start(&server, NULL);
    kith_gallery *gallery = NULL;
    kith_gallery_open(&gallery, server.uri, KITH_GALLERY_CREATE, &err);
    snprintf(body, sizeof body, "{\"metadata\": {\"kith_claim_fedcba9876543210\": %lld}}",
             (long long)time(NULL));
    json_decref(ask(&server, "PATCH", "/collections/faces", body));
    assert_int_equal(kith_gallery_bind(gallery, &made_identity, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "at this moment"));
    kith_error_clear(&err);
    json_decref(ask(&server, "PATCH", "/collections/faces",
                    "{\"metadata\": {\"kith_claim_fedcba9876543210\": 1700000000}}"));
    kith_gallery_bind(gallery, &made_identity, &err); /* one that was left behind */
    assert_string_equal(err.text, "");
    kith_gallery_close(&gallery);
    fake_stop(&server);
}

static void behind_an_alias(void **state) {
    fake server = {0};
    char uri[128];
    (void)state;
    fake_start(&server, NULL);
    kith_gallery *gallery = made_gallery(server.uri);
    json_decref(ask(
        &server, "POST", "/collections/aliases",
        "{\"actions\": [{\"create_alias\": {\"collection_name\": \"faces\", \"alias_name\": \"mine\"}}]}"));
    snprintf(uri, sizeof uri, "qdrant+%s/mine", server.origin);
    kith_gallery *other = made_gallery(uri);
    made_put(other, 0, 5, "Ann");
    assert_int_equal(made_count(gallery, NULL), 5);
    kith_gallery_close(&gallery);
    kith_gallery_close(&other);
    fake_stop(&server);
}

/* A server that learns of metadata later still finds the header where it was. */
static void of_a_server_that_was_updated(void **state) {
    fake server = {0};
    char store[128];
    kith_error err = {0};
    kith_identity stored;
    (void)state;
    snprintf(store, sizeof store, "%s/updated.log", fake_folder());
    fake_start(&server, (const char *[]){"--store", store, "--version", "1.15.5", NULL});
    kith_gallery *gallery = made_gallery(server.uri);
    made_put(gallery, 0, 5, "Ann");
    kith_gallery_close(&gallery);
    fake_stop(&server);
    fake_start(&server, (const char *[]){"--store", store, "--version", "1.16.0", NULL});
    gallery = made_gallery(server.uri);
    kith_gallery_identity(gallery, &stored, &err);
    assert_string_equal(stored.pipeline, MADE_PIPELINE);
    assert_int_equal(made_count(gallery, NULL), 5);
    assert_int_equal(fake_points(&server, "faces"), 6); /* and the reserved one */
    kith_gallery_remove(gallery, NULL, NULL, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(fake_points(&server, "faces"), 1);
    kith_gallery_close(&gallery);
    fake_stop(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_all_options),
        cmocka_unit_test(indexes_that_are_missing),
        cmocka_unit_test(by_eight_at_once),
        cmocka_unit_test(by_two_pipelines_at_once),
        cmocka_unit_test(with_claims_of_others),
        cmocka_unit_test(behind_an_alias),
        cmocka_unit_test(of_a_server_that_was_updated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
