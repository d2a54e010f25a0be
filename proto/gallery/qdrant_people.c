/* SPDX-License-Identifier: MIT
 *
 * Names and their counts, by one facet. How many photos they are on is in no facet: for that the names and
 * digests of all named faces are read, in pages, if anybody has several faces. Memory: 20 bytes for each.
 */
#include "proto/array.h"
#include "proto/digest.h"
#include "proto/gallery/qdrant.h"

enum { FIRST_VALUES = 1000, VALUES_MOST = 1 << 26, PAGE = 10000 /* faces, of some 200 bytes each */ };

/* All names and their counts. A facet gives the most frequent ones up to its limit: fewer than that are all.
 */
static kith_status facet(kith_qdrant *qdrant, json_t **out, kith_error *err) {
    for (size_t limit = FIRST_VALUES;; limit *= 10) {
        json_t *result = NULL;
        json_t *body = json_pack("{s:s, s:I, s:b}", "key", "person", "limit", (json_int_t)limit, "exact", 1);
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

static int order(const void *a, const void *b) {
    return strcmp(((const kith_person *)a)->name, ((const kith_person *)b)->name);
}

/* An exact facet lists names that no face has any more, with a count of 0. */
static kith_status read_people(kith_qdrant *qdrant, kith_people *out, const json_t *hits, kith_error *err) {
    size_t count = json_array_size(hits);
    if (count > 0 && !(out->items = calloc(count, sizeof *out->items)))
        return kith_qdrant_no_memory(qdrant, err);
    for (size_t i = 0; i < count; i++) {
        const json_t *hit = json_array_get(hits, i), *faces = json_object_get(hit, "count");
        const char *name = json_string_value(json_object_get(hit, "value"));
        if (!name || !json_is_integer(faces) || json_integer_value(faces) < 0)
            return kith_qdrant_strange(qdrant, "a name that is no text", err);
        if (json_integer_value(faces) == 0)
            continue;
        kith_person *person = &out->items[out->count];
        if (!(person->name = strdup(name)))
            return kith_qdrant_no_memory(qdrant, err);
        person->faces = (uint64_t)json_integer_value(faces);
        out->count++;
    }
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, order);
    return KITH_OK;
}

/* A person on a photo: the beginning of the file's digest tells it from others. */
struct appearance {
    uint32_t person;
    unsigned char photo[16];
};

struct appearances {
    kith_qdrant *qdrant;
    const kith_people *people;
    struct appearance *items;
    size_t count, room;
};

/* A name that came after the facet is left out, as its count is. */
static kith_status note_appearance(void *context, const json_t *record, kith_error *err) {
    struct appearances *all = context;
    const json_t *payload = json_object_get(record, "payload");
    const char *sha256 = json_string_value(json_object_get(payload, "sha256"));
    kith_person asked = {.name = (char *)(uintptr_t)json_string_value(json_object_get(payload, "person"))};
    struct appearance appearance;
    unsigned char digest[32];
    if (!asked.name || !sha256 || !kith_hex_bytes(digest, sizeof digest, sha256))
        return kith_qdrant_not_ours(all->qdrant, record, "it has a person, but no digest of a photo", err);
    const kith_person *person =
        bsearch(&asked, all->people->items, all->people->count, sizeof *all->people->items, order);
    if (!person || person->faces < 2)
        return KITH_OK;
    appearance.person = (uint32_t)(person - all->people->items);
    memcpy(appearance.photo, digest, sizeof appearance.photo);
    struct appearance *items = kith_array_grow(all->items, all->count, &all->room, sizeof *items);
    if (!items)
        return kith_qdrant_no_memory(all->qdrant, err);
    all->items = items;
    items[all->count++] = appearance;
    return KITH_OK;
}

static int order_of_appearances(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct appearance));
}

static json_t *appearances_wanted(kith_qdrant *qdrant, kith_error *err) {
    json_t *filter = NULL;
    kith_filter named = {0};
    kith_status status = kith_filter_text(&named, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, err);
    if (status == KITH_OK)
        status = kith_qdrant_filter(qdrant, &filter, &named, NULL, err);
    return status == KITH_OK ? json_pack("{s:i, s:[s, s], s:b, s:o}", "limit", PAGE, "with_payload", "person",
                                         "sha256", "with_vector", 0, "filter", filter)
                             : NULL;
}

/* The photos of those who have several faces; one face is one photo. */
static kith_status count_photos(kith_qdrant *qdrant, kith_people *people, kith_error *err) {
    struct appearances all = {.qdrant = qdrant, .people = people};
    bool several = false;
    for (size_t i = 0; i < people->count; i++) {
        several = several || people->items[i].faces > 1;
        people->items[i].photos = people->items[i].faces > 1 ? 0 : people->items[i].faces;
    }
    if (!several)
        return KITH_OK;
    kith_status status =
        kith_qdrant_scroll(qdrant, appearances_wanted(qdrant, err), note_appearance, &all, err);
    if (status == KITH_OK && all.count > 0)
        qsort(all.items, all.count, sizeof *all.items, order_of_appearances);
    for (size_t i = 0; i < all.count; i++)
        if (i == 0 || order_of_appearances(&all.items[i - 1], &all.items[i]) != 0)
            people->items[all.items[i].person].photos++;
    free(all.items);
    return status;
}

kith_status kith_qdrant_people(kith_gallery *gallery, kith_people *out, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *hits = NULL;
    kith_status status = facet(qdrant, &hits, err);
    if (status == KITH_OK)
        status = read_people(qdrant, out, hits, err);
    json_decref(hits);
    return status == KITH_OK ? count_photos(qdrant, out, err) : status;
}
