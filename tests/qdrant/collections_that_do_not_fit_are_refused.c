/* SPDX-License-Identifier: MIT
 *
 * What is no gallery, or not to be had, is told in one line that says what to do, and nothing is changed on
 * the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

static kith_status open_faces(const char *uri, const kith_gallery_options *options, const char *text) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_status status = kith_gallery_open_with(&gallery, uri, KITH_GALLERY_CREATE, options, &err);
    assert_null(gallery);
    assert_null(strchr(err.text, '\n'));
    if (!strstr(err.text, text))
        fail_msg("%s: %s", err.where, err.text);
    print_message("%s: %s\n", err.where, err.text);
    return status;
}

static void refuse_config(const fake *server, const char *config, const char *text) {
    kith_gallery_options options = fake_options();
    fake_collection(server, "faces", config);
    json_t *before = fake_stats(server), *after;
    assert_int_equal(open_faces(server->uri, &options, text), KITH_E_REFUSED);
    after = fake_stats(server);
    assert_true(json_equal(json_object_get(before, "points"), json_object_get(after, "points")));
    assert_true(json_equal(json_object_get(before, "schema"), json_object_get(after, "schema")));
    json_decref(before);
    json_decref(after);
}

static void of_other_vectors(void **state) {
    fake server = {0};
    (void)state;
    fake_start(&server, NULL);
    refuse_config(&server, "{'vectors': {'size': 128, 'distance': 'Cosine'}}", "another size than 256");
    refuse_config(&server, "{'vectors': {'size': 256, 'distance': 'Dot'}}", "distance is not Cosine");
    refuse_config(&server, "{'vectors': {'face': {'size': 256, 'distance': 'Cosine'}}}", "named vectors");
    refuse_config(&server, "{'vectors': {'size': 256, 'distance': 'Cosine', 'datatype': 'uint8'}}",
                  "not float32");
    refuse_config(&server, "{'vectors': {'size': 256, 'distance': 'Cosine'}, 'sharding_method': 'custom'}",
                  "by keys");
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

static void of_another_pipeline(void **state) {
    kith_error err = {0};
    fake server = {0};
    (void)state;
    fake_start(&server, NULL);
    kith_gallery *gallery = made_gallery(server.uri);
    kith_identity other = made_identity;
    memcpy(other.pipeline, "fedcba9876543210", KITH_PIPELINE_SIZE);
    assert_int_equal(kith_gallery_bind(gallery, &other, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "kith-index reindex --to NEW"));
    kith_gallery_close(&gallery);
    fake_stop(&server);
}

/* Points that kith did not make. */
static void of_somebody_else(void **state) {
    fake server = {0};
    kith_gallery_options options = fake_options();
    (void)state;
    fake_start(&server, (const char *[]){"--version", "1.12.0", NULL});
    kith_gallery *gallery = made_gallery(server.uri);
    made_put(gallery, 0, 3, NULL);
    kith_gallery_close(&gallery);
    fake_fault(&server, "{'kind': 'forget_header'}");
    assert_int_equal(open_faces(server.uri, &options, "it has 3 points and no header"), KITH_E_REFUSED);
    fake_stop(&server);
}

static void whose_strict_mode_is_too_strict(void **state) {
    static const char *const limits[] = {"{\"max_query_limit\": 100}", "{\"search_allow_exact\": false}"};
    static const char *const texts[] = {"Limit exceeded 1000 > 100", "Exact search disabled"};
    float probe[KITH_DIMENSION] = {1};
    (void)state;
    for (int i = 0; i < 2; i++) {
        fake server = {0};
        kith_error err = {0};
        kith_hits hits;
        kith_people people;
        fake_start(&server, (const char *[]){"--strict", "--limits", limits[i], NULL});
        kith_gallery *gallery = made_gallery(server.uri);
        assert_int_equal(i == 0 ? kith_gallery_people(gallery, &people, &err)
                                : kith_gallery_search(gallery, probe, NULL, 3, &hits, &err),
                         KITH_E_SERVER);
        assert_non_null(strstr(err.text, texts[i]));
        assert_non_null(strstr(err.text, "(its limits are set on the server, in strict_mode_config)"));
        kith_gallery_close(&gallery);
        fake_stop(&server);
    }
}

