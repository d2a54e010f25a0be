/* SPDX-License-Identifier: MIT */
#include "proto/gallery/qdrant.h"

/* Points of a page; of 64 MB, that leaves 128 KB for each. */
enum { PAGE = 500 };

/* What an upload encodes. */
struct faces {
    const kith_point *points;
    const float *vectors;
};

static bool append_literal(kith_buffer *out, const char *text) {
    return kith_buffer_append(out, text, strlen(text));
}

static bool append_face(kith_buffer *out, const void *context, size_t item) {
    const struct faces *faces = context;
    return kith_qdrant_append_face(out, &faces->points[item], faces->vectors + item * KITH_DIMENSION);
}

/* By a filter, which skips an id that does not exist; a list of ids would be refused for it. */
static bool append_change(kith_buffer *out, const void *context, size_t item) {
    const struct faces *faces = context;
    return append_literal(out, "{\"overwrite_payload\":{\"payload\":") &&
           kith_qdrant_append_payload(out, &faces->points[item]) &&
           append_literal(out, ",\"filter\":{\"must\":[{\"has_id\":[\"") &&
           append_literal(out, faces->points[item].id) && append_literal(out, "\"]}]}}}");
}

static const kith_point *point_of(const void *context, size_t item) {
    return &((const struct faces *)context)->points[item];
}

kith_status kith_qdrant_put(kith_gallery *gallery, const kith_point *points, const float *vectors,
                            size_t count, kith_error *err) {
    struct faces faces = {points, vectors};
    kith_upload upload = {.method = "PUT",
                          .path = "/points?wait=true",
                          .before = "{\"points\":[",
                          .after = "]}",
                          .append = append_face,
                          .point = point_of,
                          .context = &faces,
                          .count = count};
    kith_status status = kith_qdrant_may_write(kith_qdrant_of(gallery), err);
    return status == KITH_OK ? kith_qdrant_upload(kith_qdrant_of(gallery), &upload, err) : status;
}

kith_status kith_qdrant_update(kith_gallery *gallery, const kith_point *points, size_t count,
                               kith_error *err) {
    struct faces faces = {points, NULL};
    kith_upload upload = {.method = "POST",
                          .path = "/points/batch?wait=true",
                          .before = "{\"operations\":[",
                          .after = "]}",
                          .append = append_change,
                          .point = point_of,
                          .context = &faces,
                          .count = count};
    kith_status status = kith_qdrant_may_write(kith_qdrant_of(gallery), err);
    return status == KITH_OK ? kith_qdrant_upload(kith_qdrant_of(gallery), &upload, err) : status;
}

/* *out: the points that a filter (NULL: none) meets. */
static kith_status count_points(kith_qdrant *qdrant, const json_t *filter, uint64_t *out, kith_error *err) {
    json_t *result = NULL, *body = json_pack("{s:b}", "exact", 1);
    if (filter && json_object_set(body, "filter", (json_t *)(uintptr_t)filter) != 0) {
        json_decref(body);
        return kith_qdrant_no_memory(qdrant, err);
    }
    kith_status status = kith_qdrant_ask(qdrant, "POST", "/points/count", body, &result, err);
    const json_t *count = json_object_get(result, "count");
    if (status == KITH_OK && !(json_is_integer(count) && json_integer_value(count) >= 0))
        status = kith_qdrant_strange(qdrant, "a count without a number", err);
    if (status == KITH_OK)
        *out = (uint64_t)json_integer_value(count);
    json_decref(result);
    return status;
}

kith_status kith_qdrant_count(kith_gallery *gallery, const kith_filter *filter, uint64_t *out,
                              kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *object = NULL;
    kith_status status = kith_qdrant_filter(qdrant, &object, filter, NULL, err);
    if (status == KITH_OK)
        status = count_points(qdrant, object, out, err);
    json_decref(object);
    return status;
}

/* The filter's object for a change, which must have one; an empty one means every point. */
static kith_status filter_of_change(kith_qdrant *qdrant, json_t **out, const kith_filter *filter,
                                    kith_error *err) {
    kith_status status = kith_qdrant_may_write(qdrant, err);
    if (status == KITH_OK)
        status = kith_qdrant_filter(qdrant, out, filter, NULL, err);
    if (status == KITH_OK && !*out && !(*out = json_object()))
        status = kith_qdrant_no_memory(qdrant, err);
    return status;
}

kith_status kith_qdrant_name(kith_gallery *gallery, const kith_filter *filter, const char *person,
                             uint64_t *changed, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *object = NULL;
    *changed = 0;
    kith_status status = filter_of_change(qdrant, &object, filter, err);
    if (status == KITH_OK)
        status = count_points(qdrant, object, changed, err);
    if (status == KITH_OK && *changed > 0)
        status = person
                     ? kith_qdrant_write(
                           qdrant, "POST", "/points/payload?wait=true",
                           json_pack("{s:{s:s}, s:O}", "payload", "person", person, "filter", object), err)
                     : kith_qdrant_write(qdrant, "POST", "/points/payload/delete?wait=true",
                                         json_pack("{s:[s], s:O}", "keys", "person", "filter", object), err);
    json_decref(object);
    return status;
}

kith_status kith_qdrant_remove(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                               kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *object = NULL;
    uint64_t left = 0;
    *removed = 0;
    kith_status status = filter_of_change(qdrant, &object, filter, err);
    if (status == KITH_OK)
        status = count_points(qdrant, object, removed, err);
    if (status == KITH_OK && *removed > 0) {
        status = kith_qdrant_write(qdrant, "POST", "/points/delete?wait=true",
                                   json_pack("{s:O}", "filter", object), err);
        if (status == KITH_OK)
            status = count_points(qdrant, object, &left, err);
        if (status == KITH_OK && left > 0)
            status = kith_fail(err, KITH_E_SERVER, 0, qdrant->where,
                               "%llu faces are still there after their removal (run the same command again)",
                               (unsigned long long)left);
    }
    json_decref(object);
    return status;
}

