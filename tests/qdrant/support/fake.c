/* SPDX-License-Identifier: MIT */
#include "tests/qdrant/support/fake.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/http.h"

static void run_python(const char *const *options, int input, int output) {
    const char *arguments[32] = {KITH_PYTHON, "-B", KITH_SOURCE_DIR "/tests/qdrant/fake_server.py"};
    size_t count = 3;
    if (access(KITH_SHARED_DIR "/qdrant/openapi.json", R_OK) == 0) {
        arguments[count++] = "--openapi";
        arguments[count++] = KITH_SHARED_DIR "/qdrant/openapi.json";
    }
    for (size_t i = 0; options && options[i] && count < 31; i++)
        arguments[count++] = options[i];
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execv(KITH_PYTHON, (char *const *)(uintptr_t)arguments);
    _exit(127);
}

void fake_start(fake *server, const char *const *options) {
    int to[2], from[2];
    char line[32] = "";
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0)
        run_python(options, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    FILE *file = fdopen(from[0], "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    server->input = to[1];
    server->port = (int)strtol(line, NULL, 10);
    const char *s = server->ca_file ? "s" : "";
    snprintf(server->origin, sizeof server->origin, "http%s://127.0.0.1:%d", s, server->port);
    snprintf(server->uri, sizeof server->uri, "qdrant+http%s://127.0.0.1:%d/faces", s, server->port);
}

void fake_stop(fake *server) {
    close(server->input);
    waitpid(server->pid, NULL, 0);
}

void fake_kill(fake *server) {
    kill(server->pid, SIGKILL);
    fake_stop(server);
}

/* A request to the script; the answer's JSON. */
static json_t *script(const fake *server, const char *method, const char *path, const char *body) {
    kith_error err = {0};
    kith_http *http;
    kith_http_options options = {.origin = server->origin, .ca_file = server->ca_file, .timeout = 30};
    kith_http_call call = {.method = method, .path = path, .most = 1 << 20};
    char *text = body ? strdup(body) : NULL;
    for (char *quote = text; quote && (quote = strchr(quote, '\''));)
        *quote = '"';
    call.body = text;
    call.body_size = text ? strlen(text) : 0;
    kith_http_open(&http, &options, &err);
    assert_string_equal(err.text, "");
    kith_http_begin(http, &call, &err);
    while (kith_http_wait(http, 1000) != &call)
        ;
    assert_string_equal(call.error.text, "");
    assert_int_equal(call.status, 200);
    json_t *json = json_loadb(call.answer, call.answer_size, 0, NULL);
    assert_non_null(json);
    kith_http_clear(http, &call);
    kith_http_close(&http);
    free(text);
    return json;
}

void fake_fault(const fake *server, const char *fault) {
    json_decref(script(server, "POST", "/_fake/fault", fault));
}

void fake_clear_faults(const fake *server) {
    fake_fault(server, "{'kind': 'none'}");
}

void fake_collection(const fake *server, const char *name, const char *config) {
    char path[256];
    snprintf(path, sizeof path, "/_fake/collection/%s", name);
    json_decref(script(server, "POST", path, config));
}

void fake_alias(const fake *server, const char *alias, const char *collection) {
    char body[256];
    snprintf(body, sizeof body,
             "{'actions': [{'create_alias': {'alias_name': '%s', 'collection_name': '%s'}}]}", alias,
             collection);
    json_decref(script(server, "POST", "/collections/aliases", body));
}

json_t *fake_stats(const fake *server) {
    return script(server, "GET", "/_fake/stats", NULL);
}

long fake_number(const fake *server, const char *name) {
    json_t *stats = fake_stats(server);
    assert_true(json_is_integer(json_object_get(stats, name)));
    long number = (long)json_integer_value(json_object_get(stats, name));
    json_decref(stats);
    return number;
}

long fake_points(const fake *server, const char *collection) {
    json_t *stats = fake_stats(server);
    long number = (long)json_integer_value(json_object_get(json_object_get(stats, "points"), collection));
    json_decref(stats);
    return number;
}

void fake_assert_no_violations(const fake *server) {
    json_t *stats = fake_stats(server);
    const json_t *violations = json_object_get(stats, "violations");
    if (json_array_size(violations) > 0)
        fail_msg("%s", json_string_value(json_array_get(violations, 0)));
    json_decref(stats);
}

void fake_certificate(const char *path) {
    char key[512], certificate[512];
    int status;
    pid_t pid;
    posix_spawn_file_actions_t quiet;
    snprintf(key, sizeof key, "%s.key", path);
    snprintf(certificate, sizeof certificate, "%s.pem", path);
    const char *const arguments[] = {
        "openssl", "req", "-x509", "-newkey",       "rsa:2048", "-nodes",
        "-days",   "2",   "-subj", "/CN=localhost", "-addext",  "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", key,   "-out",  certificate,     NULL};
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    assert_int_equal(
        posix_spawnp(&pid, "openssl", &quiet, NULL, (char *const *)(uintptr_t)arguments, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    posix_spawn_file_actions_destroy(&quiet);
}

static char folder[] = "/tmp/kith-qdrant-XXXXXX";

static int remove_one(const char *path, const struct stat *what, int kind, struct FTW *where) {
    (void)what;
    (void)kind;
    (void)where;
    return remove(path);
}

static void remove_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fake_folder(void) {
    if (strstr(folder, "XXXXXX")) {
        assert_non_null(mkdtemp(folder));
        atexit(remove_folder);
    }
    return folder;
}

kith_gallery_options fake_options(void) {
    kith_gallery_options options = KITH_GALLERY_DEFAULTS;
    options.wait_server = 10;
    options.server_timeout = 5;
    return options;
}
