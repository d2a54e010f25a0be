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

/* Somebody else's point, or one that was changed by hand. Without it the gallery is as before, and verify
 * finds which photo lacks a face.
 */
static kith_status not_ours(const kith_qdrant *qdrant, const char *id, const char *why, kith_error *err) {
    return kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                     "the face %s there is damaged or not of kith: %s (delete that point on the server, then "
                     "kith-index verify --repair)",
                     id, why);
}

kith_status kith_qdrant_read_point(const kith_qdrant *qdrant, kith_point *out, const json_t *record,
                                   kith_error *err) {
    kith_error cause = {0};
    const char *id = json_string_value(json_object_get(record, "id"));
    *out = (kith_point){0};
    if (!id) {
        char number[32];
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(json_object_get(record, "id")));
        return not_ours(qdrant, number, "its id is no UUID", err);
    }
    if (kith_point_from_json(out, json_object_get(record, "payload"), qdrant->where, &cause) != KITH_OK) {
        if (cause.code == KITH_E_MEMORY)
            return kith_qdrant_no_memory(qdrant, err);
        return not_ours(qdrant, id, cause.text, err);
    }
    if (strcmp(out->id, id) == 0)
        return KITH_OK;
    not_ours(qdrant, id, "its fields give another id", err);
    kith_point_clear(out);
    return KITH_E_REFUSED;
}

kith_status kith_qdrant_read_vector(const kith_qdrant *qdrant, float *out, const json_t *record,
                                    kith_error *err) {
    if (kith_floats_from_json(out, KITH_DIMENSION, json_object_get(record, "vector")) && kith_is_unit(out))
        return KITH_OK;
    const char *id = json_string_value(json_object_get(record, "id"));
    return not_ours(qdrant, id ? id : "without an id", "its vector is none of length 1", err);
}