static void of_a_server_that_is_too_old(void **state) {
    fake server = {0};
    kith_gallery_options options = fake_options();
    (void)state;
    fake_start(&server, (const char *[]){"--version", "1.9.7", NULL});
    assert_int_equal(open_faces(server.uri, &options, "Qdrant 1.9.7 is too old"), KITH_E_REFUSED);
    assert_int_equal(fake_points(&server, "faces"), 0);
    fake_stop(&server);
}

static void of_nothing(void **state) {
    kith_error err = {0};
    fake server = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_options options = fake_options();
    (void)state;
    fake_start(&server, NULL);
    assert_int_equal(kith_gallery_open_with(&gallery, server.uri, KITH_GALLERY_READ, &options, &err),
                     KITH_E_IO);
    assert_non_null(strstr(err.text, "no such collection"));
    fake_stop(&server);
    assert_int_equal(open_faces(server.uri, &options, "is the server running there?"), KITH_E_SERVER);
}

static void at_impossible_addresses(void **state) {
    kith_gallery_options options = fake_options();
    (void)state;
    assert_int_equal(open_faces("qdrant+http://localhost:6333/", &options, "no gallery's address"),
                     KITH_E_USAGE);
    assert_int_equal(open_faces("qdrant+http://localhost:6333//", &options, "no gallery's address"),
                     KITH_E_USAGE);
    assert_int_equal(open_faces("qdrant+http:faces", &options, "no gallery's address"), KITH_E_USAGE);
    assert_int_equal(open_faces("qdrant+http://localhost/a/b", &options, "no gallery's address"),
                     KITH_E_USAGE);
    assert_int_equal(open_faces("qdrant+http://localhost/a?b=c", &options, "no gallery's address"),
                     KITH_E_USAGE);
    assert_int_equal(open_faces("qdrant+http://me:word@localhost/a", &options, "no user and no password"),
                     KITH_E_USAGE);
    assert_int_equal(open_faces("qdrant:faces", &options, "no such kind of gallery"), KITH_E_USAGE);
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_open_with(&gallery, "qdrant+http://localhost/a/b", KITH_GALLERY_READ, &options, &err);
    assert_string_equal(err.where, "qdrant+http://localhost/a/b"); /* as it was written */
}

static void that_is_a_captive_portal(void **state) {
    fake server = {0};
    kith_gallery_options options = fake_options();
    (void)state;
    fake_start(&server, NULL);
    fake_fault(&server, "{'kind': 'wrong_type', 'times': 100}");
    assert_int_equal(open_faces(server.uri, &options, "something answers that is not Qdrant"), KITH_E_SERVER);
    fake_clear_faults(&server);
    fake_fault(&server, "{'kind': 'redirect', 'times': 100}");
    assert_int_equal(open_faces(server.uri, &options, "is not followed"), KITH_E_SERVER);
    for (int status = 401; status <= 404; status++) {
        char fault[128];
        snprintf(fault, sizeof fault, "{'kind': 'page', 'status': %d, 'times': 100}", status);
        fake_clear_faults(&server);
        fake_fault(&server, fault);
        assert_int_equal(open_faces(server.uri, &options, "a web page with HTTP 40"), KITH_E_SERVER);
    }
    /* No collection is made because of a page about the old one. */
    fake_clear_faults(&server);
    long before = fake_number(&server, "requests");
    fake_fault(&server, "{'kind': 'page', 'status': 404, 'times': 100, 'match': '/collections/faces'}");
    assert_int_equal(open_faces(server.uri, &options, "a web page with HTTP 404"), KITH_E_SERVER);
    assert_int_equal(fake_number(&server, "requests"), before + 3); /* version, aliases */
    fake_stop(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_other_vectors),
        cmocka_unit_test(of_another_pipeline),
        cmocka_unit_test(of_somebody_else),
        cmocka_unit_test(whose_strict_mode_is_too_strict),
        cmocka_unit_test(of_a_server_that_is_too_old),
        cmocka_unit_test(of_nothing),
        cmocka_unit_test(at_impossible_addresses),
        cmocka_unit_test(that_is_a_captive_portal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
