/* SPDX-License-Identifier: MIT */
#include "proto/digest.h"
#include "proto/gallery/sqlite.h"
#include "proto/timestamp.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vectors are stored as they lie in memory");

/* Runs a bound statement that gives no rows, and gives it back. */
static kith_status finish(kith_database *database, sqlite3_stmt *statement, int bound, kith_error *err) {
    bool row;
    kith_status status = kith_database_step(database, statement, bound, &row, err);
    kith_database_done(database, statement);
    return status;
}

/* The first column of the first row; 0: there is none. */
static kith_status finish_number(kith_database *database, sqlite3_stmt *statement, int bound, int64_t *out,
                                 kith_error *err) {
    bool row;
    kith_status status = kith_database_step(database, statement, bound, &row, err);
    *out = row ? sqlite3_column_int64(statement, 0) : 0;
    kith_database_done(database, statement);
    return status;
}

static int bind_name(sqlite3_stmt *statement, int parameter, const char *name) {
    return sqlite3_bind_text(statement, parameter, name, -1, SQLITE_STATIC);
}

/* The number of a person, made when new; 0 for no name. */
static kith_status number_of_person(kith_database *database, const char *name, int64_t *out,
                                    kith_error *err) {
    static const char insert[] = "INSERT INTO person (name) VALUES (?1) ON CONFLICT DO NOTHING";
    static const char find[] = "SELECT id FROM person WHERE name = ?1";
    sqlite3_stmt *statement;
    *out = 0;
    if (!name)
        return KITH_OK;
    kith_status status = kith_database_prepare(database, &statement, insert, err);
    if (status == KITH_OK)
        status = finish(database, statement, bind_name(statement, 1, name), err);
    if (status == KITH_OK)
        status = kith_database_prepare(database, &statement, find, err);
    if (status == KITH_OK)
        status = finish_number(database, statement, bind_name(statement, 1, name), out, err);
    return status;
}

