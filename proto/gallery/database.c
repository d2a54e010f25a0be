/* SPDX-License-Identifier: MIT */
#include "proto/gallery/database.h"

#include <errno.h>

#include "proto/stop.h"

/* What to tell for SQLite's result codes; %s: strerror or SQLite's own text where `detail`. */
static kith_status error_of_code(const char *path, int code, int native, const char *detail,
                                 kith_error *err) {
    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return kith_fail(err, KITH_E_REFUSED, 0, path, "not a kith gallery (name another file)");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        if (kith_stop_signal())
            return kith_stop_error(err);
        return kith_fail(err, KITH_E_IO, EBUSY, path,
                         "locked by another program for too long (try again when that one is done)");
    case SQLITE_FULL:
        return kith_fail(err, KITH_E_IO, ENOSPC, path,
                         "no space left on the disk (make room and run it again)");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return kith_fail(err, KITH_E_IO, EACCES, path, "cannot be written (check the owner and the folder)");
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return kith_fail(err, KITH_E_IO, native, path, "cannot be read or written: %s",
                         native ? strerror(native) : detail);
    case SQLITE_NOMEM:
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the gallery");
    case SQLITE_TOOBIG:
        return kith_fail(err, KITH_E_LIMIT, 0, path, "a value is too large for the gallery");
    default:
        return kith_fail(err, KITH_E_REFUSED, code, path,
                         "damaged: %s (restore it from a copy, or make a new one with kith-index add)",
                         detail);
    }
}

kith_status kith_database_error(kith_database *database, int code, kith_error *err) {
    int native = database->handle ? sqlite3_system_errno(database->handle) : 0;
    const char *detail = database->handle ? sqlite3_errmsg(database->handle) : sqlite3_errstr(code);
    return error_of_code(database->path, code, native, detail, err);
}

kith_status kith_database_damaged(kith_database *database, const char *what, kith_error *err) {
    return error_of_code(database->path, SQLITE_CORRUPT, 0, what, err);
}

kith_status kith_database_prepare(kith_database *database, sqlite3_stmt **out, const char *sql,
                                  kith_error *err) {
    size_t i = 0;
    while (i < KITH_STATEMENTS && database->cache[i].sql && database->cache[i].sql != sql)
        i++;
    bool room = i < KITH_STATEMENTS, known = room && database->cache[i].sql == sql;
    *out = NULL;
    if (known && !database->cache[i].lent) {
        database->cache[i].lent = true;
        *out = database->cache[i].statement;
        return KITH_OK;
    }
    int code = sqlite3_prepare_v3(database->handle, sql, -1, room ? SQLITE_PREPARE_PERSISTENT : 0, out, NULL);
    if (code != SQLITE_OK)
        return kith_database_error(database, code, err);
    if (room && !known) {
        database->cache[i].sql = sql;
        database->cache[i].statement = *out;
        database->cache[i].lent = true;
    }
    return KITH_OK;
}

void kith_database_done(kith_database *database, sqlite3_stmt *statement) {
    if (!statement)
        return;
    for (size_t i = 0; i < KITH_STATEMENTS; i++) {
        if (database->cache[i].statement != statement)
            continue;
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        database->cache[i].lent = false;
        return;
    }
    sqlite3_finalize(statement);
}

kith_status kith_database_step(kith_database *database, sqlite3_stmt *statement, int bound, bool *row,
                               kith_error *err) {
    *row = false;
    if (bound != SQLITE_OK)
        return kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for the gallery");
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? KITH_OK : kith_database_error(database, code, err);
}

kith_status kith_database_run(kith_database *database, const char *sql, kith_error *err) {
    int code = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? KITH_OK : kith_database_error(database, code, err);
}

kith_status kith_database_begin_read(kith_database *database, kith_error *err) {
    if (database->depth == 0) {
        kith_status status = kith_database_refresh(database, err);
        if (status == KITH_OK)
            status = kith_database_run(database, "BEGIN", err);
        if (status != KITH_OK)
            return status;
    }
    database->depth++;
    return KITH_OK;
}

void kith_database_end_read(kith_database *database) {
    if (--database->depth == 0)
        sqlite3_exec(database->handle, "COMMIT", NULL, NULL, NULL);
}

kith_status kith_database_begin_write(kith_database *database, kith_error *err) {
    if (!database->writable)
        return kith_fail(err, KITH_E_IO, EROFS, database->path, "opened for reading only");
    if (database->depth > 0)
        return kith_fail(err, KITH_E_USAGE, 0, database->path, "written to during a walk through it");
    return kith_database_run(database, "BEGIN IMMEDIATE", err);
}

kith_status kith_database_finish_write(kith_database *database, kith_status status, kith_error *err) {
    if (status == KITH_OK)
        status = kith_database_run(database, "COMMIT", err);
    /* SQLite has rolled back by itself after some errors (full disk); then there is nothing to do. */
    if (status != KITH_OK && !sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

kith_status kith_database_version(kith_database *database, int64_t *out, kith_error *err) {
    static const char sql[] = "PRAGMA data_version";
    sqlite3_stmt *statement;
    bool row = false;
    kith_status status = kith_database_prepare(database, &statement, sql, err);
    if (status == KITH_OK)
        status = kith_database_step(database, statement, 0, &row, err);
    if (status == KITH_OK) {
        int64_t others = sqlite3_column_int64(statement, 0), own = sqlite3_total_changes64(database->handle);
        if (others != database->others || own != database->own)
            database->version++;
        database->others = others;
        database->own = own;
        *out = database->version;
    }
    kith_database_done(database, statement);
    return status;
}

/* What was to be forgotten is gone for every reader by now; it would be wrong to say less, or more. */
static kith_status not_rewritten(kith_database *database, const kith_error *why, kith_error *err) {
    return kith_fail(err, why->code, why->native, database->path,
                     "removed, but the file is not rewritten, so bytes of it may be left: %s", why->text);
}

/* VACUUM rewrites the file: deleted content may be left between the rows of pages even with secure_delete.
 * The log holds older states of pages, so it is emptied.
 */
kith_status kith_database_purge(kith_database *database, kith_error *err) {
    kith_error why = {0};
    if (kith_database_run(database, "VACUUM", &why) != KITH_OK)
        return not_rewritten(database, &why, err);
    int code = sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code == SQLITE_BUSY)
        return kith_fail(err, KITH_E_IO, EBUSY, database->path,
                         "removed, but another program is reading the old state, so its bytes are still in "
                         "the -wal file (end that program and repeat)");
    if (code == SQLITE_OK)
        return KITH_OK;
    kith_database_error(database, code, &why);
    return not_rewritten(database, &why, err);
}
