/* SPDX-License-Identifier: MIT
 *
 * The gallery's header: names and texts in the collection's metadata (Qdrant 1.16), in the payload of one
 * reserved point before. Both merge what is written into what is there, so two writers of different fields do
 * not harm each other.
 *
 * Two may give one gallery its pipeline at the same moment, and no server compares before it writes. So each
 * first writes a claim, a field of its own, and then looks: of two, one at least sees the other's, and gives
 * up. A claim that was left behind counts for a minute.
 */
#include "proto/gallery/qdrant.h"

enum { HEADER_FORMAT = 1, CLAIM_SECONDS = 60 };
#define NOTE_PREFIX "kith_note_"
#define CLAIM_PREFIX "kith_claim_"
#define MARK "kith_gallery"

static json_t *unit_vector_json(void) {
    float vector[KITH_DIMENSION] = {1};
    return kith_floats_json(vector, KITH_DIMENSION);
}

/* The reserved point's payload, a new reference; NULL when there is no such point. */
static kith_status read_point(kith_qdrant *qdrant, json_t **out, kith_error *err) {
    json_t *records = NULL;
    json_t *body =
        json_pack("{s:[s], s:b, s:b}", "ids", KITH_QDRANT_HEADER_ID, "with_payload", 1, "with_vector", 0);
    kith_status status = kith_qdrant_ask(qdrant, "POST", "/points", body, &records, err);
    *out = json_incref(json_object_get(json_array_get(records, 0), "payload"));
    json_decref(records);
    return status;
}

static bool is_header(const json_t *fields) {
    return json_object_get(fields, "kith_format") != NULL;
}

kith_status kith_qdrant_header_find(kith_qdrant *qdrant, const json_t *info, bool *found, kith_error *err) {
    json_t *point = NULL;
    const json_t *metadata = json_object_get(json_object_get(info, "config"), "metadata");
    qdrant->header_in_point = false;
    *found = is_header(metadata);
    if (*found)
        return KITH_OK;
    kith_status status = read_point(qdrant, &point, err);
    *found = is_header(point);
    qdrant->header_in_point = *found || !qdrant->has_metadata;
    json_decref(point);
    return status;
}

/* All fields, a new reference; an empty object when there are none yet. */
static kith_status read_header(kith_qdrant *qdrant, json_t **out, kith_error *err) {
    json_t *info = NULL;
    kith_status status;
    if (qdrant->header_in_point) {
        status = read_point(qdrant, out, err);
    } else {
        status = kith_qdrant_collection_info(qdrant, &info, err);
        *out = json_incref(json_object_get(json_object_get(info, "config"), "metadata"));
        json_decref(info);
    }
    if (status == KITH_OK && !json_is_object(*out)) {
        json_decref(*out);
        if (!(*out = json_object()))
            status = kith_qdrant_no_memory(qdrant, err);
    }
    return status;
}

/* Adds fields (a reference that is taken) to the header; a field that is null goes. */
static kith_status write_header(kith_qdrant *qdrant, json_t *fields, kith_error *err) {
    if (!fields || json_object_set_new(fields, "kith_format", json_integer(HEADER_FORMAT)) != 0) {
        json_decref(fields);
        return kith_qdrant_no_memory(qdrant, err);
    }
    if (!qdrant->header_in_point)
        return kith_qdrant_ask(qdrant, "PATCH", "", json_pack("{s:o}", "metadata", fields), NULL, err);
    json_t *old = NULL;
    kith_status status = read_point(qdrant, &old, err);
    if (status == KITH_OK && old)
        status = kith_qdrant_write(
            qdrant, "POST", "/points/payload?wait=true",
            json_pack("{s:O, s:[s]}", "payload", fields, "points", KITH_QDRANT_HEADER_ID), err);
    else if (status == KITH_OK)
        status = kith_qdrant_write(qdrant, "PUT", "/points?wait=true",
                                   json_pack("{s:[{s:s, s:o, s:O}]}", "points", "id", KITH_QDRANT_HEADER_ID,
                                             "vector", unit_vector_json(), "payload", fields),
                                   err);
    json_decref(old);
    json_decref(fields);
    return status;
}

