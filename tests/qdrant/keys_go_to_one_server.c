/* SPDX-License-Identifier: MIT
 *
 * API keys and certificates: who gets a key, who is believed, and that no key is ever in a message. The keys
 * begin with "kith-secret", which no_key_is_in_the_logs looks for in the output of the whole run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

#define KEY "kith-secret-to-write-0123456789"
#define READ_KEY "kith-secret-to-read-0123456789"

static void use_key(const char *key) {
    if (key)
        setenv("QDRANT_API_KEY", key, 1);
    else
        unsetenv("QDRANT_API_KEY");
}

static void start_with_keys(fake *server, const char *const *options) {
    setenv("QDRANT__SERVICE__API_KEY", KEY, 1);
    setenv("QDRANT__SERVICE__READ_ONLY_API_KEY", READ_KEY, 1);
    fake_start(server, options);
    unsetenv("QDRANT__SERVICE__API_KEY");
    unsetenv("QDRANT__SERVICE__READ_ONLY_API_KEY");
}

/* `text` is a part of the message, which has no key in it. */
static void assert_message(const kith_error *err, const char *text) {
    print_message("%s: %s\n", err->where, err->text);
    assert_null(strstr(err->text, "kith-secret"));
    assert_null(strstr(err->where, "kith-secret"));
    assert_null(strchr(err->text, '\n'));
    if (!strstr(err->text, text))
        fail_msg("%s: %s", err->where, err->text);
}

static void refuse(const char *uri, kith_gallery_mode mode, const kith_gallery_options *options,
                   kith_status status, const char *text) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    assert_int_equal(kith_gallery_open_with(&gallery, uri, mode, options, &err), status);
    assert_null(gallery);
    assert_message(&err, text);
}

static kith_gallery *accept(const char *uri, kith_gallery_mode mode, const kith_gallery_options *options) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_open_with(&gallery, uri, mode, options, &err);
    assert_string_equal(err.text, "");
    return gallery;
}

static const char *write_file(const char *name, const char *text) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", fake_folder(), name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void wrong_and_missing_keys(void **state) {
    fake server = {0};
    kith_gallery_options options = fake_options();
    (void)state;
    start_with_keys(&server, NULL);
    use_key(NULL);
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "$QDRANT_API_KEY, or --api-key-file");
    use_key("kith-secret-wrong");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_SERVER,
           "wants another API key: Invalid API key");
    assert_int_equal(fake_points(&server, "faces"), 0);
    use_key(KEY);
    kith_gallery *gallery = accept(server.uri, KITH_GALLERY_CREATE, &options);
    kith_gallery_close(&gallery);
    use_key(NULL);
    fake_stop(&server);
}

static void keys_from_files(void **state) {
    fake server = {0};
    char zero[256], pipe[256];
    kith_gallery_options options = fake_options();
    (void)state;
    snprintf(zero, sizeof zero, "%s/zero", fake_folder());
    snprintf(pipe, sizeof pipe, "%s/pipe", fake_folder());
    start_with_keys(&server, NULL);
    use_key("kith-secret-wrong"); /* the file beats it */
    options.api_key_file = write_file("key", KEY "\r\nanything\n");
    kith_gallery *gallery = accept(server.uri, KITH_GALLERY_CREATE, &options);
    kith_gallery_close(&gallery);
    options.api_key_file = write_file("empty", "");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_IO, "no API key in it");
    options.api_key_file = write_file("later", "\nkith-secret-later\n");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "its first line is empty");
    char large[5000];
    memset(large, 'k', sizeof large - 1);
    large[sizeof large - 1] = 0;
    options.api_key_file = write_file("large", large);
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "too long for an API key");
    FILE *file = fopen(zero, "w");
    assert_true(file && fwrite(KEY "\0more\n", 1, sizeof KEY + 5, file) == sizeof KEY + 5);
    fclose(file);
    options.api_key_file = zero;
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "its first line has a zero byte");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    options.api_key_file = pipe;
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "no regular file");
    options.api_key_file = fake_folder();
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "no regular file");
    options.api_key_file = "/nonexistent/key";
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_IO, "No such file");
    options.api_key_file = write_file("spaces", "kith-secret-a b\n");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "a character that no key has");
    options.api_key_file = NULL;
    use_key("kith-secret\r\nHost: elsewhere");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_USAGE, "a character that no key has");
    use_key(NULL);
    fake_stop(&server);
}

