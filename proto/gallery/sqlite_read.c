/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "proto/digest.h"
#include "proto/gallery/sqlite.h"

/* What a face without a UUID is called: its row. */
#define ROW_NAME "row "

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
                                   const char **bad, kith_error *err) {
    const char *person = (const char *)sqlite3_column_text(statement, 2);
    kith_status status = KITH_OK;
    *bad = NULL;
    if (sqlite3_column_type(statement, 3) == SQLITE_NULL)
        *bad = "it has no details";
    else if (!read_fields(statement, out))
        *bad = "it has a field of the wrong size";
    else if (person && !(out->person = strdup(person)))
        status = kith_fail(err, KITH_E_MEMORY, 0, database->path, "no memory for a point");
    else
        status = read_paths(database, sqlite3_column_int64(statement, 0), out, err);
    if (status != KITH_OK || *bad)
        kith_point_clear(out);
    return status;
}

const char *kith_sqlite_read_vector(sqlite3_stmt *statement, int column, float *out) {
    float square;
    if (!read_blob(statement, column, out, KITH_DIMENSION * sizeof *out))
        return "a vector of the wrong size";
    kith_exact_scores(&square, out, 1, out);
    /* not a number neither; what was put is within 1e-3 */
    return fabsf(square - 1) <= 2e-3F ? NULL : "a vector whose length is not 1";
}

/* What a face that may be damaged is called. */
static void name_of(char out[KITH_ID_SIZE], sqlite3_stmt *statement) {
    unsigned char uuid[16];
    if (read_blob(statement, 1, uuid, sizeof uuid))
        kith_id_text(out, uuid);
    else
        snprintf(out, KITH_ID_SIZE, ROW_NAME "%lld", (long long)sqlite3_column_int64(statement, 0));
}

kith_status kith_sqlite_bad_face(kith_database *database, sqlite3_stmt *statement, const char *bad,
                                 kith_error *err) {
    char name[KITH_ID_SIZE];
    name_of(name, statement);
    return kith_fail(err, KITH_E_REFUSED, 0, database->path,
                     "face %s is damaged: %s (" KITH_DAMAGE_ADVICE ")", name, bad);
}

struct walk {
    kith_database *database;
    bool with_vectors;
    kith_point_visit visit;
    kith_damage_visit damaged;
    void *context;
};

static kith_status tell_damage(const struct walk *walk, sqlite3_stmt *statement, const char *bad,
                               kith_error *err) {
    char name[KITH_ID_SIZE];
    if (!walk->damaged)
        return kith_sqlite_bad_face(walk->database, statement, bad, err);
    name_of(name, statement);
    const kith_damage damage = {name, (const char *)sqlite3_column_text(statement, 2), bad};
    return walk->damaged(walk->context, &damage, err);
}

static kith_status visit_row(const struct walk *walk, sqlite3_stmt *statement, kith_error *err) {
    float vector[KITH_DIMENSION];
    kith_point point = {0};
    const char *bad;
    kith_status status = kith_sqlite_read_point(walk->database, statement, &point, &bad, err);
    if (status == KITH_OK && !bad && walk->with_vectors)
        bad = kith_sqlite_read_vector(statement, KITH_POINT_VECTOR, vector);
    if (status == KITH_OK)
        status = bad ? tell_damage(walk, statement, bad, err)
                     : walk->visit(walk->context, &point, walk->with_vectors ? vector : NULL, err);
    kith_point_clear(&point);
    return status;
}

kith_status kith_sqlite_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                             kith_point_visit visit, kith_damage_visit damaged, void *context,
                             kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    const struct walk walk = {database, with_vectors, visit, damaged, context};
    sqlite3_stmt *statement = NULL;
    bool more = true;
    kith_status status = kith_database_begin_read(database, err);
    if (status != KITH_OK)
        return status;
    status = kith_sqlite_filtered(database, &statement, KITH_POINT_SQL, filter, "ORDER BY f.uuid", err);
    while (status == KITH_OK &&
           (status = kith_database_step(database, statement, 0, &more, err)) == KITH_OK && more)
        status = visit_row(&walk, statement, err);
    kith_database_done(database, statement);
    kith_database_end_read(database);
    return status;
}

static kith_status discard_one(kith_database *database, const char *name, kith_error *err) {
    static const char by_uuid[] = "DELETE FROM face WHERE uuid = ?1",
                      by_row[] = "DELETE FROM face WHERE id = ?1";
    unsigned char uuid[16];
    sqlite3_stmt *statement;
    bool row, named = kith_id_bytes(uuid, name);
    const char *number = strncmp(name, ROW_NAME, strlen(ROW_NAME)) == 0 ? name + strlen(ROW_NAME) : "-1";
    kith_status status = kith_database_prepare(database, &statement, named ? by_uuid : by_row, err);
    if (status != KITH_OK)
        return status;
    int bound = named ? sqlite3_bind_blob(statement, 1, uuid, sizeof uuid, SQLITE_STATIC)
                      : sqlite3_bind_int64(statement, 1, strtoll(number, NULL, 10));
    status = kith_database_step(database, statement, bound, &row, err);
    kith_database_done(database, statement);
    return status;
}

kith_status kith_sqlite_discard(kith_gallery *gallery, const char *const *names, size_t count,
                                kith_error *err) {
    kith_database *database = kith_sqlite_database(gallery);
    kith_status status = kith_database_begin_write(database, err);
    if (status != KITH_OK)
        return status;
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        status = discard_one(database, names[i], err);
    return kith_database_finish_write(database, status, err);
}
