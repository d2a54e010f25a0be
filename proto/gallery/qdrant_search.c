/* SPDX-License-Identifier: MIT
 *
 * Nearest faces and persons. `exact` makes the server compare with every vector, so that the answers are
 * those of a gallery in a file; in a quantized collection it compares bytes first and scores the best again,
 * which may miss a face. The server puts equal scores in no order: they are sorted here, and a cut between
 * equals is asked for again with more room.
 */
#include <math.h>

#include "proto/gallery/qdrant.h"

enum {
    SPARE = 16, /* hits asked for beyond the limit */
    WITH_POINTS =
        1000, /* hits that come with their points at once; of more, the points are fetched in pages */
    BATCH_HITS = 10000, /* faces that are asked for in one request, of several persons */
    HIT_BYTES = 256,    /* of a hit without its point, and more */
    HNSW_EF = 256,      /* breadth of a search that is not exact */
};

static json_t *search_params(const kith_qdrant *qdrant) {
    if (!qdrant->quantized)
        return json_pack("{s:b}", "exact", 1);
    return json_pack("{s:i, s:{s:b, s:f}}", "hnsw_ef", HNSW_EF, "quantization", "rescore", 1, "oversampling",
                     2.0);
}

static json_t *query_body(const kith_qdrant *qdrant, const float *probe, const json_t *filter, size_t limit,
                          bool with_points) {
    return json_pack("{s:o, s:O*, s:o, s:I, s:b}", "query", kith_floats_json(probe, KITH_DIMENSION), "filter",
                     filter, "params", search_params(qdrant), "limit", (json_int_t)limit, "with_payload",
                     (int)with_points);
}

static int order(const void *a, const void *b) {
    const kith_hit *one = a, *other = b;
    if (one->score != other->score)
        return one->score > other->score ? -1 : 1;
    return strcmp(one->point.id, other->point.id);
}

/* A score that is none is never a weak one (qdrant#9201, #2530). */
static kith_status read_score(const kith_qdrant *qdrant, float *out, const json_t *hit, kith_error *err) {
    const json_t *score = json_object_get(hit, "score");
    *out = (float)json_number_value(score);
    if (json_is_number(score) && fabsf(*out) <= 1.001F)
        return KITH_OK;
    return kith_qdrant_strange(qdrant, "a face whose score is no cosine", err);
}

/* Hits of one answer; without their points, only the ids are filled. */
static kith_status read_hits(const kith_qdrant *qdrant, kith_hits *out, const json_t *points,
                             bool with_points, kith_error *err) {
    size_t count = json_array_size(points);
    kith_status status = KITH_OK;
    if (!json_is_array(points))
        return kith_qdrant_strange(qdrant, "an answer without points", err);
    if (count > 0 && !(out->items = calloc(count, sizeof *out->items)))
        return kith_qdrant_no_memory(qdrant, err);
    for (; status == KITH_OK && out->count < count; out->count++) {
        kith_hit *hit = &out->items[out->count];
        const json_t *item = json_array_get(points, out->count);
        const char *id = json_string_value(json_object_get(item, "id"));
        status = read_score(qdrant, &hit->score, item, err);
        if (status == KITH_OK && with_points)
            status = kith_qdrant_read_point(qdrant, &hit->point, item, err);
        else if (status == KITH_OK && (!id || strlen(id) != KITH_ID_SIZE - 1))
            status = kith_qdrant_not_ours(qdrant, item, "its id is a number, which no face has", err);
        else if (status == KITH_OK)
            memcpy(hit->point.id, id, KITH_ID_SIZE);
    }
    if (status == KITH_OK && count > 1)
        qsort(out->items, count, sizeof *out->items, order);
    return status;
}

static void cut(kith_hits *hits, size_t limit) {
    for (; hits->count > limit; hits->count--)
        kith_point_clear(&hits->items[hits->count - 1].point);
}

/* True when faces that were not asked for may have the same score as the last that counts. */
static bool is_cut_between_equals(const kith_hits *hits, size_t limit, size_t asked) {
    return hits->count == asked && hits->count > limit &&
           hits->items[hits->count - 1].score == hits->items[limit - 1].score;
}

static kith_status query(kith_qdrant *qdrant, const float *probe, const json_t *filter, size_t asked,
                         bool with_points, kith_hits *out, kith_error *err) {
    json_t *result = NULL;
    json_t *body = query_body(qdrant, probe, filter, asked, with_points);
    kith_status status = with_points ? kith_qdrant_ask(qdrant, "POST", "/points/query", body, &result, err)
                                     : kith_qdrant_ask_much(qdrant, "/points/query", body,
                                                            (asked + 1000) * HIT_BYTES, &result, err);
    if (status == KITH_OK)
        status = read_hits(qdrant, out, json_object_get(result, "points"), with_points, err);
    json_decref(result);
    if (status != KITH_OK)
        kith_hits_clear(out);
    return status;
}

