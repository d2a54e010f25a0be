/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "proto/digest.h"
#include "proto/gallery/sqlite.h"

/* A blob of exactly `size` bytes into out. */
static bool read_blob(sqlite3_stmt *statement, int column, void *out, size_t size) {
    const void *blob = sqlite3_column_blob(statement, column);
    if (!blob || (size_t)sqlite3_column_bytes(statement, column) != size)
        return false;
    memcpy(out, blob, size);
    return true;
}

static bool read_text(sqlite3_stmt *statement, int column, char *out, size_t size) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return (size_t)snprintf(out, size, "%s", text ? text : "") < size;
}

static bool read_ids(sqlite3_stmt *s, kith_point *out) {
    unsigned char uuid[16], digest[32], run[16];
    if (!read_blob(s, 1, uuid, sizeof uuid) || !read_blob(s, 3, digest, sizeof digest) ||
        !read_blob(s, 16, run, sizeof run))
        return false;
    kith_id_text(out->id, uuid);
    kith_hex_text(out->sha256, digest, sizeof digest);
    kith_id_text(out->run, run);
    return true;
}

/* All fixed-size fields; false: something that kith never writes. */
static bool read_fields(sqlite3_stmt *s, kith_point *out) {
    out->face = sqlite3_column_int(s, 4);
    out->faces = sqlite3_column_int(s, 5);
    out->score = (float)sqlite3_column_double(s, 8);
    out->eyes = (float)sqlite3_column_double(s, 9);
    out->sharpness = (float)sqlite3_column_double(s, 10);
    out->yaw = (float)sqlite3_column_double(s, 11);
    out->width = sqlite3_column_int(s, 12);
    out->height = sqlite3_column_int(s, 13);
    return read_ids(s, out) && read_blob(s, 6, out->box, sizeof out->box) &&
           read_blob(s, 7, out->points, sizeof out->points) &&
           read_text(s, 14, out->taken, sizeof out->taken) &&
           read_text(s, 15, out->indexed, sizeof out->indexed) &&
           read_text(s, 17, out->pipeline, sizeof out->pipeline);
}

/* Paths as they come: by bytes, which is the order in which points keep them. */
static kith_status read_paths(kith_database *database, int64_t row, kith_point *out, kith_error *err) {
    static const char sql[] = "SELECT bytes FROM path WHERE face = ?1 ORDER BY bytes";
    sqlite3_stmt *statement;
    bool more = false;
    kith_status status = kith_database_prepare(database, &statement, sql, err);
    if (status != KITH_OK)
        return status;
    int bound = sqlite3_bind_int64(statement, 1, row);
    while ((status = kith_database_step(database, statement, bound, &more, err)) == KITH_OK && more) {
        const char *bytes = sqlite3_column_blob(statement, 0);
        char *path = strndup(bytes ? bytes : "", (size_t)sqlite3_column_bytes(statement, 0));
        status = path ? kith_point_add_path(out, path, err)
                      : kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for a path");
        free(path);
        if (status != KITH_OK)
            break;
    }
    kith_database_done(database, statement);
    return status;
}

kith_status kith_sqlite_read_point(kith_database *database, sqlite3_stmt *statement, kith_point *out,
                                   kith_error *err) {
    const char *person = (const char *)sqlite3_column_text(statement, 2);
    kith_status status = KITH_OK;
    if (!read_fields(statement, out))
        status = kith_database_damaged(database, "a face with a field of the wrong size", err);
    else if (person && !(out->person = strdup(person)))
        status = kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for a point");
    else
        status = read_paths(database, sqlite3_column_int64(statement, 0), out, err);
    if (status != KITH_OK)
        kith_point_clear(out);
    return status;
}

kith_status kith_sqlite_read_vector(kith_database *database, sqlite3_stmt *statement, int column, float *out,
                                    kith_error *err) {
    if (!read_blob(statement, column, out, KITH_DIMENSION * sizeof *out))
        return kith_database_damaged(database, "a vector of the wrong size", err);
    float square;
    kith_exact_scores(&square, out, 1, out);
    if (!(fabsf(square - 1) <= 2e-3F)) /* not a number neither; what was put is within 1e-3 */
        return kith_database_damaged(database, "a vector whose length is not 1", err);
    return KITH_OK;
}

static kith_status walk(kith_database *database, sqlite3_stmt *statement, bool with_vectors,
                        kith_point_visit visit, void *context, kith_error *err) {
    kith_status status;
    bool more;
    while ((status = kith_database_step(database, statement, 0, &more, err)) == KITH_OK && more) {
        kith_point point = {0};
        float vector[KITH_DIMENSION];
        status = kith_sqlite_read_point(database, statement, &point, err);
        if (status == KITH_OK && with_vectors)
            status = kith_sqlite_read_vector(database, statement, KITH_POINT_VECTOR, vector, err);
        if (status == KITH_OK)
            status = visit(context, &point, with_vectors ? vector : NULL, err);
        kith_point_clear(&point);
        if (status != KITH_OK)
            break;
    }
    return status;
}

kith_status kith_sqlite_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                             kith_point_visit visit, void *context, kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    sqlite3_stmt *statement = NULL;
    kith_status status = kith_database_begin_read(database, err);
    if (status != KITH_OK)
        return status;
    status = kith_sqlite_filtered(database, &statement, KITH_POINT_SQL, filter, "ORDER BY f.uuid", err);
    if (status == KITH_OK)
        status = walk(database, statement, with_vectors, visit, context, err);
    kith_database_done(database, statement);
    kith_database_end_read(database);
    return status;
}
