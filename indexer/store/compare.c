/* SPDX-License-Identifier: MIT */
#include "indexer/store/compare.h"

#include "indexer/files/path.h"
#include "indexer/stages/read.h"
#include "indexer/store/places.h"
#include "proto/array.h"
#include "proto/stop.h"

const char *kith_difference_name(kith_difference_kind kind) {
    static const char *const names[] = {[KITH_DIFFERENCE_GONE] = "gone",
                                        [KITH_DIFFERENCE_UNCLEAR] = "unreadable",
                                        [KITH_DIFFERENCE_CHANGED] = "changed",
                                        [KITH_DIFFERENCE_NEW] = "not indexed",
                                        [KITH_DIFFERENCE_UNLISTED] = "not in the ledger",
                                        [KITH_DIFFERENCE_MISSING] = "faces missing",
                                        [KITH_DIFFERENCE_EXTRA] = "faces too many",
                                        [KITH_DIFFERENCE_STALE] = "faces of other bytes",
                                        [KITH_DIFFERENCE_DAMAGED] = "damaged"};
    return names[kind];
}

/* A face at one of its places. */
typedef struct holding {
    char *path;
    char sha256[KITH_DIGEST_SIZE];
} holding;

typedef struct comparison {
    kith_opened *opened;
    const kith_texts *roots;
    kith_difference_visit visit;
    void *context;
    uint64_t *places;
    holding *holdings; /* by path, then digest */
    size_t count, room;
    size_t next; /* the first that no record came to yet */
} comparison;

static kith_status add_holding(comparison *c, const char *path, const char *sha256, kith_error *err) {
    holding *holdings = kith_array_grow(c->holdings, c->count, &c->room, sizeof *holdings);
    if (!holdings)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu places", c->count + 1);
    c->holdings = holdings;
    holding *made = &c->holdings[c->count];
    snprintf(made->sha256, sizeof made->sha256, "%s", sha256);
    if (!(made->path = strdup(path)))
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu places", c->count);
    c->count++;
    return KITH_OK;
}

static bool is_asked_for(const comparison *c, const char *path) {
    for (size_t i = 0; i < c->roots->count; i++)
        if (kith_path_is_under(path, c->roots->items[i]))
            return true;
    return c->roots->count == 0;
}

static kith_status hold(void *context, const kith_point *point, const float *vector, kith_error *err) {
    comparison *c = context;
    kith_status status = kith_stop_error(err);
    (void)vector;
    for (size_t i = 0; i < point->path_count && status == KITH_OK; i++)
        if (is_asked_for(c, point->paths[i]))
            status = add_holding(c, point->paths[i], point->sha256, err);
    return status;
}

static int by_path(const void *a, const void *b) {
    const holding *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : strcmp(x->sha256, y->sha256);
}

static kith_status tell_damage(void *context, const kith_damage *damage, kith_error *err) {
    comparison *c = context;
    kith_difference difference = {.kind = KITH_DIFFERENCE_DAMAGED, .damage = damage};
    kith_status status = kith_stop_error(err);
    return status == KITH_OK ? c->visit(c->context, &difference, err) : status;
}

/* Of all faces, because the fields of damaged ones say nothing reliable of where they belong. */
static kith_status collect(comparison *c, kith_error *err) {
    kith_status status = kith_gallery_inspect(c->opened->gallery, hold, tell_damage, c, err);
    if (c->count > 0)
        qsort(c->holdings, c->count, sizeof *c->holdings, by_path);
    return status;
}

static kith_status tell(comparison *c, kith_difference_kind kind, const char *path, uint64_t known,
                        uint64_t holds, kith_error *err) {
    kith_difference difference = {.kind = kind, .path = path, .known = known, .holds = holds};
    return c->visit(c->context, &difference, err);
}

/* The holdings of the next place, from c->next; returns their number. */
static size_t take_place(comparison *c) {
    size_t first = c->next;
    while (c->next < c->count && strcmp(c->holdings[first].path, c->holdings[c->next].path) == 0)
        c->next++;
    (*c->places)++;
    return c->next - first;
}

/* Faces at a place without a record. */
static kith_status judge_unlisted(comparison *c, kith_error *err) {
    struct stat seen;
    const char *path = c->holdings[c->next].path;
    size_t holds = take_place(c);
    kith_place place = kith_place_look(path, &seen);
    kith_difference_kind kind = place == KITH_PLACE_FILE   ? KITH_DIFFERENCE_UNLISTED
                                : place == KITH_PLACE_GONE ? KITH_DIFFERENCE_GONE
                                                           : KITH_DIFFERENCE_UNCLEAR;
    return tell(c, kind, path, 0, holds, err);
}

/* Tells faces of other bytes; *same counts those of the record's. */
static kith_status sort_holdings(comparison *c, const kith_record *record, size_t first, size_t holds,
                                 uint64_t *same, kith_error *err) {
    kith_status status = KITH_OK;
    *same = 0;
    for (size_t i = first; i < first + holds && status == KITH_OK;) {
        const char *sha256 = c->holdings[i].sha256;
        uint64_t alike = 0;
        for (; i < first + holds && strcmp(c->holdings[i].sha256, sha256) == 0; i++)
            alike++;
        kith_difference difference = {
            .kind = KITH_DIFFERENCE_STALE, .path = record->path, .sha256 = sha256, .holds = alike};
        if (strcmp(sha256, record->sha256) == 0)
            *same = alike;
        else
            status = c->visit(c->context, &difference, err);
    }
    return status;
}