static bool take_text(char *out, size_t size, const json_t *fields, const char *name) {
    const char *text = json_string_value(json_object_get(fields, name));
    return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static kith_status parse_identity(const kith_qdrant *qdrant, kith_identity *out, const json_t *fields,
                                  kith_error *err) {
    const json_t *canary = json_object_get(fields, "kith_canary");
    json_int_t format = json_integer_value(json_object_get(fields, "kith_format"));
    *out = (kith_identity){0};
    if (format > HEADER_FORMAT)
        return kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                         "made by a newer version of kith (update it)");
    if (!json_object_get(fields, "kith_pipeline"))
        return KITH_OK;
    out->has_canary = json_is_array(canary);
    if (take_text(out->pipeline, sizeof out->pipeline, fields, "kith_pipeline") &&
        take_text(out->network, sizeof out->network, fields, "kith_network") &&
        take_text(out->detector, sizeof out->detector, fields, "kith_detector") &&
        (!out->has_canary || kith_floats_from_json(out->canary, KITH_DIMENSION, canary)))
        return KITH_OK;
    return kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                     "the gallery's header there is damaged (its fields begin with kith_)");
}

kith_status kith_qdrant_identity(kith_gallery *gallery, kith_identity *out, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *fields = NULL;
    if (qdrant->known.pipeline[0]) {
        *out = qdrant->known;
        return KITH_OK;
    }
    kith_status status = read_header(qdrant, &fields, err);
    if (status == KITH_OK)
        status = parse_identity(qdrant, out, fields, err);
    if (status == KITH_OK && out->has_canary)
        qdrant->known = *out;
    json_decref(fields);
    return status;
}

json_t *kith_qdrant_header_new(void) {
    char mark[KITH_ID_SIZE];
    kith_run_id(mark);
    return json_pack("{s:i, s:s}", "kith_format", HEADER_FORMAT, MARK, mark);
}

kith_status kith_qdrant_header_begin(kith_qdrant *qdrant, kith_error *err) {
    if (qdrant->has_metadata)
        return KITH_OK;
    qdrant->header_in_point = true;
    return write_header(qdrant, kith_qdrant_header_new(), err);
}

/* A collection that was made by hand gets its mark here. */
kith_status kith_qdrant_mark(kith_qdrant *qdrant, char **out, kith_error *err) {
    json_t *fields = NULL;
    kith_status status = read_header(qdrant, &fields, err);
    if (status == KITH_OK && !json_object_get(fields, MARK) && qdrant->base.writable) {
        json_decref(fields);
        fields = NULL;
        status = write_header(qdrant, kith_qdrant_header_new(), err);
        if (status == KITH_OK)
            status = read_header(qdrant, &fields, err);
    }
    const char *mark = json_string_value(json_object_get(fields, MARK));
    *out = mark ? strdup(mark) : NULL;
    if (mark && !*out)
        status = kith_qdrant_no_memory(qdrant, err);
    json_decref(fields);
    return status;
}

/* Whether the own claim is the only one. */
static bool is_alone(const json_t *fields, const char *own) {
    const char *key;
    json_t *value;
    json_int_t now = time(NULL);
    json_object_foreach((json_t *)(uintptr_t)fields, key, value) {
        json_int_t age = now - json_integer_value(value);
        if (strncmp(key, CLAIM_PREFIX, sizeof CLAIM_PREFIX - 1) == 0 && strcmp(key, own) != 0 &&
            age < CLAIM_SECONDS && age > -CLAIM_SECONDS)
            return false;
    }
    return json_object_get(fields, own) != NULL;
}

