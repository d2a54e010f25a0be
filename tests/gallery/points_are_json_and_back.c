/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

static kith_point odd_point(void) {
    kith_point point = made_point(3, "Zo\xc3\xab");
    assert_int_equal(kith_point_add_path(&point, "/photos/\xff\xfe", NULL), KITH_OK);
    assert_int_equal(kith_point_add_path(&point, "/photos/\xef\xbf\xbd", NULL), KITH_OK);
    point.score = 0.70000005F;
    point.box[1] = 1.0F / 3;
    point.yaw = -1e-7F;
    return point;
}

static void a_point_goes_through_text_unchanged(void **state) {
    kith_error err = {0};
    kith_point point = odd_point(), back;
    (void)state;
    json_t *json = kith_point_json(&point);
    char *text = json_dumps(json, KITH_JSON);
    json_t *parsed = json_loads(text, 0, NULL);
    kith_point_from_json(&back, parsed, "line 1", &err);
    assert_no_error(err);
    assert_int_equal(back.path_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(back.paths[i], point.paths[i]);
    assert_string_equal(back.person, point.person);
    assert_string_equal(back.id, point.id);
    assert_memory_equal(back.box, point.box, sizeof point.box);
    assert_memory_equal(back.points, point.points, sizeof point.points);
    assert_true(back.score == point.score && back.yaw == point.yaw && back.eyes == point.eyes &&
                back.sharpness == point.sharpness);
    json_t *again = kith_point_json(&back);
    assert_true(json_equal(json, again));
    kith_point_clear(&back);
    kith_point_clear(&point);
    json_decref(json);
    json_decref(parsed);
    json_decref(again);
    free(text);
}

static void numbers_have_the_digits_they_need(void **state) {
    kith_point point = made_point(1, NULL);
    (void)state;
    point.score = 0.7F;
    json_t *json = kith_point_json(&point);
    char *text = json_dumps(json, KITH_JSON);
    assert_non_null(strstr(text, "\"score\":0.7,"));
    free(text);
    json_decref(json);
    kith_point_clear(&point);
}

static void expect(json_t *json, const char *text) {
    kith_error err = {0};
    kith_point point;
    kith_status status = kith_point_from_json(&point, json, "line 7", &err);
    if (status != KITH_E_FORMAT || !strstr(err.text, text) || strcmp(err.where, "line 7") != 0)
        fail_msg("%d \"%s\" \"%s\" does not say \"%s\"", (int)status, err.where, err.text, text);
    assert_null(point.paths);
    json_decref(json);
}

/* The JSON of a good point with one field set to what `value` says (NULL: without it). */
static json_t *with(const char *name, const char *value) {
    kith_point point = odd_point();
    json_t *json = kith_point_json(&point);
    kith_point_clear(&point);
    if (value)
        json_object_set_new(json, name, json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
    else
        json_object_del(json, name);
    return json;
}

static void every_field_is_checked(void **state) {
    static const char *const needed[] = {"sha256", "face",  "faces",     "box",     "points",
                                         "score",  "eyes",  "sharpness", "yaw",     "width",
                                         "height", "paths", "run",       "indexed", "pipeline"};
    (void)state;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        expect(with(needed[i], NULL), "is missing");
        expect(with(needed[i], "{}"), needed[i]);
        expect(with(needed[i], "null"), needed[i]);
    }
    expect(json_string("no point"), "not a JSON object");
    expect(with("id", "\"00000000-0000-4000-8000-000000000001\""), "has the id");
    expect(with("person", "17"), "\"person\"");
    expect(with("person", "\"\""), "1 to 1024 bytes");
    expect(with("person", "\"A\\u0000B\""), "\"person\"");
    expect(with("face", "-1"), "\"face\"");
    expect(with("face", "1"), "\"face\"");
    expect(with("faces", "4294967297"), "\"faces\"");
    expect(with("box", "[1, 2, 3]"), "\"box\"");
    expect(with("box", "[1, 2, 3, 1e300]"), "\"box\"");
    expect(with("box", "[1, 2, 3, \"4\"]"), "\"box\"");
    expect(with("score", "1.01"), "\"score\"");
    expect(with("taken", "\"2024-02-30T00:00:00Z\""), "\"taken\"");
    expect(with("indexed", "\"2024-02-20\""), "\"indexed\"");
    expect(with("run", "\"\""), "\"run\"");
    expect(with("pipeline", "\"0123456789abcdeg\""), "\"pipeline\"");
    expect(with("sha256", "\"ABCDEF\""), "\"sha256\"");
    expect(with("paths_raw", "[\"L2E=\"]"), "\"paths\"");
    expect(with("paths_raw", "[\"L2E=\", \"L2I=\", \"L2\"]"), "base64");
    expect(with("paths_raw", "[\"L2E=\", \"L2I=\", \"L2EAYg==\"]"), "base64");
    expect(with("paths_raw", "[\"L2E=\", \"L2I=\", \"YQ==\"]"), "not absolute");
    expect(with("paths_raw", "[\"L2E=\", \"L2I=\", 5]"), "no path");
}

/* jansson's allocations fail from the n-th on, until one round needs fewer. */
static long left;

static void *failing_malloc(size_t size) {
    return left-- > 0 ? malloc(size) : NULL;
}

static void lack_of_memory_is_no_half_point(void **state) {
    kith_point point = odd_point();
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    bool done = false;
    long round = 0;
    (void)state;
    json_get_alloc_funcs(&usual_malloc, &usual_free);
    for (; !done; round++) {
        json_set_alloc_funcs(failing_malloc, free);
        left = round;
        json_t *json = kith_point_json(&point);
        left = 1 << 20;
        done = json != NULL;
        assert_true(!json || json_object_size(json) == 19);
        json_decref(json);
        json_set_alloc_funcs(usual_malloc, usual_free);
    }
    assert_true(round > 40);
    kith_point_clear(&point);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_goes_through_text_unchanged),
        cmocka_unit_test(numbers_have_the_digits_they_need),
        cmocka_unit_test(every_field_is_checked),
        cmocka_unit_test(lack_of_memory_is_no_half_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
