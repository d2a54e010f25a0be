/* SPDX-License-Identifier: MIT */
#include "proto/gallery/sqlite.h"

#include "proto/array.h"
#include "proto/ledger.h"

static kith_status open_gallery(kith_gallery **out, const char *address, kith_gallery_mode mode,
                                const kith_gallery_options *options, kith_error *err) {
    (void)options;
    kith_sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return kith_fail(err, KITH_E_MEMORY, 0, address, "no memory for the gallery");
    kith_status status = kith_database_open(&sqlite->database, address, mode, err);
    if (status != KITH_OK) {
        free(sqlite);
        return status;
    }
    *out = &sqlite->base;
    return KITH_OK;
}

static void close_gallery(kith_gallery *gallery) {
    kith_sqlite *sqlite = (kith_sqlite *)gallery;
    kith_sqlite_unload(sqlite);
    kith_database_close(&sqlite->database);
    free(sqlite);
}

/* A column's text into out; too long: damaged. */
static bool column_text(sqlite3_stmt *statement, int column, char *out, size_t size) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static kith_status read_identity(kith_database *database, sqlite3_stmt *statement, kith_identity *out,
                                 kith_error *err) {
    if (!column_text(statement, 0, out->pipeline, sizeof out->pipeline) ||
        !column_text(statement, 1, out->network, sizeof out->network) ||
        !column_text(statement, 2, out->detector, sizeof out->detector))
        return kith_database_damaged(database, "its header", err);
    out->has_canary = sqlite3_column_type(statement, 3) != SQLITE_NULL;
    const char *bad = out->has_canary ? kith_sqlite_read_vector(statement, 3, out->canary) : NULL;
    return bad ? kith_database_damaged(database, "its canary", err) : KITH_OK;
}

/* A statement that sees what is in the file now. */
static kith_status prepare_reading(kith_database *database, sqlite3_stmt **out, const char *sql,
                                   kith_error *err) {
    kith_status status = kith_database_refresh(database, err);
    return status == KITH_OK ? kith_database_prepare(database, out, sql, err) : status;
}

