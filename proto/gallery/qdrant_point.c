/* SPDX-License-Identifier: MIT
 *
 * Points as JSON, and points and vectors from it. What comes from a server is checked like any other data.
 */
#include "proto/gallery/qdrant.h"
#include "proto/utf8.h"
#include "proto/vector.h"

json_t *kith_qdrant_folder(const char *path, size_t length) {
    int changed;
    char *text = kith_utf8(path, length, &changed);
    json_t *json = text && !changed ? json_string(text) : NULL;
    free(text);
    if (json)
        return json;
    /* Bytes that are not UTF-8: base64, which never begins like a path. */
    json_t *raw = kith_base64_json(path, length);
    json = raw ? json_sprintf("base64:%s", json_string_value(raw)) : NULL;
    json_decref(raw);
    return json;
}

/* Paths are sorted, so a path shares with the one before it what both begin with. */
static int append_folders(json_t *folders, const char *path, const char *before) {
    size_t shared = 0;
    int bad = 0;
    while (before[shared] && before[shared] == path[shared])
        shared++;
    for (size_t i = 1; path[i]; i++)
        if (path[i] == '/' && i >= shared)
            bad |= json_array_append_new(folders, kith_qdrant_folder(path, i));
    return bad;
}

json_t *kith_qdrant_payload(const kith_point *point) {
    json_t *payload = kith_point_json(point), *folders = json_array();
    int bad = !payload || !folders;
    for (size_t i = 0; !bad && i < point->path_count; i++)
        bad = append_folders(folders, point->paths[i], i > 0 ? point->paths[i - 1] : "");
    if (!bad && json_object_set(payload, "folders", folders) == 0) {
        json_decref(folders);
        return payload;
    }
    json_decref(folders);
    json_decref(payload);
    return NULL;
}

bool kith_qdrant_name_of(char out[KITH_QDRANT_NAME_SIZE], const json_t *id) {
    const char *text = json_string_value(id);
    int length = text ? snprintf(out, KITH_QDRANT_NAME_SIZE, "%s", text)
                      : snprintf(out, KITH_QDRANT_NAME_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
    return (text || json_is_integer(id)) && length > 0 && length < KITH_QDRANT_NAME_SIZE &&
           strspn(out, "0123456789abcdef-") == (size_t)length;
}

kith_status kith_qdrant_not_ours(const kith_qdrant *qdrant, const json_t *record, const char *why,
                                 kith_error *err) {
    char name[KITH_QDRANT_NAME_SIZE];
    if (!kith_qdrant_name_of(name, json_object_get(record, "id")))
        return kith_qdrant_strange(qdrant, "a point without an id", err);
    return kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                     "point %s is damaged or not of kith: %s (" KITH_DAMAGE_ADVICE ")", name, why);
}

kith_status kith_qdrant_take_point(kith_point *out, float *vector, const json_t *record, kith_error *why) {
    const char *id = json_string_value(json_object_get(record, "id"));
    kith_error cause = {0};
    *out = (kith_point){0};
    if (!id || strlen(id) != KITH_ID_SIZE - 1)
        return kith_fail(why, KITH_E_REFUSED, 0, NULL, "its id is a number, which no face has");
    kith_status status = kith_point_from_json(out, json_object_get(record, "payload"), NULL, &cause);
    if (status == KITH_E_MEMORY)
        return kith_fail_with(why, &cause);
    if (status != KITH_OK)
        return kith_fail(why, KITH_E_REFUSED, 0, NULL, "%s", cause.text);
    if (strcmp(out->id, id) != 0)
        kith_fail(&cause, KITH_E_REFUSED, 0, NULL, "its fields give the id %s", out->id);
    else if (vector && !(kith_floats_from_json(vector, KITH_DIMENSION, json_object_get(record, "vector")) &&
                         kith_is_unit(vector)))
        kith_fail(&cause, KITH_E_REFUSED, 0, NULL, "it has no vector of length 1");
    if (cause.code == KITH_OK)
        return KITH_OK;
    kith_point_clear(out);
    return kith_fail_with(why, &cause);
}

kith_status kith_qdrant_read_point(const kith_qdrant *qdrant, kith_point *out, const json_t *record,
                                   kith_error *err) {
    kith_error why = {0};
    kith_status status = kith_qdrant_take_point(out, NULL, record, &why);
    if (status == KITH_E_MEMORY)
        return kith_qdrant_no_memory(qdrant, err);
    return status == KITH_OK ? KITH_OK : kith_qdrant_not_ours(qdrant, record, why.text, err);
}
