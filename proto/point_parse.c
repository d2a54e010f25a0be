/* SPDX-License-Identifier: MIT
 *
 * Points from JSON: every field is taken by its type here; whether the values are possible is
 * kith_point_check()'s question, the same as for points that never were JSON.
 */
#include <limits.h>
#include <openssl/evp.h>

#include "proto/point.h"

/* A parser's state: the first field that does not fit ends it. */
struct reader {
    const json_t *object;
    const char *where;
    kith_error *err;
};

static kith_status bad_field(struct reader *reader, const char *name, const char *what) {
    return kith_fail(reader->err, KITH_E_FORMAT, 0, reader->where, "\"%s\" %s", name, what);
}

static kith_status missing(struct reader *reader, const char *name) {
    return bad_field(reader, name, "is missing");
}

static const json_t *take(struct reader *reader, const char *name) {
    return json_object_get(reader->object, name);
}

static kith_status take_text(struct reader *reader, const char *name, bool needed, char *out, size_t size) {
    const json_t *value = take(reader, name);
    out[0] = 0;
    if (!value)
        return needed ? missing(reader, name) : KITH_OK;
    if (!json_is_string(value) || json_string_length(value) >= size ||
        strlen(json_string_value(value)) != json_string_length(value))
        return bad_field(reader, name, "is not a text of the right length");
    memcpy(out, json_string_value(value), json_string_length(value) + 1);
    return KITH_OK;
}

static kith_status take_integer(struct reader *reader, const char *name, int *out) {
    const json_t *value = take(reader, name);
    if (!value)
        return missing(reader, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > INT_MAX)
        return bad_field(reader, name, "is not a number that counts something");
    *out = (int)json_integer_value(value);
    return KITH_OK;
}

static kith_status take_float(struct reader *reader, const char *name, float *out) {
    const json_t *value = take(reader, name);
    if (!value)
        return missing(reader, name);
    if (!json_is_number(value))
        return bad_field(reader, name, "is not a number");
    *out = (float)json_number_value(value);
    return KITH_OK;
}

bool kith_floats_from_json(float *out, size_t count, const json_t *json) {
    if (!json_is_array(json) || json_array_size(json) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!json_is_number(json_array_get(json, i)))
            return false;
        out[i] = (float)json_number_value(json_array_get(json, i));
    }
    return true;
}

static kith_status take_floats(struct reader *reader, const char *name, float *out, size_t count) {
    const json_t *value = take(reader, name);
    if (!value)
        return missing(reader, name);
    if (!kith_floats_from_json(out, count, value))
        return bad_field(reader, name, "is not a list of as many numbers as it should be");
    return KITH_OK;
}

static kith_status take_person(struct reader *reader, kith_point *out) {
    const json_t *value = take(reader, "person");
    if (!value)
        return KITH_OK;
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return bad_field(reader, "person", "is not a name");
    return kith_point_set_person(out, json_string_value(value), reader->err);
}

/* Base64 (RFC 4648) of bytes without a zero byte, newly allocated; NULL: it is not, or no memory. */
static char *bytes_of_base64(const char *text, size_t length) {
    if (length == 0 || length % 4 != 0 || length > 2UL * KITH_PATH_MOST)
        return NULL;
    unsigned char *bytes = malloc(length / 4 * 3 + 1);
    if (!bytes)
        return NULL;
    int padding = (text[length - 1] == '=') + (text[length - 2] == '=');
    int size = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length) - padding;
    if (size < 0 || memchr(bytes, 0, (size_t)size)) {
        free(bytes);
        return NULL;
    }
    bytes[size] = 0;
    return (char *)bytes;
}

static kith_status add_path(struct reader *reader, kith_point *out, const json_t *value, bool raw) {
    size_t length = json_string_length(value);
    const char *text = json_string_value(value);
    if (!text || strlen(text) != length || length > 2UL * KITH_PATH_MOST)
        return bad_field(reader, raw ? "paths_raw" : "paths", "has something that is no path");
    if (!raw)
        return kith_point_add_path(out, text, reader->err);
    char *bytes = bytes_of_base64(text, length);
    if (!bytes)
        return bad_field(reader, "paths_raw", "has something that is not base64");
    kith_status status = kith_point_add_path(out, bytes, reader->err);
    free(bytes);
    return status;
}

/* The true bytes where they are given, else the texts. */
static kith_status take_paths(struct reader *reader, kith_point *out) {
    const json_t *texts = take(reader, "paths"), *raw = take(reader, "paths_raw");
    const json_t *from = raw ? raw : texts;
    if (!texts)
        return missing(reader, "paths");
    if (!json_is_array(texts) || !json_is_array(from) || json_array_size(texts) != json_array_size(from) ||
        json_array_size(texts) > KITH_PATHS_MOST)
        return bad_field(reader, "paths", "is not a list of paths, or not as long as \"paths_raw\"");
    kith_status status = KITH_OK;
    for (size_t i = 0; status == KITH_OK && i < json_array_size(from); i++)
        status = add_path(reader, out, json_array_get(from, i), raw != NULL);
    return status;
}

static kith_status take_all(struct reader *r, kith_point *out) {
    char id[KITH_ID_SIZE];
    kith_status status = take_text(r, "id", false, id, sizeof id);
    bool good = status == KITH_OK && !take_text(r, "sha256", true, out->sha256, sizeof out->sha256) &&
                !take_integer(r, "face", &out->face) && !take_integer(r, "faces", &out->faces) &&
                !take_floats(r, "box", out->box, 4) && !take_floats(r, "points", out->points, 10) &&
                !take_float(r, "score", &out->score) && !take_float(r, "eyes", &out->eyes) &&
                !take_float(r, "sharpness", &out->sharpness) && !take_float(r, "yaw", &out->yaw) &&
                !take_integer(r, "width", &out->width) && !take_integer(r, "height", &out->height) &&
                !take_text(r, "taken", false, out->taken, sizeof out->taken) &&
                !take_text(r, "indexed", true, out->indexed, sizeof out->indexed) &&
                !take_text(r, "pipeline", true, out->pipeline, sizeof out->pipeline) &&
                !take_text(r, "run", true, out->run, sizeof out->run) && !take_person(r, out) &&
                !take_paths(r, out);
    if (!good)
        return r->err->code;
    kith_point_id(out->id, out->pipeline, out->sha256, out->face);
    status = kith_point_check(out, r->where, r->err);
    if (status == KITH_OK && id[0] && strcmp(id, out->id) != 0)
        return kith_fail(r->err, KITH_E_FORMAT, 0, r->where, "has the id %s, its fields give %s", id,
                         out->id);
    return status;
}

kith_status kith_point_from_json(kith_point *out, const json_t *json, const char *where, kith_error *err) {
    kith_error cause = {0};
    struct reader reader = {.object = json, .where = where, .err = &cause};
    *out = (kith_point){0};
    if (!json_is_object(json))
        return kith_fail(err, KITH_E_FORMAT, 0, where, "not a JSON object");
    kith_status status = take_all(&reader, out);
    if (status == KITH_OK)
        return KITH_OK;
    kith_point_clear(out);
    return kith_fail(err, cause.code, 0, cause.where[0] ? cause.where : where, "%s", cause.text);
}
