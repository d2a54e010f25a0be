/* SPDX-License-Identifier: MIT */
#include "proto/ledger.h"

#include <errno.h>

#include "proto/digest.h"
#include "proto/gallery/backend.h"
#include "proto/gallery/ledger_place.h"
#include "proto/gallery/sqlite.h"

struct kith_ledger {
    kith_database *database; /* NULL: there is none yet, and it is only read */
    bool own;                /* a file of its own, else the gallery's */
    char *texts[3];          /* what kith_ledger_find() gave out: path, person, reason */
};

const char *kith_outcome_name(kith_outcome outcome) {
    static const char *const names[] = {[KITH_INDEXED] = "indexed",
                                        [KITH_UNCHANGED] = "unchanged",
                                        [KITH_NO_FACE] = "no face",
                                        [KITH_FAILED] = "failed",
                                        [KITH_IGNORED] = "ignored"};
    return names[outcome];
}

kith_status kith_ledger_open(kith_ledger **out, kith_gallery *gallery, const char *path, kith_error *err) {
    kith_ledger_file made = {0};
    kith_ledger *ledger = calloc(1, sizeof *ledger);
    *out = NULL;
    if (!ledger)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the ledger");
    kith_status status = KITH_OK;
    if (!path && !(ledger->database = gallery->backend->database(gallery))) {
        status = kith_ledger_place(&made, gallery, err);
        path = made.path;
    }
    ledger->own = path != NULL;
    kith_error cause = {0};
    if (path && status == KITH_OK)
        status = kith_database_open(&ledger->database, path,
                                    gallery->writable ? KITH_GALLERY_CREATE : KITH_GALLERY_READ, &cause);
    if (made.path && !gallery->writable && cause.code == KITH_E_IO && cause.native == ENOENT)
        status = KITH_OK;
    else if (cause.code != KITH_OK)
        status = kith_fail_with(err, &cause);
    if (status == KITH_OK && made.path && gallery->writable)
        status = kith_ledger_note_place(&made, err);
    kith_ledger_file_clear(&made);
    if (status != KITH_OK)
        kith_ledger_close(&ledger);
    *out = ledger;
    return status;
}

static void free_texts(kith_ledger *ledger) {
    for (size_t i = 0; i < 3; i++)
        free(ledger->texts[i]);
    memset(ledger->texts, 0, sizeof ledger->texts);
}

void kith_ledger_close(kith_ledger **ledger) {
    if (!*ledger)
        return;
    free_texts(*ledger);
    if ((*ledger)->own)
        kith_database_close(&(*ledger)->database);
    free(*ledger);
    *ledger = NULL;
}

#define RECORD_SQL                                                                                           \
    "SELECT CAST(path AS TEXT), device, inode, size, modified, sha256, pipeline, outcome, faces, person,"    \
    " reason, run FROM record "

/* Texts stay the statement's. */
static kith_status read_record(kith_database *database, sqlite3_stmt *s, kith_record *out, kith_error *err) {
    const char *pipeline = (const char *)sqlite3_column_text(s, 6);
    const void *digest = sqlite3_column_blob(s, 5), *run = sqlite3_column_blob(s, 11);
    int outcome = sqlite3_column_int(s, 7);
    if ((digest && sqlite3_column_bytes(s, 5) != 32) || !run || sqlite3_column_bytes(s, 11) != 16 ||
        !pipeline || strlen(pipeline) >= sizeof out->pipeline || outcome < 0 || outcome > KITH_IGNORED)
        return kith_database_damaged(database, "a record with a field of the wrong size", err);
    *out = (kith_record){
        .path = (const char *)sqlite3_column_text(s, 0),
        .device = (uint64_t)sqlite3_column_int64(s, 1),
        .inode = (uint64_t)sqlite3_column_int64(s, 2),
        .size = sqlite3_column_int64(s, 3),
        .modified = sqlite3_column_int64(s, 4),
        .outcome = (kith_outcome)outcome,
        .faces = sqlite3_column_int(s, 8),
        .person = (const char *)sqlite3_column_text(s, 9),
        .reason = (const char *)sqlite3_column_text(s, 10),
    };
    if (digest)
        kith_hex_text(out->sha256, digest, 32);
    memcpy(out->pipeline, pipeline, strlen(pipeline) + 1);
    kith_id_text(out->run, run);
    return KITH_OK;
}

/* Makes a record's texts the ledger's own: an open statement would hold an old state of the file. */
static kith_status keep_texts(kith_ledger *ledger, kith_record *record, kith_error *err) {
    const char **texts[] = {&record->path, &record->person, &record->reason};
    free_texts(ledger);
    for (size_t i = 0; i < 3; i++) {
        if (*texts[i] && !(ledger->texts[i] = strdup(*texts[i])))
            return kith_fail(err, KITH_E_MEMORY, 0, ledger->database->path, "no memory for a record");
        *texts[i] = ledger->texts[i];
    }
    return KITH_OK;
}

