/* SPDX-License-Identifier: MIT
 *
 * One connection to a kith file (SQLite): opening and making it, statements that are prepared once,
 * transactions, and SQLite's errors as ours. The gallery and the ledger are written on top of it. One thread
 * at a time; each thread that needs the file opens it itself.
 */
#ifndef KITH_PROTO_GALLERY_DATABASE_H
#define KITH_PROTO_GALLERY_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "proto/gallery.h"

enum { KITH_STATEMENTS = 40 };

typedef struct kith_database {
    sqlite3 *handle;
    char *path;                   /* absolute, without symbolic links once the file exists */
    bool writable;                /* opened to be written */
    bool immutable;               /* on media where nothing can be written: SQLite looks for no changes */
    struct stat seen;             /* of an immutable file, to look for them ourselves */
    int depth;                    /* of nested read transactions */
    int64_t version, others, own; /* of the data: see kith_database_version() */
    double waits_since;           /* for another program's lock; kith_seconds() */
    struct {
        const char *sql;
        sqlite3_stmt *statement;
        bool lent;
    } cache[KITH_STATEMENTS];
} kith_database;

kith_status kith_database_open(kith_database **out, const char *path, kith_gallery_mode mode,
                               kith_error *err);
void kith_database_close(kith_database **database);

/* Opens an immutable file again when it has changed after all, but not between begin_read and end_read;
 * others: nothing.
 */
kith_status kith_database_refresh(kith_database *database, kith_error *err);

/* The tables; run once in a new file. */
extern const char kith_database_schema[];
enum { KITH_APPLICATION_ID = 0x6b697468 /* "kith" */, KITH_FORMAT_VERSION = 1 };

/* SQLite's last error on this connection, as ours. */
kith_status kith_database_error(kith_database *database, int code, kith_error *err);

/* Something in the file that kith never writes. */
kith_status kith_database_damaged(kith_database *database, const char *what, kith_error *err);

/* A statement of a constant text, prepared once and kept; when it is in use (nested walks) another one.
 * kith_database_done() gives either back, takes NULL, and is what ends every use.
 */
kith_status kith_database_prepare(kith_database *database, sqlite3_stmt **out, const char *sql,
                                  kith_error *err);
void kith_database_done(kith_database *database, sqlite3_stmt *statement);

/* *row: whether there is one. bound: SQLite's result of binding, all or-ed. */
kith_status kith_database_step(kith_database *database, sqlite3_stmt *statement, int bound, bool *row,
                               kith_error *err);

/* A statement without rows or parameters. */
kith_status kith_database_run(kith_database *database, const char *sql, kith_error *err);

/* Reads between these two see one state. They nest. */
kith_status kith_database_begin_read(kith_database *database, kith_error *err);
void kith_database_end_read(kith_database *database);

/* Writers take turns. finish commits when `status` is KITH_OK, else (or when that fails) rolls back; returns
 * what came of it.
 */
kith_status kith_database_begin_write(kith_database *database, kith_error *err);
kith_status kith_database_finish_write(kith_database *database, kith_status status, kith_error *err);

/* Makes sure that nothing of what was deleted is left in the bytes on disk, beside the file included. */
kith_status kith_database_purge(kith_database *database, kith_error *err);

/* A number that changes whenever anybody changes the file, this connection included. */
kith_status kith_database_version(kith_database *database, int64_t *out, kith_error *err);

#endif
