/* SPDX-License-Identifier: MIT */
#include "proto/calibration.h"

#include <stdlib.h>
#include <string.h>

#define NOTE "calibration"

static uint64_t number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) && json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
}

static kith_status read_margin(double *out, const json_t *object, const char *where, const char *what,
                               kith_error *err) {
    const json_t *margin = json_object_get(object, "margin");
    *out = json_is_number(margin) ? json_number_value(margin) : KITH_MARGIN;
    if (!(*out >= 0 && *out <= 2))
        return kith_fail(err, KITH_E_REFUSED, 0, where, "its %s has a margin outside of 0..2", what);
    return KITH_OK;
}

/* A complete time, or "". */
static void read_time(char out[KITH_TIME_SIZE], const json_t *object) {
    const char *made = json_string_value(json_object_get(object, "made"));
    snprintf(out, KITH_TIME_SIZE, "%s", made && kith_time_complete(made) ? made : "");
}

static kith_status load(json_t **out, const char *text, const char *where, const char *what,
                        kith_error *err) {
    json_error_t problem;
    *out = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    if (json_is_object(*out))
        return KITH_OK;
    return kith_fail(err, KITH_E_REFUSED, 0, where, "its %s is no JSON object%s%s", what, *out ? "" : ": ",
                     *out ? "" : problem.text);
}

/* Not 0: no memory. */
static int put_number(json_t *object, const char *key, uint64_t value) {
    return value > 0 ? json_object_set_new(object, key, json_integer((json_int_t)value)) : 0;
}

static int put_text(json_t *object, const char *key, const char *value) {
    return value[0] ? json_object_set_new(object, key, json_string(value)) : 0;
}

static json_t *unless(int bad, json_t *object) {
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

/* ---- of a network ---- */

kith_status kith_calibration_parse(kith_calibration *out, const char *text, const char *where,
                                   kith_error *err) {
    static const char *const what = "kith.calibration";
    json_t *json;
    *out = (kith_calibration){0};
    kith_status status = load(&json, text, where, what, err);
    if (status == KITH_OK)
        status = kith_rate_table_read(&out->table, json, "fmr", where, what, err);
    if (status == KITH_OK)
        status = read_margin(&out->margin, json, where, what, err);
    if (status == KITH_OK) {
        const char *data = json_string_value(json_object_get(json, "data"));
        kith_printable(out->data, sizeof out->data, data ? data : "", SIZE_MAX);
        out->persons = number(json, "persons");
        out->faces = number(json, "faces");
        out->pairs = number(json, "pairs");
        read_time(out->made, json);
    }
    json_decref(json);
    return status;
}

json_t *kith_calibration_json(const kith_calibration *c) {
    json_t *object = json_object();
    int bad = put_text(object, "data", c->data) | put_text(object, "made", c->made);
    bad |= put_number(object, "persons", c->persons) | put_number(object, "faces", c->faces);
    bad |= put_number(object, "pairs", c->pairs) | kith_rate_table_members(object, "fmr", &c->table);
    bad |= json_object_set_new(object, "margin", json_real(c->margin));
    return unless(bad, object);
}

/* ---- of a gallery ---- */

static kith_status read_gallery(kith_gallery_calibration *out, const char *text, const char *where,
                                kith_error *err) {
    static const char *const what = "calibration";
    json_t *json;
    const json_t *compared;
    kith_status status = load(&json, text, where, what, err);
    for (int i = 0; i < KITH_SCORINGS && status == KITH_OK; i++) {
        const json_t *part = json_object_get(json, kith_scoring_names[i]);
        status = kith_rate_table_read(&out->tables[i], part, "fpir", where, what, err);
        if (status == KITH_OK)
            status = read_margin(&out->margins[i], part, where, what, err);
    }
    if (status == KITH_OK) {
        out->faces = number(json, "faces");
        out->persons = number(json, "persons");
        compared = json_object_get(json, "compared");
        out->compared = json_is_number(compared) ? json_number_value(compared) : 0;
        read_time(out->made, json);
        if (out->faces == 0 || out->persons == 0 || !(out->compared >= 1) || !out->made[0])
            status = kith_fail(err, KITH_E_REFUSED, 0, where,
                               "its calibration does not say of what it was made (kith-index calibrate)");
    }
    json_decref(json);
    return status;
}

kith_status kith_gallery_calibration_read(kith_gallery_calibration *out, bool *found, kith_gallery *gallery,
                                          kith_error *err) {
    char *text = NULL;
    *out = (kith_gallery_calibration){0};
    kith_status status = kith_gallery_note(gallery, NOTE, &text, err);
    *found = text != NULL;
    if (status == KITH_OK && text)
        status = read_gallery(out, text, kith_gallery_uri(gallery), err);
    free(text);
    return status;
}

json_t *kith_gallery_calibration_json(const kith_gallery_calibration *c) {
    json_t *object = json_object();
    int bad = put_text(object, "made", c->made) | put_number(object, "faces", c->faces);
    bad |= put_number(object, "persons", c->persons);
    bad |= json_object_set_new(object, "compared", json_real(c->compared));
    for (int i = 0; i < KITH_SCORINGS; i++) {
        json_t *part = json_object();
        bad |= kith_rate_table_members(part, "fpir", &c->tables[i]);
        bad |= json_object_set_new(part, "margin", json_real(c->margins[i]));
        bad |= json_object_set_new(object, kith_scoring_names[i], part);
    }
    return unless(bad, object);
}

kith_status kith_gallery_calibration_store(kith_gallery *gallery, const kith_gallery_calibration *calibration,
                                           kith_error *err) {
    json_t *json = kith_gallery_calibration_json(calibration);
    char *text = json ? json_dumps(json, KITH_JSON_SHORT) : NULL;
    json_decref(json);
    if (!text)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a calibration");
    kith_status status = kith_gallery_set_note(gallery, NOTE, text, err);
    free(text);
    return status;
}

kith_status kith_gallery_calibration_drop(kith_gallery *gallery, kith_error *err) {
    return kith_gallery_set_note(gallery, NOTE, NULL, err);
}

bool kith_gallery_calibration_is_old(const kith_gallery_calibration *c, uint64_t faces) {
    return (double)faces >= 1.25 * (double)c->faces || (double)faces <= 0.75 * (double)c->faces;
}