static kith_status identity(kith_gallery *gallery, kith_identity *out, kith_error *err) {
    static const char sql[] = "SELECT pipeline, network, detector, canary FROM header";
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement;
    bool row;
    *out = (kith_identity){0};
    kith_status status = prepare_reading(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_step(database, statement, 0, &row, err);
    if (row)
        status = read_identity(database, statement, out, err);
    kith_database_done(database, statement);
    return status;
}

static kith_status adopt(kith_gallery *gallery, const kith_identity *identity, kith_error *err) {
    static const char sql[] = "INSERT INTO header (one, pipeline, network, detector, canary)"
                              " VALUES (1, ?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET canary = excluded.canary"
                              " WHERE canary IS NULL AND pipeline = excluded.pipeline";
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement;
    bool row;
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_prepare(database, &statement, sql, err);
    if (status == KITH_OK) {
        int bound = sqlite3_bind_text(statement, 1, identity->pipeline, -1, SQLITE_STATIC) |
                    sqlite3_bind_text(statement, 2, identity->network, -1, SQLITE_STATIC) |
                    sqlite3_bind_text(statement, 3, identity->detector, -1, SQLITE_STATIC);
        if (identity->has_canary)
            bound |=
                sqlite3_bind_blob(statement, 4, identity->canary, sizeof identity->canary, SQLITE_STATIC);
        status = kith_database_step(database, statement, bound, &row, err);
    }
    kith_database_done(database, statement);
    return kith_database_finish_write(database, status, err);
}

static kith_status note(kith_gallery *gallery, const char *name, char **out, kith_error *err) {
    static const char sql[] = "SELECT text FROM note WHERE name = ?1";
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement;
    bool row;
    kith_status status = prepare_reading(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    int bound = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    status = kith_database_step(database, statement, bound, &row, err);
    const char *text = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (row && !text)
        status = kith_database_damaged(database, "a note without text", err);
    else if (row && !(*out = strdup(text)))
        status = kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for a note");
    kith_database_done(database, statement);
    return status;
}

static kith_status visit_notes(kith_gallery *gallery, kith_note_visit visit, void *context, kith_error *err) {
    static const char sql[] = "SELECT name, text FROM note";
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement;
    bool more;
    kith_status status = prepare_reading(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    while ((status = kith_database_step(database, statement, SQLITE_OK, &more, err)) == KITH_OK && more) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const char *text = (const char *)sqlite3_column_text(statement, 1);
        status = name && text ? visit(context, name, text, err)
                              : kith_database_damaged(database, "a note without text", err);
        if (status != KITH_OK)
            break;
    }
    kith_database_done(database, statement);
    return status;
}

static kith_status set_note(kith_gallery *gallery, const char *name, const char *text, kith_error *err) {
    static const char sql[] = "INSERT INTO note (name, text) VALUES (?1, ?2)"
                              " ON CONFLICT DO UPDATE SET text = excluded.text";
    static const char wipe[] = "DELETE FROM note WHERE name = ?1";
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement;
    bool row;
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_prepare(database, &statement, text ? sql : wipe, err);
    if (status == KITH_OK) {
        int bound = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
        if (text)
            bound |= sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
        status = kith_database_step(database, statement, bound, &row, err);
    }
    kith_database_done(database, statement);
    return kith_database_finish_write(database, status, err);
}

static kith_status count(kith_gallery *gallery, const kith_filter *filter, uint64_t *out, kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement = NULL;
    bool row;
    kith_status status = kith_database_refresh(database, err);
    if (status == KITH_OK)
        status =
            kith_sqlite_filtered(database, &statement, "SELECT count(*) FROM face AS f", filter, "", err);
    if (status == KITH_OK)
        status = kith_database_step(database, statement, 0, &row, err);
    if (status == KITH_OK)
        *out = (uint64_t)sqlite3_column_int64(statement, 0);
    kith_database_done(database, statement);
    return status;
}

static bool append_person(kith_people *people, size_t *room, sqlite3_stmt *statement) {
    const char *name = (const char *)sqlite3_column_text(statement, 0);
    kith_person *items = kith_array_grow(people->items, people->count, room, sizeof *items);
    if (!items)
        return false;
    people->items = items;
    kith_person *person = &people->items[people->count];
    if (!name || !(person->name = strdup(name)))
        return false;
    person->faces = (uint64_t)sqlite3_column_int64(statement, 1);
    person->photos = (uint64_t)sqlite3_column_int64(statement, 2);
    people->count++;
    return true;
}

static kith_status people(kith_gallery *gallery, kith_people *out, kith_error *err) {
    static const char sql[] = "SELECT p.name, count(*), count(DISTINCT d.sha256)"
                              " FROM person AS p JOIN face AS f ON f.person = p.id"
                              " JOIN detail AS d ON d.face = f.id GROUP BY p.name ORDER BY p.name";
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement;
    bool more;
    size_t room = 0;
    kith_status status = prepare_reading(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    while ((status = kith_database_step(database, statement, 0, &more, err)) == KITH_OK && more)
        if (!append_person(out, &room, statement)) {
            status = kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for the persons' names");
            break;
        }
    kith_database_done(database, statement);
    return status;
}

_Static_assert(KITH_INDEXED == 0 && KITH_FAILED == 3, "numbers of the file, see forget_sql");

/* What the ledger and the runs still say of faces that are gone: names that nobody has, files without points,
 * reasons of failures (they name other files; those are tried again in each run), and texts among settings.
 */
static const char forget_sql[] =
    "UPDATE record SET person = NULL"
    "  WHERE person IS NOT NULL AND person NOT IN (SELECT name FROM person);"
    "DELETE FROM record WHERE outcome = 0 AND sha256 NOT IN (SELECT sha256 FROM detail);"
    "DELETE FROM record WHERE outcome = 3;"
    "UPDATE run SET settings = (SELECT json_group_object(key, value) FROM json_each(settings)"
    "  WHERE type IN ('integer', 'real', 'true', 'false'));";

static kith_status purge(kith_gallery *gallery, kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    kith_sqlite_unload((kith_sqlite *)gallery);
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_finish_write(database, kith_database_run(database, forget_sql, err), err);
    return status == KITH_OK ? kith_database_purge(database, err) : status;
}

const kith_gallery_backend kith_sqlite_backend = {
    .scheme = "sqlite:",
    .open = open_gallery,
    .close = close_gallery,
    .identity = identity,
    .adopt = adopt,
    .note = note,
    .set_note = set_note,
    .notes = visit_notes,
    .put = kith_sqlite_put,
    .update = kith_sqlite_update,
    .name = kith_sqlite_name,
    .remove = kith_sqlite_remove,
    .purge = purge,
    .count = count,
    .each = kith_sqlite_each,
    .discard = kith_sqlite_discard,
    .search = kith_sqlite_search,
    .search_persons = kith_sqlite_search_persons,
    .people = people,
    .database = kith_sqlite_database,
};
