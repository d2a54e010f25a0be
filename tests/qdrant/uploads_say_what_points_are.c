/* SPDX-License-Identifier: MIT
 *
 * The text of an upload, which is written without jansson, is the JSON form of its points: compared over many
 * odd ones.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/gallery/qdrant.h"
#include "tests/gallery/support/made.h"

/* Every number of `json` as the float that it is read as. */
static bool same(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return json_is_integer(a) == json_is_integer(b) &&
               (float)json_number_value(a) == (float)json_number_value(b) &&
               signbit(json_number_value(a)) == signbit(json_number_value(b));
    if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
        for (size_t i = 0; i < json_array_size(a); i++)
            if (!same(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return true;
    }
    return json_equal(a, b);
}

static void assert_same(const kith_point *point) {
    kith_buffer text = {0};
    json_error_t fault;
    const char *name;
    json_t *value, *expected = kith_qdrant_payload(point);
    assert_true(kith_qdrant_append_payload(&text, point));
    json_t *json = json_loadb(text.bytes, text.size, JSON_REJECT_DUPLICATES, &fault);
    if (!json)
        fail_msg("%s: %.*s", fault.text, (int)text.size, text.bytes);
    assert_int_equal(json_object_size(json), json_object_size(expected));
    json_object_foreach(expected, name, value) if (!same(value, json_object_get(json, name)))
        fail_msg("%s differs: %.*s", name, (int)text.size, text.bytes);
    json_decref(json);
    json_decref(expected);
    free(text.bytes);
}

static float odd_float(unsigned seed) {
    static const float odd[] = {0,           -0.0F,  1,      0.1F,   0.7F,       123456.789F, 999999.94F,
                                1e6F,        1e-3F,  9e-4F,  1e-20F, 3e38F,      16777216,    0.99999994F,
                                0.00123456F, 640.5F, -12.5F, 1e-7F,  8388607.5F, 99999.99F};
    uint32_t bits = seed * 2654435761U;
    float value;
    if (seed % 3 == 0)
        return odd[seed / 3 % (sizeof odd / sizeof *odd)];
    if (seed % 3 == 1)
        return (float)(int32_t)bits / 1e6F;
    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 1;
}

static void of_any_numbers(void **state) {
    (void)state;
    for (unsigned i = 0; i < 200000; i += 18) {
        kith_point point = made_point(i, i % 2 ? "Ann" : NULL);
        for (unsigned k = 0; k < 4; k++)
            point.box[k] = odd_float(i + k);
        for (unsigned k = 0; k < 10; k++)
            point.points[k] = odd_float(i + 4 + k);
        point.score = odd_float(i + 14);
        point.eyes = odd_float(i + 15);
        point.sharpness = odd_float(i + 16);
        point.yaw = odd_float(i + 17);
        point.face = (int)(i % 60000);
        point.faces = point.face + 1;
        assert_same(&point);
        kith_point_clear(&point);
    }
}

static void of_any_texts(void **state) {
    static const char *const paths[] = {"/a/b/c.jpg",
                                        "/a/b/d.jpg",
                                        "/a/b-c/d.jpg",
                                        "/a",
                                        "/",
                                        "/a/\"\\\n\x01\x7f/x",
                                        "/\xc3\xa4/\xe2\x82\xac.jpg",
                                        "/\xff/\xfe.jpg",
                                        "/a/b/c/d/e/f/g/h"};
    enum { PATHS = sizeof paths / sizeof *paths };
    (void)state;
    for (unsigned set = 1; set < 1U << PATHS; set++) {
        kith_error err = {0};
        kith_point point = made_point(set, set % 2 ? "\"Ann\"\t\\ \xe2\x82\xac" : NULL);
        kith_point_drop_path(&point, point.paths[0]);
        for (unsigned i = 0; i < PATHS; i++)
            if (set & 1U << i)
                kith_point_add_path(&point, paths[i], &err);
        if (set % 5 == 0)
            point.taken[0] = 0;
        assert_no_error(err);
        assert_same(&point);
        kith_point_clear(&point);
    }
}

static void of_vectors(void **state) {
    (void)state;
    for (unsigned seed = 0; seed < 2000; seed++) {
        kith_buffer text = {0};
        kith_point point = made_point(seed, "Ann");
        float vector[KITH_DIMENSION], back[KITH_DIMENSION];
        made_vector(vector, seed);
        if (seed < 4) {
            memset(vector, 0, sizeof vector);
            vector[seed] = seed % 2 ? -1.0000001F : 1;
        }
        assert_true(kith_qdrant_append_face(&text, &point, vector));
        json_t *json = json_loadb(text.bytes, text.size, 0, NULL), *payload = kith_qdrant_payload(&point);
        assert_string_equal(json_string_value(json_object_get(json, "id")), point.id);
        assert_true(same(json_object_get(json, "payload"), payload));
        assert_true(kith_floats_from_json(back, KITH_DIMENSION, json_object_get(json, "vector")));
        for (int i = 0; i < KITH_DIMENSION; i++) {
            assert_true(fabs((double)vector[i] - (double)back[i]) <= 1e-9);
            assert_true(fabsf(vector[i]) < 1.0F / 64 || vector[i] == back[i]);
        }
        json_decref(payload);
        json_decref(json);
        kith_point_clear(&point);
        free(text.bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_any_numbers), cmocka_unit_test(of_any_texts),
                                       cmocka_unit_test(of_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