/* Asks, but does not change. */
static void a_key_that_may_only_read(void **state) {
    fake server = {0};
    kith_error err = {0};
    kith_hits hits;
    kith_people people;
    float vector[KITH_DIMENSION];
    kith_gallery_options options = fake_options();
    kith_point point = made_point(7, "Zoe");
    (void)state;
    made_vector(vector, 7);
    start_with_keys(&server, (const char *[]){"--strict", NULL});
    use_key(KEY);
    kith_gallery *gallery = accept(server.uri, KITH_GALLERY_CREATE, &options);
    kith_gallery_bind(gallery, &made_identity, &err);
    made_put(gallery, 0, 5, "Ann");
    kith_gallery_close(&gallery);
    use_key(READ_KEY);
    gallery = accept(server.uri, KITH_GALLERY_READ, &options);
    kith_gallery_search_persons(gallery, vector, NULL, 3, 2, &hits, &err);
    assert_int_equal(hits.count, 2);
    kith_hits_clear(&hits);
    kith_gallery_people(gallery, &people, &err);
    assert_int_equal(people.count, 1);
    kith_people_clear(&people);
    assert_string_equal(err.text, "");
    kith_gallery_close(&gallery);
    gallery = accept(server.uri, KITH_GALLERY_WRITE, &options);
    assert_int_equal(kith_gallery_put(gallery, &point, vector, 1, &err), KITH_E_SERVER);
    assert_message(&err, "galleries can be asked but not changed");
    kith_error_clear(&err);
    assert_int_equal(kith_gallery_remove(gallery, NULL, NULL, &err), KITH_E_SERVER);
    assert_message(&err, "galleries can be asked but not changed");
    kith_gallery_close(&gallery);
    char other[128];
    snprintf(other, sizeof other, "qdrant+%s/new", server.origin);
    refuse(other, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "does not allow this");
    assert_int_equal(fake_points(&server, "faces"), 5);
    kith_point_clear(&point);
    use_key(NULL);
    fake_stop(&server);
}

/* 192.0.2.1 is nobody's (RFC 5737). */
static void plain_http_to_other_hosts(void **state) {
    kith_gallery_options options = fake_options();
    (void)state;
    options.server_timeout = 0.2;
    use_key(KEY);
    refuse("qdrant+http://192.0.2.1/faces", KITH_GALLERY_CREATE, &options, KITH_E_USAGE,
           "would travel unprotected");
    refuse("qdrant+http://127.0.0.1.example/faces", KITH_GALLERY_CREATE, &options, KITH_E_USAGE,
           "would travel unprotected");
    options.insecure = true;
    refuse("qdrant+http://192.0.2.1/faces", KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "");
    use_key(NULL);
}

/* Neither redirects nor proxies bring a key to somebody else. */
static void redirects_and_proxies(void **state) {
    fake server = {0}, other = {0};
    char fault[256];
    kith_gallery_options options = fake_options();
    (void)state;
    start_with_keys(&server, NULL);
    fake_start(&other, NULL);
    use_key(KEY);
    snprintf(fault, sizeof fault, "{'kind': 'redirect', 'times': 10, 'to': '%s/'}", other.origin);
    fake_fault(&server, fault);
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "is not followed");
    fake_clear_faults(&server);
    setenv("http_proxy", other.origin, 1);
    setenv("all_proxy", other.origin, 1);
    kith_gallery *gallery = accept(server.uri, KITH_GALLERY_CREATE, &options);
    kith_gallery_close(&gallery);
    options.insecure = true;
    options.server_timeout = 0.2;
    refuse("qdrant+http://192.0.2.1/faces", KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "");
    assert_int_equal(fake_number(&other, "requests"), 0);
    use_key(NULL); /* without a key, a proxy is asked as curl's environment says; this one answers itself */
    options = fake_options();
    gallery = accept("qdrant+http://192.0.2.1/faces", KITH_GALLERY_CREATE, &options);
    kith_gallery_close(&gallery);
    assert_true(fake_number(&other, "requests") > 0);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    fake_stop(&server);
    fake_stop(&other);
}