/* The row of a point, 0: it is new. */
static kith_status find_face(kith_database *database, const char *id, int64_t *out, kith_error *err) {
    static const char sql[] = "SELECT id FROM face WHERE uuid = ?1";
    unsigned char uuid[16] = {0};
    sqlite3_stmt *statement;
    kith_id_bytes(uuid, id);
    kith_status status = kith_database_prepare(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    int bound = sqlite3_bind_blob(statement, 1, uuid, sizeof uuid, SQLITE_STATIC);
    return finish_number(database, statement, bound, out, err);
}

/* Writes the scanned part. vector NULL: it stays. *row 0: a new face, which gets its number. */
static kith_status write_face(kith_database *database, const kith_point *point, const float *vector,
                              int64_t *row, kith_error *err) {
    static const char insert[] =
        "INSERT INTO face (id, uuid, person, vector) VALUES (nullif(?1, 0), ?2, nullif(?3, 0), ?4)";
    static const char replace[] = "UPDATE face SET person = nullif(?3, 0), vector = ?4 WHERE id = ?1";
    static const char rename[] = "UPDATE face SET person = nullif(?3, 0) WHERE id = ?1";
    unsigned char uuid[16] = {0};
    int64_t person;
    sqlite3_stmt *statement;
    kith_id_bytes(uuid, point->id);
    kith_status status = number_of_person(database, point->person, &person, err);
    if (status == KITH_OK)
        status = kith_database_prepare(database, &statement, !*row ? insert : vector ? replace : rename, err);
    if (status != KITH_OK)
        return status;
    int bound = sqlite3_bind_int64(statement, 1, *row) | sqlite3_bind_int64(statement, 3, person);
    if (!*row)
        bound |= sqlite3_bind_blob(statement, 2, uuid, sizeof uuid, SQLITE_STATIC);
    if (vector)
        bound |= sqlite3_bind_blob(statement, 4, vector, KITH_DIMENSION * sizeof *vector, SQLITE_STATIC);
    status = finish(database, statement, bound, err);
    if (status == KITH_OK && !*row)
        *row = sqlite3_last_insert_rowid(database->handle);
    return status;
}

static int bind_taken(sqlite3_stmt *statement, int parameter, const char *taken) {
    int64_t from = 0, to;
    if (!taken[0] || !kith_time_range(&from, &to, taken))
        return SQLITE_OK; /* NULL */
    return bind_name(statement, parameter, taken) | sqlite3_bind_int64(statement, parameter + 1, from);
}

static kith_status write_detail(kith_database *database, const kith_point *point, int64_t row,
                                kith_error *err) {
    static const char sql[] =
        "REPLACE INTO detail (face, sha256, number, faces, box, points, score, eyes, sharpness, yaw, width,"
        " height, taken, taken_at, indexed, run)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    unsigned char digest[32] = {0}, run[16] = {0};
    sqlite3_stmt *s;
    kith_status status = kith_database_prepare(database, &s, sql, err);
    if (status != KITH_OK)
        return status;
    kith_hex_bytes(digest, sizeof digest, point->sha256);
    kith_id_bytes(run, point->run);
    int bound = sqlite3_bind_int64(s, 1, row);
    bound |= sqlite3_bind_blob(s, 2, digest, sizeof digest, SQLITE_STATIC);
    bound |= sqlite3_bind_int(s, 3, point->face) | sqlite3_bind_int(s, 4, point->faces);
    bound |= sqlite3_bind_blob(s, 5, point->box, sizeof point->box, SQLITE_STATIC);
    bound |= sqlite3_bind_blob(s, 6, point->points, sizeof point->points, SQLITE_STATIC);
    bound |= sqlite3_bind_double(s, 7, (double)point->score);
    bound |= sqlite3_bind_double(s, 8, (double)point->eyes);
    bound |= sqlite3_bind_double(s, 9, (double)point->sharpness);
    bound |= sqlite3_bind_double(s, 10, (double)point->yaw);
    bound |= sqlite3_bind_int(s, 11, point->width) | sqlite3_bind_int(s, 12, point->height);
    bound |= bind_taken(s, 13, point->taken);
    bound |= bind_name(s, 15, point->indexed);
    bound |= sqlite3_bind_blob(s, 16, run, sizeof run, SQLITE_STATIC);
    return finish(database, s, bound, err);
}

static kith_status write_paths(kith_database *database, const kith_point *point, int64_t row, bool new,
                               kith_error *err) {
    static const char wipe[] = "DELETE FROM path WHERE face = ?1";
    static const char insert[] = "INSERT INTO path (face, bytes) VALUES (?1, ?2)";
    sqlite3_stmt *statement;
    kith_status status = KITH_OK;
    if (!new) {
        status = kith_database_prepare(database, &statement, wipe, err);
        if (status == KITH_OK)
            status = finish(database, statement, sqlite3_bind_int64(statement, 1, row), err);
    }
    for (size_t i = 0; status == KITH_OK && i < point->path_count; i++) {
        status = kith_database_prepare(database, &statement, insert, err);
        if (status != KITH_OK)
            break;
        int bound = sqlite3_bind_int64(statement, 1, row);
        bound |= sqlite3_bind_blob64(statement, 2, point->paths[i], strlen(point->paths[i]), SQLITE_STATIC);
        status = finish(database, statement, bound, err);
    }
    return status;
}

static kith_status write_point(kith_database *database, const kith_point *point, const float *vector,
                               kith_error *err) {
    int64_t row = 0;
    kith_status status = find_face(database, point->id, &row, err);
    bool new = row == 0;
    if (status == KITH_OK && new && !vector)
        return KITH_OK; /* an update of a point that is not there */
    if (status == KITH_OK)
        status = write_face(database, point, vector, &row, err);
    if (status == KITH_OK)
        status = write_detail(database, point, row, err);
    return status == KITH_OK ? write_paths(database, point, row, new, err) : status;
}

kith_status kith_sqlite_put(kith_gallery *gallery, const kith_point *points, const float *vectors,
                            size_t count, kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    for (size_t i = 0; status == KITH_OK && i < count; i++)
        status = write_point(database, &points[i], vectors ? vectors + i * KITH_DIMENSION : NULL, err);
    return kith_database_finish_write(database, status, err);
}

kith_status kith_sqlite_update(kith_gallery *gallery, const kith_point *points, size_t count,
                               kith_error *err) {
    return kith_sqlite_put(gallery, points, NULL, count, err);
}

/* Runs a filtered change and counts the faces that it met. */
static kith_status change(kith_database *database, const char *sql, const kith_filter *filter, int64_t person,
                          uint64_t *changed, kith_error *err) {
    sqlite3_stmt *statement;
    kith_status status = kith_sqlite_filtered(database, &statement, sql, filter, ")", err);
    if (status != KITH_OK)
        return status;
    int bound = person ? sqlite3_bind_int64(statement, KITH_AFTER_FILTER, person) : SQLITE_OK;
    status = finish(database, statement, bound, err);
    *changed = status == KITH_OK ? (uint64_t)sqlite3_changes64(database->handle) : 0;
    return status;
}

kith_status kith_sqlite_name(kith_gallery *gallery, const kith_filter *filter, const char *person,
                             uint64_t *changed, kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    int64_t number = 0;
    *changed = 0;
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    status = number_of_person(database, person, &number, err);
    if (status == KITH_OK)
        status = change(database,
                        person ? "UPDATE face SET person = " KITH_AFTER_FILTER_SQL
                                 " WHERE id IN (SELECT f.id FROM face AS f"
                               : "UPDATE face SET person = NULL WHERE id IN (SELECT f.id FROM face AS f",
                        filter, number, changed, err);
    if (status == KITH_OK && *changed == 0) /* perhaps a new name, which no face took */
        status = kith_database_run(
            database, "DELETE FROM person WHERE id NOT IN (SELECT person FROM face WHERE person IS NOT NULL)",
            err);
    return kith_database_finish_write(database, status, err);
}

kith_status kith_sqlite_remove(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                               kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    *removed = 0;
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    status =
        change(database, "DELETE FROM face WHERE id IN (SELECT f.id FROM face AS f", filter, 0, removed, err);
    return kith_database_finish_write(database, status, err);
}