/* Puts the points of a page's records where their ids are among the hits first to last. */
static kith_status place_points(const kith_qdrant *qdrant, kith_hits *hits, size_t first, size_t last,
                                const json_t *records, kith_error *err) {
    for (size_t i = 0; i < json_array_size(records); i++) {
        kith_point point;
        kith_status status = kith_qdrant_read_point(qdrant, &point, json_array_get(records, i), err);
        if (status != KITH_OK)
            return status;
        size_t at = first;
        while (at < last && strcmp(hits->items[at].point.id, point.id) != 0)
            at++;
        if (at < last && hits->items[at].point.path_count == 0)
            hits->items[at].point = point;
        else
            kith_point_clear(&point);
    }
    return KITH_OK;
}

static kith_status fetch_page(kith_qdrant *qdrant, kith_hits *hits, size_t first, size_t last,
                              kith_error *err) {
    json_t *ids = json_array(), *records = NULL;
    int bad = !ids;
    for (size_t i = first; i < last; i++)
        bad |= json_array_append_new(ids, json_string(hits->items[i].point.id));
    json_t *body = bad ? NULL : json_pack("{s:O, s:b}", "ids", ids, "with_payload", 1);
    json_decref(ids);
    kith_status status = kith_qdrant_ask(qdrant, "POST", "/points", body, &records, err);
    if (status == KITH_OK)
        status = place_points(qdrant, hits, first, last, records, err);
    json_decref(records);
    return status;
}

/* Fetches the points of hits that have only ids. Points that went away in between are no hits. */
static kith_status fetch_points(kith_qdrant *qdrant, kith_hits *hits, kith_error *err) {
    enum { PAGE = 500 };
    size_t kept = 0;
    kith_status status = KITH_OK;
    for (size_t first = 0; first < hits->count && status == KITH_OK; first += PAGE)
        status =
            fetch_page(qdrant, hits, first, first + PAGE < hits->count ? first + PAGE : hits->count, err);
    for (size_t i = 0; i < hits->count && status == KITH_OK; i++)
        if (hits->items[i].point.path_count > 0)
            hits->items[kept++] = hits->items[i];
    if (status == KITH_OK)
        hits->count = kept;
    return status;
}

/* The `limit` best (above 0) of what a filter's object meets. */
static kith_status nearest(kith_qdrant *qdrant, const float *probe, const json_t *filter, size_t limit,
                           kith_hits *out, kith_error *err) {
    kith_status status;
    for (size_t asked = limit + SPARE;; asked *= 2) {
        bool with_points = asked <= WITH_POINTS;
        status = query(qdrant, probe, filter, asked, with_points, out, err);
        if (status == KITH_OK && is_cut_between_equals(out, limit, asked)) {
            kith_hits_clear(out);
            continue;
        }
        if (status == KITH_OK) {
            cut(out, limit);
            status = with_points ? KITH_OK : fetch_points(qdrant, out, err);
        }
        break;
    }
    if (status != KITH_OK)
        kith_hits_clear(out);
    return status;
}

/* No more can be asked for than there is: a large number, or 0 for all, becomes the number of faces. */
static kith_status bound(kith_qdrant *qdrant, const kith_filter *filter, size_t *wanted, kith_error *err) {
    uint64_t count;
    if (*wanted > 0 && *wanted <= WITH_POINTS)
        return KITH_OK;
    kith_status status = kith_qdrant_count(&qdrant->base, filter, &count, err);
    if (status == KITH_OK && (*wanted == 0 || *wanted > count))
        *wanted = (size_t)count;
    return status;
}

kith_status kith_qdrant_search(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                               size_t limit, kith_hits *out, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    json_t *object = NULL;
    kith_status status = kith_qdrant_filter(qdrant, &object, filter, NULL, err);
    if (status == KITH_OK)
        status = bound(qdrant, filter, &limit, err);
    if (status == KITH_OK && limit > 0)
        status = nearest(qdrant, probe, object, limit, out, err);
    json_decref(object);
    return status;
}

/* A person and the best score of any of that person's faces. */
struct leader {
    char *person;
    float score;
};

struct leaders {
    struct leader *items;
    size_t count, room;
};