/* What a page of points is visited with. */
struct walk {
    kith_qdrant *qdrant;
    bool with_vectors;
    kith_point_visit visit;
    kith_damage_visit damaged;
    void *context;
};

static kith_status visit_record(void *context, const json_t *record, kith_error *err) {
    const struct walk *walk = context;
    char name[KITH_QDRANT_NAME_SIZE];
    float room[KITH_DIMENSION], *vector = walk->with_vectors ? room : NULL;
    kith_point point = {0};
    kith_error why = {0};
    kith_status status = kith_qdrant_take_point(&point, vector, record, &why);
    const json_t *payload = json_object_get(record, "payload");
    if (status == KITH_E_MEMORY)
        return kith_qdrant_no_memory(walk->qdrant, err);
    if (status == KITH_OK)
        status = walk->visit(walk->context, &point, vector, err);
    else if (walk->damaged && kith_qdrant_name_of(name, json_object_get(record, "id")))
        status = walk->damaged(
            walk->context,
            &(kith_damage){name, json_string_value(json_object_get(payload, "person")), why.text}, err);
    else
        status = kith_qdrant_not_ours(walk->qdrant, record, why.text, err);
    kith_point_clear(&point);
    return status;
}

static kith_status visit_page(kith_qdrant *qdrant, const json_t *page, kith_qdrant_visit visit, void *context,
                              kith_error *err) {
    const json_t *records = json_object_get(page, "points");
    kith_status status = KITH_OK;
    if (!json_is_array(records))
        return kith_qdrant_strange(qdrant, "a page without points", err);
    for (size_t i = 0; i < json_array_size(records) && status == KITH_OK; i++)
        status = visit(context, json_array_get(records, i), err);
    return status;
}

/* An id as a request has it: a UUID in quotes, a number without, which may be too large for a json_t. */
static const char *quote_of(const char *name) {
    return name[strspn(name, "0123456789")] ? "\"" : "";
}

/* The text of a scroll's body, from a point on; NULL: no memory. */
static char *text_of_scroll(const json_t *body, const char *from) {
    char *text = json_dumps(body, JSON_COMPACT), *whole = NULL;
    if (!text || !from[0])
        return text;
    if (asprintf(&whole, "%.*s,\"offset\":%s%s%s}", (int)strlen(text) - 1, text, quote_of(from), from,
                 quote_of(from)) < 0)
        whole = NULL;
    free(text);
    return whole;
}

kith_status kith_qdrant_scroll(kith_qdrant *qdrant, json_t *body, kith_qdrant_visit visit, void *context,
                               kith_error *err) {
    kith_status status = body ? KITH_OK : kith_qdrant_no_memory(qdrant, err);
    char from[KITH_QDRANT_NAME_SIZE] = "";
    bool more = body != NULL;
    qdrant->walks++;
    while (more && status == KITH_OK) {
        json_t *page = NULL;
        status = kith_qdrant_send(qdrant, "/points/scroll", text_of_scroll(body, from), false, &page, err);
        if (status == KITH_OK)
            status = visit_page(qdrant, page, visit, context, err);
        const json_t *next = json_object_get(page, "next_page_offset");
        more = next && !json_is_null(next);
        if (status == KITH_OK && more && !kith_qdrant_name_of(from, next))
            status = kith_qdrant_strange(qdrant, "a page that goes on nowhere", err);
        json_decref(page);
    }
    qdrant->walks--;
    json_decref(body);
    return status;
}

/* A scroll comes in the order of ids. */
kith_status kith_qdrant_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                             kith_point_visit visit, kith_damage_visit damaged, void *context,
                             kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    struct walk walk = {qdrant, with_vectors, visit, damaged, context};
    json_t *object = NULL;
    kith_status status = kith_qdrant_filter(qdrant, &object, filter, NULL, err);
    if (status != KITH_OK)
        return status;
    json_t *body = json_pack("{s:i, s:b, s:b, s:o*}", "limit", PAGE, "with_payload", 1, "with_vector",
                             (int)with_vectors, "filter", object);
    return kith_qdrant_scroll(qdrant, body, visit_record, &walk, err);
}

/* The text of a request to delete points; NULL: no memory. */
static char *text_of_deletion(const char *const *names, size_t count) {
    kith_buffer text = {0};
    bool good = append_literal(&text, "{\"points\":[");
    for (size_t i = 0; i < count && good; i++)
        good = append_literal(&text, i > 0 ? "," : "") && append_literal(&text, quote_of(names[i])) &&
               append_literal(&text, names[i]) && append_literal(&text, quote_of(names[i]));
    if (good && append_literal(&text, "]}") && kith_buffer_append(&text, "", 1))
        return text.bytes;
    free(text.bytes);
    return NULL;
}

kith_status kith_qdrant_discard(kith_gallery *gallery, const char *const *names, size_t count,
                                kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    kith_status status = kith_qdrant_may_write(qdrant, err);
    for (size_t i = 0; i < count && status == KITH_OK; i += PAGE)
        status = kith_qdrant_send(qdrant, "/points/delete?wait=true",
                                  text_of_deletion(names + i, count - i < PAGE ? count - i : PAGE), true,
                                  NULL, err);
    return status;
}