static bool is_as_seen(const struct stat *seen, const kith_record *record) {
    kith_stamp now = kith_stamp_of_file(seen), then = kith_stamp_of_record(record);
    return kith_stamp_same(&now, &then);
}

/* A failed file is tried again in each run anyway; until then it keeps the faces that it had. */
static kith_status judge_place(comparison *c, const kith_record *record, size_t first, size_t holds,
                               kith_error *err) {
    struct stat seen;
    uint64_t same, known = record->outcome == KITH_INDEXED ? (uint64_t)record->faces : 0;
    kith_place place = kith_place_look(record->path, &seen);
    if (place != KITH_PLACE_FILE)
        return tell(c, place == KITH_PLACE_GONE ? KITH_DIFFERENCE_GONE : KITH_DIFFERENCE_UNCLEAR,
                    record->path, known, holds, err);
    if (record->outcome == KITH_FAILED && !record->sha256[0])
        return KITH_OK;
    if (record->outcome != KITH_FAILED && !is_as_seen(&seen, record))
        return tell(c, KITH_DIFFERENCE_CHANGED, record->path, known, holds, err);
    kith_status status = sort_holdings(c, record, first, holds, &same, err);
    if (status != KITH_OK || record->outcome == KITH_FAILED || same == known)
        return status;
    return tell(c, same < known ? KITH_DIFFERENCE_MISSING : KITH_DIFFERENCE_EXTRA, record->path, known, same,
                err);
}

static kith_status judge_record(void *context, const kith_record *record, kith_error *err) {
    comparison *c = context;
    kith_status status = kith_stop_error(err);
    if (status == KITH_OK && !is_asked_for(c, record->path))
        return KITH_OK;
    while (status == KITH_OK && c->next < c->count && strcmp(c->holdings[c->next].path, record->path) < 0)
        status = judge_unlisted(c, err);
    size_t first = c->next, holds = 0;
    if (c->next < c->count && strcmp(c->holdings[c->next].path, record->path) == 0)
        holds = take_place(c);
    else
        (*c->places)++;
    return status == KITH_OK ? judge_place(c, record, first, holds, err) : status;
}

static bool is_held(const comparison *c, const char *path) {
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(c->holdings[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->count && strcmp(c->holdings[low].path, path) == 0;
}

/* A file that nobody knows: a photo as `add` understands it? */
static kith_status judge_new(comparison *c, kith_file_bytes *bytes, const char *path, kith_error *err) {
    kith_record record;
    bool known;
    kith_error cause = {0};
    kith_format format = KITH_FORMAT_NONE;
    kith_stamp stamp;
    kith_status status = kith_ledger_find(c->opened->ledger, path, &record, &known, err);
    if (status != KITH_OK || known || is_held(c, path))
        return status;
    if (kith_read_picture(bytes, &format, &stamp, path, &cause) == KITH_E_IO)
        return tell(c, KITH_DIFFERENCE_UNCLEAR, path, 0, 0, err);
    if (format == KITH_FORMAT_NONE && !kith_format_extension(path))
        return KITH_OK;
    (*c->places)++;
    return tell(c, KITH_DIFFERENCE_NEW, path, 0, 0, err);
}

static kith_status look_for_new(comparison *c, const char *root, const kith_list *exclude, kith_error *err) {
    kith_walk_options options = {.operands = &root, .operand_count = 1, .exclude = *exclude};
    kith_walk_entry entry = {.kind = KITH_WALK_LATER};
    kith_walk *walk = NULL;
    kith_file_bytes bytes = {0};
    kith_status status = kith_walk_open(&walk, &options, err);
    while (status == KITH_OK && entry.kind != KITH_WALK_END) {
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = kith_walk_next(walk, &entry, err);
        if (status == KITH_OK && entry.kind == KITH_WALK_FILE)
            status = judge_new(c, &bytes, entry.path, err);
        else if (status == KITH_OK && entry.kind == KITH_WALK_FAILED && strcmp(entry.path, root) != 0)
            status = tell(c, KITH_DIFFERENCE_UNCLEAR, entry.path, 0, 0, err);
    }
    kith_walk_close(&walk);
    kith_file_bytes_clear(&bytes);
    return status;
}

kith_status kith_compare(kith_opened *opened, const kith_texts *roots, const kith_list *exclude,
                         kith_difference_visit visit, void *context, uint64_t *places, kith_error *err) {
    comparison c = {.opened = opened, .roots = roots, .visit = visit, .context = context, .places = places};
    const char *only = roots->count == 1 ? roots->items[0] : NULL;
    *places = 0;
    kith_status status = collect(&c, err);
    if (status == KITH_OK)
        status = kith_ledger_under(opened->ledger, only, judge_record, &c, err);
    while (status == KITH_OK && c.next < c.count)
        status = judge_unlisted(&c, err);
    for (size_t i = 0; i < roots->count && status == KITH_OK; i++)
        status = look_for_new(&c, roots->items[i], exclude, err);
    for (size_t i = 0; i < c.count; i++)
        free(c.holdings[i].path);
    free(c.holdings);
    return status;
}
