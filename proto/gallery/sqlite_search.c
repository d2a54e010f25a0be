/* SPDX-License-Identifier: MIT
 *
 * Exact search. A single question streams the vectors through a small block; when as many vectors have been
 * streamed as the gallery holds, the next question loads them all, for later ones to be answered from memory
 * until the data change. So a short-lived program needs little memory and a long-lived one little time.
 */
#include "proto/gallery/sqlite.h"

enum { BLOCK = 256 };

/* What happens to scored faces: kept if among the best, or as leader of their person. One of both is set. */
struct collector {
    kith_best *best;
    kith_leaders *leaders;
};

static kith_status collect(const struct collector *collector, const float *scores, const kith_face_key *keys,
                           const char *selected, size_t count, kith_error *err) {
    bool good = collector->best ? kith_best_offer(collector->best, scores, keys, selected, count)
                                : kith_leaders_offer(collector->leaders, scores, keys, selected, count);
    return good ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a search");
}

static uint64_t big_endian(const unsigned char *bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

#define SCAN_SQL "SELECT f.id, f.uuid, f.person, f.vector FROM face AS f"

/* Reads the columns of SCAN_SQL. */
static kith_status read_face(kith_database *database, sqlite3_stmt *statement, kith_face_key *key,
                             float *vector, kith_error *err) {
    const unsigned char *uuid = sqlite3_column_blob(statement, 1);
    const char *bad = kith_sqlite_read_vector(statement, 3, vector);
    if (!uuid || sqlite3_column_bytes(statement, 1) != 16)
        bad = "an id of the wrong size";
    if (bad)
        return kith_sqlite_bad_face(database, statement, bad, err);
    *key = (kith_face_key){.id = {big_endian(uuid), big_endian(uuid + 8)},
                           .row = sqlite3_column_int64(statement, 0),
                           .person = sqlite3_column_int64(statement, 2)};
    return KITH_OK;
}

/* Reads up to `room` faces; fewer: that was all. */
static kith_status read_faces(kith_database *database, sqlite3_stmt *statement, kith_face_key *keys,
                              float *vectors, size_t room, size_t *count, kith_error *err) {
    kith_status status = KITH_OK;
    bool more = true;
    for (*count = 0; *count < room; ++*count) {
        status = kith_database_step(database, statement, 0, &more, err);
        if (status == KITH_OK && more)
            status = read_face(database, statement, &keys[*count], vectors + *count * KITH_DIMENSION, err);
        if (status != KITH_OK || !more)
            break;
    }
    return status;
}

struct block {
    _Alignas(64) float vectors[BLOCK * KITH_DIMENSION];
    kith_face_key keys[BLOCK];
    float scores[BLOCK];
};

/* Scores every face that a statement with the columns of SCAN_SQL gives. */
static kith_status stream(kith_sqlite *sqlite, sqlite3_stmt *statement, const float *probe,
                          const struct collector *collector, kith_error *err) {
    struct block *block = aligned_alloc(64, sizeof *block);
    if (!block)
        return kith_fail(err, KITH_E_MEMORY, 0, sqlite->database->path, "no memory for a search");
    kith_status status;
    size_t count;
    do {
        status = read_faces(sqlite->database, statement, block->keys, block->vectors, BLOCK, &count, err);
        if (status != KITH_OK)
            break;
        kith_exact_scores(block->scores, block->vectors, count, probe);
        status = collect(collector, block->scores, block->keys, NULL, count, err);
        sqlite->streamed += count;
    } while (status == KITH_OK && count == BLOCK);
    free(block);
    return status;
}

void kith_sqlite_unload(kith_sqlite *sqlite) {
    free(sqlite->loaded.vectors);
    free(sqlite->loaded.keys);
    sqlite->loaded = (struct kith_sqlite_loaded){0};
}

static kith_status load(kith_sqlite *sqlite, uint64_t count, int64_t version, kith_error *err) {
    kith_database *database = sqlite->database;
    sqlite3_stmt *statement = NULL;
    if (count > SIZE_MAX / (KITH_DIMENSION * sizeof(float)))
        return KITH_OK;
    sqlite->loaded.vectors = aligned_alloc(64, count * KITH_DIMENSION * sizeof(float));
    sqlite->loaded.keys = calloc(count, sizeof *sqlite->loaded.keys);
    if (!sqlite->loaded.vectors || !sqlite->loaded.keys) { /* streaming needs next to none */
        kith_sqlite_unload(sqlite);
        return KITH_OK;
    }
    kith_status status = kith_sqlite_filtered(database, &statement, SCAN_SQL, NULL, "ORDER BY f.id", err);
    if (status == KITH_OK)
        status = read_faces(database, statement, sqlite->loaded.keys, sqlite->loaded.vectors, count,
                            &sqlite->loaded.count, err);
    kith_database_done(database, statement);
    sqlite->loaded.version = version;
    if (status != KITH_OK)
        kith_sqlite_unload(sqlite);
    return status;
}

static kith_status count_faces(kith_database *database, uint64_t *out, kith_error *err) {
    static const char sql[] = "SELECT count(*) FROM face";
    sqlite3_stmt *statement;
    bool row;
    kith_status status = kith_database_prepare(database, &statement, sql, err);
    if (status == KITH_OK)
        status = kith_database_step(database, statement, 0, &row, err);
    if (status == KITH_OK)
        *out = (uint64_t)sqlite3_column_int64(statement, 0);
    kith_database_done(database, statement);
    return status;
}

/* Drops what is stale, and loads when it is worth it. */
static kith_status refresh(kith_sqlite *sqlite, kith_error *err) {
    int64_t version;
    uint64_t count;
    kith_status status = kith_database_version(sqlite->database, &version, err);
    if (status != KITH_OK)
        return status;
    if (sqlite->streamed_version != version)
        sqlite->streamed = 0;
    sqlite->streamed_version = version;
    if (sqlite->loaded.vectors && sqlite->loaded.version == version)
        return KITH_OK;
    kith_sqlite_unload(sqlite);
    status = count_faces(sqlite->database, &count, err);
    if (status != KITH_OK || count == 0 || sqlite->streamed < count)
        return status;
    return load(sqlite, count, version, err);
}

/* Marks the loaded faces that the filter meets. */
static kith_status select_loaded(kith_sqlite *sqlite, const kith_filter *filter, char *selected,
                                 kith_error *err) {
    kith_database *database = sqlite->database;
    sqlite3_stmt *statement;
    bool more = false;
    size_t at = 0;
    kith_status status = kith_sqlite_filtered(database, &statement, "SELECT f.id FROM face AS f", filter,
                                              "ORDER BY f.id", err);
    if (status != KITH_OK)
        return status;
    while ((status = kith_database_step(database, statement, 0, &more, err)) == KITH_OK && more) {
        int64_t row = sqlite3_column_int64(statement, 0);
        while (at < sqlite->loaded.count && sqlite->loaded.keys[at].row < row)
            at++;
        if (at < sqlite->loaded.count && sqlite->loaded.keys[at].row == row)
            selected[at] = 1;
    }
    kith_database_done(database, statement);
    return status;
}

static kith_status scan_loaded(kith_sqlite *sqlite, const float *probe, const kith_filter *filter,
                               const struct collector *collector, kith_error *err) {
    float scores[BLOCK];
    char *selected = NULL;
    kith_status status = KITH_OK;
    if (filter && filter->count > 0) {
        selected = calloc(sqlite->loaded.count, 1);
        status = selected
                     ? select_loaded(sqlite, filter, selected, err)
                     : kith_fail(err, KITH_E_MEMORY, 0, sqlite->database->path, "no memory for a search");
    }
    for (size_t i = 0; status == KITH_OK && i < sqlite->loaded.count; i += BLOCK) {
        size_t count = sqlite->loaded.count - i < BLOCK ? sqlite->loaded.count - i : BLOCK;
        const char *these = selected ? selected + i : NULL;
        if (these && !memchr(these, 1, count))
            continue;
        kith_exact_scores(scores, sqlite->loaded.vectors + i * KITH_DIMENSION, count, probe);
        status = collect(collector, scores, sqlite->loaded.keys + i, these, count, err);
    }
    free(selected);
    return status;
}

static kith_status scan(kith_sqlite *sqlite, const float *probe, const kith_filter *filter,
                        const struct collector *collector, kith_error *err) {
    kith_status status = refresh(sqlite, err);
    if (status != KITH_OK)
        return status;
    if (sqlite->loaded.vectors)
        return scan_loaded(sqlite, probe, filter, collector, err);
    sqlite3_stmt *statement;
    status = kith_sqlite_filtered(sqlite->database, &statement, SCAN_SQL, filter, "ORDER BY f.id", err);
    if (status != KITH_OK)
        return status;
    status = stream(sqlite, statement, probe, collector, err);
    kith_database_done(sqlite->database, statement);
    return status;
}

/* Appends what is shown of the ranked faces. */
static kith_status fetch_hits(kith_database *database, const kith_best *best, kith_hits *out,
                              kith_error *err) {
    static const char sql[] = KITH_POINT_SQL "WHERE f.id = ?1";
    if (best->count == 0)
        return KITH_OK;
    sqlite3_stmt *statement;
    kith_hit *items = reallocarray(out->items, out->count + best->count, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for what was found");
    out->items = items;
    kith_status status = kith_database_prepare(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    for (size_t i = 0; status == KITH_OK && i < best->count; i++) {
        bool row;
        const char *bad = NULL;
        kith_hit *hit = &items[out->count];
        *hit = (kith_hit){.score = best->items[i].score};
        sqlite3_reset(statement);
        int bound = sqlite3_bind_int64(statement, 1, best->items[i].key.row);
        status = kith_database_step(database, statement, bound, &row, err);
        if (status == KITH_OK)
            status = kith_sqlite_read_point(database, statement, &hit->point, &bad, err);
        if (bad)
            status = kith_sqlite_bad_face(database, statement, bad, err);
        out->count += status == KITH_OK;
    }
    kith_database_done(database, statement);
    return status;
}

kith_status kith_sqlite_search(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                               size_t limit, kith_hits *out, kith_error *err) {
    kith_sqlite *sqlite = (kith_sqlite *)gallery;
    kith_best best = {.limit = limit};
    kith_status status = kith_database_begin_read(sqlite->database, err);
    if (status != KITH_OK)
        return status;
    status = scan(sqlite, probe, filter, &(struct collector){.best = &best}, err);
    if (status == KITH_OK) {
        kith_best_sort(&best);
        status = fetch_hits(sqlite->database, &best, out, err);
    }
    kith_database_end_read(sqlite->database);
    kith_best_clear(&best);
    if (status != KITH_OK)
        kith_hits_clear(out);
    return status;
}

/* Appends one person's best faces. */
static kith_status person_hits(kith_sqlite *sqlite, const float *probe, const kith_filter *filter,
                               int64_t person, size_t each, kith_hits *out, kith_error *err) {
    kith_best best = {.limit = each};
    sqlite3_stmt *statement;
    kith_status status = kith_sqlite_filtered(sqlite->database, &statement, SCAN_SQL, filter,
                                              "AND f.person = " KITH_AFTER_FILTER_SQL, err);
    if (status != KITH_OK)
        return status;
    sqlite3_bind_int64(statement, KITH_AFTER_FILTER, person);
    status = stream(sqlite, statement, probe, &(struct collector){.best = &best}, err);
    kith_database_done(sqlite->database, statement);
    if (status == KITH_OK) {
        kith_best_sort(&best);
        status = fetch_hits(sqlite->database, &best, out, err);
    }
    kith_best_clear(&best);
    return status;
}

/* The best persons: each one's best face in one pass, then the faces of the few best persons alone. */
static kith_status best_persons(kith_sqlite *sqlite, const float *probe, const kith_filter *filter,
                                kith_best *best, kith_error *err) {
    kith_leaders leaders = {0};
    kith_status status = scan(sqlite, probe, filter, &(struct collector){.leaders = &leaders}, err);
    for (size_t i = 0; status == KITH_OK && i < leaders.count; i++)
        if (!kith_best_add(best, &leaders.items[i]))
            status = kith_fail(err, KITH_E_MEMORY, 0, sqlite->database->path, "no memory for a search");
    kith_leaders_clear(&leaders);
    kith_best_sort(best);
    return status;
}

kith_status kith_sqlite_search_persons(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                                       size_t persons, size_t each, kith_hits *out, kith_error *err) {
    kith_sqlite *sqlite = (kith_sqlite *)gallery;
    kith_best best = {.limit = persons};
    kith_status status = kith_database_begin_read(sqlite->database, err);
    if (status != KITH_OK)
        return status;
    status = best_persons(sqlite, probe, filter, &best, err);
    for (size_t i = 0; status == KITH_OK && i < best.count; i++)
        status = each == 1 ? fetch_hits(sqlite->database, &(kith_best){.items = &best.items[i], .count = 1},
                                        out, err)
                           : person_hits(sqlite, probe, filter, best.items[i].key.person, each, out, err);
    kith_database_end_read(sqlite->database);
    kith_best_clear(&best);
    if (status != KITH_OK)
        kith_hits_clear(out);
    return status;
}
