/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <openssl/evp.h>
#include <stdint.h>

#include "proto/point.h"
#include "proto/utf8.h"

/* The shortest decimal that is this float: 0.7F as 0.7, not as 0.699999988. */
json_t *kith_float_json(float value) {
    char text[32];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    return json_real(strtod(text, NULL));
}

json_t *kith_floats_json(const float *values, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++)
        if (json_array_append_new(array, kith_float_json(values[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

json_t *kith_base64_json(const char *bytes, size_t length) {
    if (length > INT32_MAX / 2)
        return NULL;
    char *text = malloc(4 * (length / 3 + 1) + 1);
    if (!text)
        return NULL;
    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes, (int)length);
    json_t *json = json_string(text);
    free(text);
    return json;
}

json_t *kith_path_json(const char *path, int *changed) {
    char *text = kith_utf8(path, strlen(path), changed);
    json_t *json = text ? json_string(text) : NULL;
    free(text);
    return json;
}

int kith_path_members(json_t *object, const char *name, const char *raw, const char *path) {
    int changed = 0;
    int bad = json_object_set_new(object, name, kith_path_json(path, &changed));
    if (changed)
        bad |= json_object_set_new(object, raw, kith_base64_json(path, strlen(path)));
    return bad;
}

static json_t *paths_json(const kith_point *point, int *changed) {
    json_t *array = json_array();
    *changed = 0;
    for (size_t i = 0; array && i < point->path_count; i++) {
        int bad;
        if (json_array_append_new(array, kith_path_json(point->paths[i], &bad)) != 0) {
            json_decref(array);
            return NULL;
        }
        *changed |= bad;
    }
    return array;
}

static json_t *raw_paths_json(const kith_point *point) {
    json_t *array = json_array();
    for (size_t i = 0; array && i < point->path_count; i++)
        if (json_array_append_new(array, kith_base64_json(point->paths[i], strlen(point->paths[i]))) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* json_object_set_new() refuses NULL, so every lack of memory ends up in the result. */
int kith_point_measures_json(json_t *object, const kith_point *point) {
    int bad = json_object_set_new(object, "box", kith_floats_json(point->box, 4));
    bad |= json_object_set_new(object, "points", kith_floats_json(point->points, 10));
    bad |= json_object_set_new(object, "score", kith_float_json(point->score));
    bad |= json_object_set_new(object, "eyes", kith_float_json(point->eyes));
    bad |= json_object_set_new(object, "sharpness", kith_float_json(point->sharpness));
    bad |= json_object_set_new(object, "yaw", kith_float_json(point->yaw));
    bad |= json_object_set_new(object, "width", json_integer(point->width));
    bad |= json_object_set_new(object, "height", json_integer(point->height));
    return bad;
}

json_t *kith_point_json(const kith_point *point) {
    int changed, bad = 0;
    json_t *object = json_object();
    bad |= json_object_set_new(object, "id", json_string(point->id));
    if (point->person)
        bad |= json_object_set_new(object, "person", json_string(point->person));
    bad |= json_object_set_new(object, "paths", paths_json(point, &changed));
    if (changed)
        bad |= json_object_set_new(object, "paths_raw", raw_paths_json(point));
    bad |= json_object_set_new(object, "sha256", json_string(point->sha256));
    bad |= json_object_set_new(object, "face", json_integer(point->face));
    bad |= json_object_set_new(object, "faces", json_integer(point->faces));
    bad |= kith_point_measures_json(object, point);
    if (point->taken[0])
        bad |= json_object_set_new(object, "taken", json_string(point->taken));
    bad |= json_object_set_new(object, "indexed", json_string(point->indexed));
    bad |= json_object_set_new(object, "pipeline", json_string(point->pipeline));
    bad |= json_object_set_new(object, "run", json_string(point->run));
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}