/* What belongs to one server: an address without its port, too, but no other protocol. */
static void two_galleries_of_one_command(void **state) {
    static const struct {
        const char *from, *to, *key_file;
        bool accepted;
    } cases[] = {{"qdrant+https://a.example/x", "qdrant+https://a.example:6333/y", NULL, true},
                 {"qdrant+https://a.example/x", "qdrant+https://b.example/x", NULL, false},
                 {"qdrant+https://a.example/x", "qdrant+https://a.example:6334/x", NULL, false},
                 {"qdrant+https://a.example/x", "qdrant+http://a.example/x", NULL, false},
                 {"qdrant+https://a.example/x", "qdrant+https://b.example/x", "b.key", true},
                 {"qdrant+https://a.example/x", "qdrant+https://b.example/x", "", true},
                 {"qdrant+https://a.example/x", "x.kith", NULL, true},
                 {"x.kith", "qdrant+https://a.example/x", NULL, true}};
    kith_gallery_choice first = KITH_GALLERY_CHOICE, other;
    (void)state;
    use_key(KEY);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kith_error err = {0};
        first.gallery = cases[i].from;
        kith_status status = kith_gallery_choose_other(&other, &first, cases[i].to, cases[i].key_file, &err);
        assert_int_equal(status, cases[i].accepted ? KITH_OK : KITH_E_USAGE);
        assert_string_equal(other.gallery, cases[i].to);
        if (cases[i].key_file)
            assert_string_equal(other.server.api_key_file, cases[i].key_file);
        if (!cases[i].accepted)
            assert_message(&err, "--to-api-key-file");
    }
    use_key(NULL);
    first.gallery = cases[1].from;
    assert_int_equal(kith_gallery_choose_other(&other, &first, cases[1].to, NULL, NULL), KITH_OK);
}

static void certificates(void **state) {
    char base[128], certificate[160], key[160], plain[128], secure[128];
    kith_gallery_options options = fake_options();
    fake server = {0}, http = {0};
    (void)state;
    snprintf(base, sizeof base, "%s/server", fake_folder());
    snprintf(certificate, sizeof certificate, "%s.pem", base);
    snprintf(key, sizeof key, "%s.key", base);
    fake_certificate(base);
    server.ca_file = certificate;
    start_with_keys(&server, (const char *[]){"--tls", certificate, key, NULL});
    fake_start(&http, NULL);
    snprintf(plain, sizeof plain, "qdrant+http://127.0.0.1:%d/faces", server.port);
    snprintf(secure, sizeof secure, "qdrant+https://127.0.0.1:%d/faces", http.port);
    use_key(KEY);
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "not trusted");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "--ca-file FILE");
    options.ca_file = write_file("no.pem", "nothing\n");
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_IO, "no certificates in it");
    options.ca_file = "/nonexistent.pem";
    refuse(server.uri, KITH_GALLERY_CREATE, &options, KITH_E_IO, "cannot be read");
    options.ca_file = certificate;
    refuse(secure, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "no secure connection");
    kith_gallery *gallery = accept(server.uri, KITH_GALLERY_CREATE, &options);
    kith_gallery_bind(gallery, &made_identity, NULL);
    made_put(gallery, 0, 600, NULL);
    assert_int_equal(made_count(gallery, NULL), 600);
    kith_gallery_close(&gallery);
    use_key(NULL);
    refuse(plain, KITH_GALLERY_CREATE, &options, KITH_E_SERVER, "");
    fake_stop(&server);
    fake_stop(&http);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_and_missing_keys),
        cmocka_unit_test(keys_from_files),
        cmocka_unit_test(a_key_that_may_only_read),
        cmocka_unit_test(plain_http_to_other_hosts),
        cmocka_unit_test(redirects_and_proxies),
        cmocka_unit_test(two_galleries_of_one_command),
        cmocka_unit_test(certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