static void clear_leaders(struct leaders *leaders) {
    for (size_t i = 0; i < leaders->count; i++)
        free(leaders->items[i].person);
    free(leaders->items);
}

static kith_status add_leader(const kith_qdrant *qdrant, struct leaders *leaders, const json_t *group,
                              kith_error *err) {
    const char *person = json_string_value(json_object_get(group, "id"));
    const json_t *hit = json_array_get(json_object_get(group, "hits"), 0);
    float score;
    if (!person)
        return kith_qdrant_not_ours(qdrant, hit, "its person is no text", err);
    kith_status status = read_score(qdrant, &score, hit, err);
    if (status != KITH_OK)
        return status;
    if (leaders->count == leaders->room) {
        size_t room = leaders->room ? 2 * leaders->room : 64;
        struct leader *items = reallocarray(leaders->items, room, sizeof *items);
        if (!items)
            return kith_qdrant_no_memory(qdrant, err);
        leaders->items = items;
        leaders->room = room;
    }
    char *copy = strdup(person);
    if (!copy)
        return kith_qdrant_no_memory(qdrant, err);
    leaders->items[leaders->count++] = (struct leader){copy, score};
    return KITH_OK;
}

/* The filter of those who are not among the leaders yet. */
static kith_status filter_of_others(kith_qdrant *qdrant, json_t **out, const kith_filter *filter,
                                    const struct leaders *leaders, kith_error *err) {
    json_t *names = json_array();
    int bad = !names;
    for (size_t i = 0; i < leaders->count; i++)
        bad |= json_array_append_new(names, json_string(leaders->items[i].person));
    json_t *others =
        bad ? NULL : json_pack("{s:[{s:s, s:{s:O}}]}", "must_not", "key", "person", "match", "any", names);
    json_decref(names);
    if (!others)
        return kith_qdrant_no_memory(qdrant, err);
    if (leaders->count > 0)
        return kith_qdrant_filter(qdrant, out, filter, others, err);
    json_decref(others);
    return kith_qdrant_filter(qdrant, out, filter, NULL, err);
}

/* The next leaders after those that are known; *found: how many. */
static kith_status more_leaders(kith_qdrant *qdrant, const float *probe, const kith_filter *filter,
                                size_t wanted, struct leaders *leaders, size_t *found, kith_error *err) {
    json_t *object = NULL, *result = NULL;
    kith_status status = filter_of_others(qdrant, &object, filter, leaders, err);
    if (status != KITH_OK)
        return status;
    json_t *body = query_body(qdrant, probe, object, wanted, false);
    if (json_object_set_new(body, "group_by", json_string("person")) != 0 ||
        json_object_set_new(body, "group_size", json_integer(1)) != 0) {
        json_decref(body);
        body = NULL;
    }
    status = kith_qdrant_ask(qdrant, "POST", "/points/query/groups", body, &result, err);
    const json_t *groups = json_object_get(result, "groups");
    *found = json_array_size(groups);
    for (size_t i = 0; status == KITH_OK && i < *found; i++)
        status = add_leader(qdrant, leaders, json_array_get(groups, i), err);
    json_decref(result);
    json_decref(object);
    return status;
}

/* The server asks itself five times at most for faces to group and may come back with fewer persons than
 * there are (qdrant/qdrant lib/collection/src/grouping): so it is asked until nobody is left, or enough are
 * known and the last of them is behind the last that counts.
 */
static kith_status find_leaders(kith_qdrant *qdrant, const float *probe, const kith_filter *filter,
                                size_t persons, struct leaders *out, kith_error *err) {
    size_t found;
    kith_status status;
    do {
        size_t wanted = persons > out->count ? persons - out->count : 0;
        status = more_leaders(qdrant, probe, filter, wanted + SPARE, out, &found, err);
    } while (status == KITH_OK && found > 0 &&
             (out->count <= persons || out->items[out->count - 1].score == out->items[persons - 1].score));
    while (out->count > persons && out->items[out->count - 1].score < out->items[persons - 1].score)
        free(out->items[--out->count].person);
    return status;
}

static json_t *filter_of_person(json_t *filter, const char *person) {
    return json_pack("{s:[{s:s, s:{s:s}}, O*]}", "must", "key", "person", "match", "value", person, filter);
}

static kith_status faces_of_one(kith_qdrant *qdrant, const float *probe, json_t *filter,
                                const struct leader *leader, size_t each, kith_hits *out, kith_error *err) {
    json_t *own = filter_of_person(filter, leader->person);
    kith_status status =
        own ? nearest(qdrant, probe, own, each, out, err) : kith_qdrant_no_memory(qdrant, err);
    json_decref(own);
    return status;
}