kith_status kith_ledger_find(kith_ledger *ledger, const char *path, kith_record *out, bool *found,
                             kith_error *err) {
    static const char sql[] = RECORD_SQL "WHERE path = ?1";
    sqlite3_stmt *statement;
    *found = false;
    *out = (kith_record){0};
    if (!ledger->database)
        return KITH_OK;
    kith_status status = kith_database_refresh(ledger->database, err);
    if (status == KITH_OK)
        status = kith_database_prepare(ledger->database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    int bound = sqlite3_bind_blob64(statement, 1, path, strlen(path), SQLITE_STATIC);
    status = kith_database_step(ledger->database, statement, bound, found, err);
    if (*found)
        status = read_record(ledger->database, statement, out, err);
    if (status == KITH_OK && *found)
        status = keep_texts(ledger, out, err);
    kith_database_done(ledger->database, statement);
    return status;
}

static int bind_text(sqlite3_stmt *statement, int parameter, const char *text) {
    return sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

static kith_status put_record(kith_database *database, const kith_record *record, kith_error *err) {
    static const char sql[] = "REPLACE INTO record (path, device, inode, size, modified, sha256, pipeline,"
                              " outcome, faces, person, reason, run)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    unsigned char digest[32], run[16];
    sqlite3_stmt *s;
    bool row;
    if (record->outcome == KITH_UNCHANGED || !kith_id_bytes(run, record->run) ||
        (record->sha256[0] && !kith_hex_bytes(digest, sizeof digest, record->sha256)))
        return kith_fail(err, KITH_E_REFUSED, 0, database->path, "a record that cannot be stored: %s",
                         record->path);
    kith_status status = kith_database_prepare(database, &s, sql, err);
    if (status != KITH_OK)
        return status;
    int bound = sqlite3_bind_blob64(s, 1, record->path, strlen(record->path), SQLITE_STATIC);
    bound |= sqlite3_bind_int64(s, 2, (int64_t)record->device);
    bound |= sqlite3_bind_int64(s, 3, (int64_t)record->inode);
    bound |= sqlite3_bind_int64(s, 4, record->size) | sqlite3_bind_int64(s, 5, record->modified);
    if (record->sha256[0])
        bound |= sqlite3_bind_blob(s, 6, digest, sizeof digest, SQLITE_STATIC);
    bound |= bind_text(s, 7, record->pipeline);
    bound |= sqlite3_bind_int(s, 8, (int)record->outcome) | sqlite3_bind_int(s, 9, record->faces);
    bound |= bind_text(s, 10, record->person) | bind_text(s, 11, record->reason);
    bound |= sqlite3_bind_blob(s, 12, run, sizeof run, SQLITE_STATIC);
    status = kith_database_step(database, s, bound, &row, err);
    kith_database_done(database, s);
    return status;
}

kith_status kith_ledger_put(kith_ledger *ledger, const kith_record *records, size_t count, kith_error *err) {
    kith_status status = kith_database_begin_write(ledger->database, err);
    if (status != KITH_OK)
        return status;
    for (size_t i = 0; status == KITH_OK && i < count; i++)
        status = put_record(ledger->database, &records[i], err);
    return kith_database_finish_write(ledger->database, status, err);
}

/* Visits what a bound statement with RECORD_SQL's columns gives. */
static kith_status visit_records(kith_database *database, sqlite3_stmt *statement, int bound,
                                 kith_record_visit visit, void *context, kith_error *err) {
    kith_status status;
    bool more;
    while ((status = kith_database_step(database, statement, bound, &more, err)) == KITH_OK && more) {
        kith_record record;
        status = read_record(database, statement, &record, err);
        if (status == KITH_OK)
            status = visit(context, &record, err);
        if (status != KITH_OK)
            break;
    }
    return status;
}

/* One walk; `path` or else `digest` says which records. */
static kith_status walk(kith_database *database, const char *sql, const char *path,
                        const unsigned char *digest, kith_record_visit visit, void *context,
                        kith_error *err) {
    sqlite3_stmt *statement = NULL;
    if (!database)
        return KITH_OK;
    kith_status status = kith_database_begin_read(database, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_prepare(database, &statement, sql, err);
    if (status == KITH_OK) {
        int bound = path ? kith_bind_path(statement, 1, path)
                         : sqlite3_bind_blob(statement, 1, digest, 32, SQLITE_STATIC);
        status = visit_records(database, statement, bound, visit, context, err);
    }
    kith_database_done(database, statement);
    kith_database_end_read(database);
    return status;
}

kith_status kith_ledger_under(kith_ledger *ledger, const char *path, kith_record_visit visit, void *context,
                              kith_error *err) {
    static const char sql[] = RECORD_SQL "WHERE " KITH_UNDER_SQL("path", "?1") " ORDER BY path";
    return walk(ledger->database, sql, path ? path : "/", NULL, visit, context, err);
}

kith_status kith_ledger_of_digest(kith_ledger *ledger, const char *sha256, kith_record_visit visit,
                                  void *context, kith_error *err) {
    static const char sql[] = RECORD_SQL "WHERE sha256 = ?1 ORDER BY path";
    unsigned char digest[32];
    if (!kith_hex_bytes(digest, sizeof digest, sha256))
        return KITH_OK; /* nothing has it */
    return walk(ledger->database, sql, NULL, digest, visit, context, err);
}

/* The same bytes at several places are one photo. */
kith_status kith_ledger_faces(kith_ledger *ledger, uint64_t *out, kith_error *err) {
    static const char sql[] = "SELECT ifnull(sum(faces), 0) FROM (SELECT max(faces) AS faces FROM record"
                              " WHERE outcome = ?1 AND sha256 IS NOT NULL GROUP BY sha256)";
    sqlite3_stmt *statement;
    bool row;
    *out = 0;
    if (!ledger->database)
        return KITH_OK;
    kith_status status = kith_database_prepare(ledger->database, &statement, sql, err);
    if (status == KITH_OK) {
        int bound = sqlite3_bind_int(statement, 1, KITH_INDEXED);
        status = kith_database_step(ledger->database, statement, bound, &row, err);
        if (status == KITH_OK && row)
            *out = (uint64_t)sqlite3_column_int64(statement, 0);
        kith_database_done(ledger->database, statement);
    }
    return status;
}

kith_status kith_ledger_drop(kith_ledger *ledger, const char *path, kith_error *err) {
    static const char sql[] = "DELETE FROM record WHERE " KITH_UNDER_SQL("path", "?1");
    sqlite3_stmt *statement;
    bool row;
    kith_status status = kith_database_begin_write(ledger->database, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_prepare(ledger->database, &statement, sql, err);
    if (status == KITH_OK) {
        int bound = kith_bind_path(statement, 1, path ? path : "/");
        status = kith_database_step(ledger->database, statement, bound, &row, err);
    }
    kith_database_done(ledger->database, statement);
    return kith_database_finish_write(ledger->database, status, err);
}

kith_status kith_ledger_purge(kith_ledger *ledger, kith_error *err) {
    return ledger->own ? kith_database_purge(ledger->database, err) : KITH_OK;
}

/* A run as the table has it; uuid: 16 bytes. A run that is there stays as it is. */
struct run {
    const void *uuid;
    const char *started, *version, *settings;
};

static kith_status put_run(kith_database *database, const struct run *run, kith_error *err) {
    static const char sql[] = "INSERT INTO run (uuid, started, version, settings) VALUES (?1, ?2, ?3, ?4)"
                              " ON CONFLICT DO NOTHING";
    sqlite3_stmt *statement;
    bool row;
    kith_status status = kith_database_prepare(database, &statement, sql, err);
    if (status == KITH_OK) {
        int bound = sqlite3_bind_blob(statement, 1, run->uuid, 16, SQLITE_STATIC);
        bound |= bind_text(statement, 2, run->started) | bind_text(statement, 3, run->version);
        bound |= bind_text(statement, 4, run->settings);
        status = kith_database_step(database, statement, bound, &row, err);
    }
    kith_database_done(database, statement);
    return status;
}

kith_status kith_ledger_begin_run(kith_ledger *ledger, const char *run, const char *settings,
                                  kith_error *err) {
    unsigned char uuid[16];
    char now[KITH_TIME_SIZE];
    if (!kith_id_bytes(uuid, run))
        return kith_fail(err, KITH_E_USAGE, 0, ledger->database->path, "no run's id: %s", run);
    kith_time_now(now);
    kith_status status = kith_database_begin_write(ledger->database, err);
    if (status == KITH_OK)
        status = kith_database_finish_write(
            ledger->database,
            put_run(ledger->database, &(struct run){uuid, now, KITH_VERSION, settings}, err), err);
    return status;
}

static kith_status copy_run(kith_database *to, kith_database *from, sqlite3_stmt *s, kith_error *err) {
    struct run run = {.uuid = sqlite3_column_blob(s, 0)};
    run.started = (const char *)sqlite3_column_text(s, 1);
    run.version = (const char *)sqlite3_column_text(s, 2);
    run.settings = (const char *)sqlite3_column_text(s, 3);
    if (!run.uuid || sqlite3_column_bytes(s, 0) != 16 || !run.started || !run.version || !run.settings)
        return kith_database_damaged(from, "a run without its fields", err);
    return put_run(to, &run, err);
}

kith_status kith_ledger_copy_runs(kith_ledger *to, kith_ledger *from, kith_error *err) {
    static const char sql[] = "SELECT uuid, started, version, settings FROM run";
    sqlite3_stmt *statement = NULL;
    bool more;
    if (!from->database)
        return KITH_OK;
    kith_status status = kith_database_begin_write(to->database, err);
    if (status != KITH_OK)
        return status;
    status = kith_database_prepare(from->database, &statement, sql, err);
    while (status == KITH_OK &&
           (status = kith_database_step(from->database, statement, 0, &more, err)) == KITH_OK && more)
        status = copy_run(to->database, from->database, statement, err);
    kith_database_done(from->database, statement);
    return kith_database_finish_write(to->database, status, err);
}
