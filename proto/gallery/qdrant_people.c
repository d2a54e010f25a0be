/* SPDX-License-Identifier: MIT
 *
 * Names and their counts, by facets: one for all names, one for the photos of each person with several faces.
 */
#include "proto/gallery/qdrant.h"

enum { FIRST_VALUES = 1000, VALUES_MOST = 1 << 26 };

/* All values of a field and their counts. A facet gives the most frequent ones up to its limit: fewer than
 * that are all.
 */
static kith_status facet(kith_qdrant *qdrant, const char *key, const json_t *filter, size_t limit,
                         json_t **out, kith_error *err) {
    for (;; limit *= 10) {
        json_t *result = NULL;
        json_t *body = json_pack("{s:s, s:I, s:b, s:O*}", "key", key, "limit", (json_int_t)limit, "exact", 1,
                                 "filter", filter);
        kith_status status = kith_qdrant_ask(qdrant, "POST", "/facet", body, &result, err);
        *out = json_incref(json_object_get(result, "hits"));
        json_decref(result);
        if (status != KITH_OK || (json_is_array(*out) && json_array_size(*out) < limit))
            return status;
        bool strange = !json_is_array(*out) || limit > VALUES_MOST;
        json_decref(*out);
        *out = NULL;
        if (strange)
            return kith_qdrant_strange(qdrant, "names that are no list", err);
    }
}

/* One face is one photo. */
static kith_status count_photos(kith_qdrant *qdrant, kith_person *person, kith_error *err) {
    json_t *hits = NULL, *filter = NULL;
    person->photos = person->faces;
    if (person->faces < 2)
        return KITH_OK;
    kith_filter named = {0};
    kith_status status = kith_filter_text(&named, KITH_FIELD_PERSON, KITH_EQUAL, person->name, err);
    if (status == KITH_OK)
        status = kith_qdrant_filter(qdrant, &filter, &named, NULL, err);
    if (status == KITH_OK)
        status = facet(qdrant, "sha256", filter, (size_t)person->faces + 1, &hits, err);
    if (status == KITH_OK)
        person->photos = json_array_size(hits);
    json_decref(hits);
    json_decref(filter);
    return status;
}

static int order(const void *a, const void *b) {
    return strcmp(((const kith_person *)a)->name, ((const kith_person *)b)->name);
}

static kith_status read_people(kith_qdrant *qdrant, kith_people *out, const json_t *hits, kith_error *err) {
    size_t count = json_array_size(hits);
    if (count > 0 && !(out->items = calloc(count, sizeof *out->items)))
        return kith_qdrant_no_memory(qdrant, err);
    for (size_t i = 0; i < count; i++) {
        const json_t *hit = json_array_get(hits, i), *faces = json_object_get(hit, "count");
        const char *name = json_string_value(json_object_get(hit, "value"));
        if (!name || !json_is_integer(faces) || json_integer_value(faces) < 0)
            return kith_qdrant_strange(qdrant, "a name that is no text", err);
        if (!(out->items[i].name = strdup(name)))
            return kith_qdrant_no_memory(qdrant, err);
        out->items[i].faces = (uint64_t)json_integer_value(faces);
        out->count++;
    }
    if (count > 1)
        qsort(out->items, count, sizeof *out->items, order);
    return KITH_OK;
}

kith_status kith_qdrant_people(kith_gallery *gallery, kith_people *out, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *hits = NULL;
    kith_status status = facet(qdrant, "person", NULL, FIRST_VALUES, &hits, err);
    if (status == KITH_OK)
        status = read_people(qdrant, out, hits, err);
    json_decref(hits);
    for (size_t i = 0; i < out->count && status == KITH_OK; i++)
        status = count_photos(qdrant, &out->items[i], err);
    return status;
}