/* Claims the new gallery: *stored stays without a pipeline when it is ours to give one. */
static kith_status claim(kith_qdrant *qdrant, kith_identity *stored, const char *own, kith_error *err) {
    json_t *fields = NULL;
    kith_status status = write_header(qdrant, json_pack("{s:I}", own, (json_int_t)time(NULL)), err);
    if (status == KITH_OK)
        status = read_header(qdrant, &fields, err);
    if (status == KITH_OK)
        status = parse_identity(qdrant, stored, fields, err);
    if (status == KITH_OK && !stored->pipeline[0] && !is_alone(fields, own))
        status = kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                           "another program makes this gallery at this moment, by another pipeline (run it "
                           "again when it is clear by which)");
    json_decref(fields);
    if (status != KITH_OK || stored->pipeline[0]) /* what is left of it ends by itself */
        write_header(qdrant, json_pack("{s:n}", own), NULL);
    return status;
}

kith_status kith_qdrant_adopt(kith_gallery *gallery, const kith_identity *identity, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    char own[sizeof CLAIM_PREFIX + KITH_PIPELINE_SIZE];
    json_t *fields = NULL;
    kith_identity stored;
    snprintf(own, sizeof own, CLAIM_PREFIX "%s", identity->pipeline);
    kith_status status = kith_qdrant_may_write(qdrant, err);
    if (status == KITH_OK)
        status = read_header(qdrant, &fields, err);
    if (status == KITH_OK)
        status = parse_identity(qdrant, &stored, fields, err);
    json_decref(fields);
    if (status == KITH_OK && !stored.pipeline[0])
        status = claim(qdrant, &stored, own, err);
    if (status != KITH_OK)
        return status;
    bool other = stored.pipeline[0] && strcmp(stored.pipeline, identity->pipeline) != 0;
    if (other || (stored.pipeline[0] && (stored.has_canary || !identity->has_canary)))
        return KITH_OK;
    fields = json_pack("{s:s, s:s, s:s, s:n}", "kith_pipeline", identity->pipeline, "kith_network",
                       identity->network, "kith_detector", identity->detector, own);
    if (identity->has_canary &&
        json_object_set_new(fields, "kith_canary", kith_floats_json(identity->canary, KITH_DIMENSION)) != 0) {
        json_decref(fields);
        return kith_qdrant_no_memory(qdrant, err);
    }
    return write_header(qdrant, fields, err);
}

static char *note_key(const char *name) {
    char *key = NULL;
    return asprintf(&key, NOTE_PREFIX "%s", name) < 0 ? NULL : key;
}

kith_status kith_qdrant_note(kith_gallery *gallery, const char *name, char **out, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *fields = NULL;
    char *key = note_key(name);
    kith_status status = key ? read_header(qdrant, &fields, err) : kith_qdrant_no_memory(qdrant, err);
    const char *text = status == KITH_OK ? json_string_value(json_object_get(fields, key)) : NULL;
    if (text && !(*out = strdup(text)))
        status = kith_qdrant_no_memory(qdrant, err);
    json_decref(fields);
    free(key);
    return status;
}

kith_status kith_qdrant_set_note(kith_gallery *gallery, const char *name, const char *text, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    char *key = note_key(name);
    kith_status status = kith_qdrant_may_write(qdrant, err);
    if (status == KITH_OK)
        status = write_header(qdrant, key ? json_pack("{s:s?}", key, text) : NULL, err);
    free(key);
    return status;
}

kith_status kith_qdrant_notes(kith_gallery *gallery, kith_note_visit visit, void *context, kith_error *err) {
    static const size_t prefix = sizeof NOTE_PREFIX - 1;
    json_t *fields = NULL;
    kith_status status = read_header(kith_qdrant_of(gallery), &fields, err);
    for (void *at = json_object_iter(fields); at && status == KITH_OK;
         at = json_object_iter_next(fields, at)) {
        const char *key = json_object_iter_key(at);
        const char *text = json_string_value(json_object_iter_value(at));
        if (text && strncmp(key, NOTE_PREFIX, prefix) == 0)
            status = visit(context, key + prefix, text, err);
    }
    json_decref(fields);
    return status;
}
