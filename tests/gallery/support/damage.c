/* SPDX-License-Identifier: MIT */
#include "tests/gallery/support/damage.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/http.h"

static void run_sql(kith_gallery *gallery, const char *sql) {
    sqlite3 *database;
    char *text = NULL;
    assert_int_equal(sqlite3_open(kith_gallery_uri(gallery), &database), SQLITE_OK);
    sqlite3_exec(database, sql, NULL, NULL, &text);
    assert_null(text);
    assert_true(sqlite3_changes(database) > 0);
    sqlite3_close(database);
}

/* What Qdrant is asked for; `path` is inside of the collection. */
static void ask(kith_gallery *gallery, const char *method, const char *path, const char *body) {
    kith_error err = {0};
    kith_http *http = NULL;
    char *origin = NULL, *whole = NULL;
    assert_int_equal(kith_gallery_server(&origin, kith_gallery_uri(gallery), &err), KITH_OK);
    const char *name = strrchr(kith_gallery_uri(gallery), '/');
    assert_true(asprintf(&whole, "/collections%s%s?wait=true", name, path) > 0);
    const kith_http_options options = {.origin = origin, .api_key = getenv("QDRANT_API_KEY"), .timeout = 30};
    kith_http_call call = {
        .method = method, .path = whole, .body = body, .body_size = strlen(body), .most = 1 << 16};
    kith_http_open(&http, &options, &err);
    assert_no_error(err);
    kith_http_begin(http, &call, &err);
    while (kith_http_wait(http, 1000) != &call)
        ;
    if (call.status != 200)
        fail_msg("HTTP %ld: %s", call.status, call.answer ? call.answer : call.error.text);
    kith_http_clear(http, &call);
    kith_http_close(&http);
    free(origin);
    free(whole);
}

static void ask_json(kith_gallery *gallery, const char *method, const char *path, json_t *body) {
    char *text = json_dumps(body, JSON_COMPACT);
    assert_non_null(text);
    ask(gallery, method, path, text);
    free(text);
    json_decref(body);
}

static void damage_on_server(kith_gallery *gallery, const kith_point *point, damage_kind what) {
    static const float zeros[KITH_DIMENSION];
    switch (what) {
    case DAMAGE_TYPE:
        ask_json(gallery, "POST", "/points/payload",
                 json_pack("{s:{s:s}, s:[s]}", "payload", "points", "none", "points", point->id));
        return;
    case DAMAGE_MISSING:
        ask_json(gallery, "POST", "/points/payload/delete",
                 json_pack("{s:[s], s:[s]}", "keys", "sha256", "points", point->id));
        return;
    case DAMAGE_RANGE:
        ask_json(gallery, "POST", "/points/payload",
                 json_pack("{s:{s:f}, s:[s]}", "payload", "score", 5.0, "points", point->id));
        return;
    default:
        ask_json(gallery, "PUT", "/points",
                 json_pack("{s:[{s:s, s:o, s:o}]}", "points", "id", point->id, "vector",
                           kith_floats_json(zeros, KITH_DIMENSION), "payload", kith_point_json(point)));
    }
}

static void damage_in_file(kith_gallery *gallery, const kith_point *point, damage_kind what) {
    static const char *const sql[DAMAGES] = {
        [DAMAGE_TYPE] = "UPDATE detail SET points = x'00' WHERE sha256 = x'%s'",
        [DAMAGE_MISSING] = "DELETE FROM detail WHERE sha256 = x'%s'",
        [DAMAGE_RANGE] = "UPDATE detail SET score = 5 WHERE sha256 = x'%s'",
        [DAMAGE_VECTOR] =
            ("UPDATE face SET vector = zeroblob(1024) WHERE id = (SELECT face FROM detail WHERE "
             "sha256 = x'%s')"),
    };
    char text[256];
    const char *gap = strstr(sql[what], "%s");
    snprintf(text, sizeof text, "%.*s%s%s", (int)(gap - sql[what]), sql[what], point->sha256, gap + 2);
    run_sql(gallery, text);
}

void damage_point(kith_gallery *gallery, unsigned number, damage_kind what) {
    kith_point point = made_point(number, "Ann");
    if (kith_gallery_on_server(gallery))
        damage_on_server(gallery, &point, what);
    else
        damage_in_file(gallery, &point, what);
    kith_point_clear(&point);
}

/* With ids that are numbers of 64 bits, and texts with a zero byte. */
static void add_foreign_on_server(kith_gallery *gallery, unsigned count) {
    const float vector[KITH_DIMENSION] = {1};
    json_t *floats = kith_floats_json(vector, KITH_DIMENSION);
    char *numbers = json_dumps(floats, JSON_COMPACT), *body = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&body, &size);
    assert_true(numbers && file);
    for (unsigned i = 0; i < count; i++)
        fprintf(file, "%s{\"id\":%llu,\"vector\":%s,\"payload\":{\"a\\u0000\":\"b\\u0000\"}}",
                i > 0 ? "," : "{\"points\":[", (unsigned long long)(UINT64_MAX - i), numbers);
    fputs("]}", file);
    fclose(file);
    ask(gallery, "PUT", "/points", body);
    free(body);
    free(numbers);
    json_decref(floats);
}

/* With ids that are too short. */
static void add_foreign_in_file(kith_gallery *gallery, unsigned count) {
    char text[256];
    snprintf(
        text, sizeof text,
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %u) INSERT INTO face "
        "(uuid, vector) SELECT CAST('a' || i AS BLOB), zeroblob(1024) FROM n",
        count);
    run_sql(gallery, text);
}

void damage_add_foreign(kith_gallery *gallery, unsigned count) {
    if (kith_gallery_on_server(gallery))
        add_foreign_on_server(gallery, count);
    else
        add_foreign_in_file(gallery, count);
}