/* One question per leader, in one request. NULL: no memory. */
static json_t *searches_of(const kith_qdrant *qdrant, const float *probe, json_t *filter,
                           const struct leader *leaders, size_t count, size_t asked) {
    json_t *searches = json_array();
    int bad = !searches;
    for (size_t i = 0; i < count && !bad; i++) {
        json_t *own = filter_of_person(filter, leaders[i].person);
        bad |= !own || json_array_append_new(searches, query_body(qdrant, probe, own, asked, true)) != 0;
        json_decref(own);
    }
    json_t *body = bad ? NULL : json_pack("{s:O}", "searches", searches);
    json_decref(searches);
    return body;
}

/* The best faces of each of some leaders; each list is cut, and right among equals. */
static kith_status faces_of(kith_qdrant *qdrant, const float *probe, json_t *filter,
                            const struct leader *leaders, size_t count, size_t each, kith_hits *lists,
                            kith_error *err) {
    size_t asked = each + SPARE;
    json_t *result = NULL;
    if (asked > WITH_POINTS)
        return faces_of_one(qdrant, probe, filter, leaders, each, lists, err);
    json_t *body = searches_of(qdrant, probe, filter, leaders, count, asked);
    kith_status status = kith_qdrant_ask(qdrant, "POST", "/points/query/batch", body, &result, err);
    if (status == KITH_OK && json_array_size(result) != count)
        status = kith_qdrant_strange(qdrant, "fewer answers than questions", err);
    for (size_t i = 0; i < count && status == KITH_OK; i++) {
        status =
            read_hits(qdrant, &lists[i], json_object_get(json_array_get(result, i), "points"), true, err);
        if (status == KITH_OK && is_cut_between_equals(&lists[i], each, asked)) {
            kith_hits_clear(&lists[i]);
            status = faces_of_one(qdrant, probe, filter, &leaders[i], each, &lists[i], err);
        }
        cut(&lists[i], each);
    }
    json_decref(result);
    return status;
}

static int order_of_lists(const void *a, const void *b) {
    const kith_hits *one = a, *other = b;
    if (one->count == 0 || other->count == 0)
        return (one->count == 0) - (other->count == 0);
    return order(&one->items[0], &other->items[0]);
}

/* Best persons first, their faces one after the other; the lists give what they own. */
static kith_status join(const kith_qdrant *qdrant, kith_hits *out, kith_hits *lists, size_t count,
                        size_t persons, kith_error *err) {
    size_t total = 0;
    qsort(lists, count, sizeof *lists, order_of_lists);
    for (size_t i = 0; i < count && i < persons; i++)
        total += lists[i].count;
    if (total == 0)
        return KITH_OK;
    if (!(out->items = calloc(total, sizeof *out->items)))
        return kith_qdrant_no_memory(qdrant, err);
    for (size_t i = 0; i < count && i < persons; i++) {
        memcpy(out->items + out->count, lists[i].items, lists[i].count * sizeof *out->items);
        out->count += lists[i].count;
        lists[i].count = 0;
    }
    return KITH_OK;
}

kith_status kith_qdrant_search_persons(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                                       size_t persons, size_t each, kith_hits *out, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    struct leaders leaders = {0};
    kith_hits *lists = NULL;
    json_t *object = NULL;
    kith_status status = kith_qdrant_filter(qdrant, &object, filter, NULL, err);
    if (status == KITH_OK)
        status = bound(qdrant, filter, &persons, err);
    if (status == KITH_OK)
        status = bound(qdrant, filter, &each, err);
    if (status == KITH_OK && persons > 0)
        status = find_leaders(qdrant, probe, filter, persons, &leaders, err);
    if (status == KITH_OK && leaders.count > 0 && !(lists = calloc(leaders.count, sizeof *lists)))
        status = kith_qdrant_no_memory(qdrant, err);
    size_t step = each + SPARE > WITH_POINTS ? 1 : BATCH_HITS / (each + SPARE);
    for (size_t i = 0; status == KITH_OK && i < leaders.count; i += step) {
        size_t left = leaders.count - i;
        status = faces_of(qdrant, probe, object, leaders.items + i, left < step ? left : step, each,
                          lists + i, err);
    }
    if (status == KITH_OK && lists)
        status = join(qdrant, out, lists, leaders.count, persons, err);
    for (size_t i = 0; lists && i < leaders.count; i++)
        kith_hits_clear(&lists[i]);
    free(lists);
    clear_leaders(&leaders);
    json_decref(object);
    return status;
}
