/* SPDX-License-Identifier: MIT
 *
 * What the files of the SQLite gallery share. A handle is one connection and, once it is worth it, all
 * vectors in memory.
 */
#ifndef KITH_PROTO_GALLERY_SQLITE_H
#define KITH_PROTO_GALLERY_SQLITE_H

#include "proto/gallery/backend.h"
#include "proto/gallery/database.h"
#include "proto/gallery/exact_search.h"

typedef struct kith_sqlite {
    kith_gallery base;
    kith_database *database;
    struct kith_sqlite_loaded {
        float *vectors;      /* 64-byte aligned; NULL: not loaded */
        kith_face_key *keys; /* by row */
        size_t count;
        int64_t version; /* of the data that was loaded */
    } loaded;
    uint64_t streamed; /* vectors read for searches since the data changed; see sqlite_search.c */
    int64_t streamed_version;
} kith_sqlite;

static inline kith_database *kith_sqlite_database(kith_gallery *gallery) {
    return ((kith_sqlite *)gallery)->database;
}

void kith_sqlite_unload(kith_sqlite *sqlite);

/* A statement "`before` WHERE conditions `after`" over the table face, called f, prepared and bound: the
 * filter's parameters are ?1 to ?(2 * KITH_FILTER_MOST), KITH_AFTER_FILTER is the first that others may bind.
 * kith_database_done() ends it.
 */
enum { KITH_AFTER_FILTER = 33 };
#define KITH_AFTER_FILTER_SQL "?33"
_Static_assert(KITH_AFTER_FILTER == 2 * KITH_FILTER_MOST + 1, "two parameters for each condition");
kith_status kith_sqlite_filtered(kith_database *database, sqlite3_stmt **out, const char *before,
                                 const kith_filter *filter, const char *after, kith_error *err);

/* Binds a path as bytes, without slashes at its end; the condition that `column` is it or lies below. */
int kith_bind_path(sqlite3_stmt *statement, int parameter, const char *path);
#define KITH_UNDER_SQL(column, p)                                                                            \
    column " >= " p " AND " column " < CAST(" p " || '0' AS BLOB) AND (" column " = " p " OR " column        \
           " >= CAST(" p " || '/' AS BLOB))"

/* The columns that kith_sqlite_read_point() reads, from these tables; the vector comes last. A face without
 * details is damaged, not absent.
 */
#define KITH_POINT_SQL                                                                                       \
    "SELECT f.id, f.uuid, p.name, d.sha256, d.number, d.faces, d.box, d.points, d.score, d.eyes,"            \
    " d.sharpness, d.yaw, d.width, d.height, d.taken, d.indexed, d.run,"                                     \
    " (SELECT pipeline FROM header), f.vector"                                                               \
    " FROM face AS f LEFT JOIN detail AS d ON d.face = f.id LEFT JOIN person AS p ON p.id = f.person "
enum { KITH_POINT_VECTOR = 18 };

/* *out is empty before, and after a failure. *bad: what is damaged, NULL when nothing is; then *out is empty,
 * too.
 */
kith_status kith_sqlite_read_point(kith_database *database, sqlite3_stmt *statement, kith_point *out,
                                   const char **bad, kith_error *err);
/* Copies a vector's column out; what is damaged, or NULL. */
const char *kith_sqlite_read_vector(sqlite3_stmt *statement, int column, float *out);

/* The damage of the face whose row is the first column, whose UUID the second. */
kith_status kith_sqlite_bad_face(kith_database *database, sqlite3_stmt *statement, const char *bad,
                                 kith_error *err);

/* vectors NULL: as kith_sqlite_update(). */
kith_status kith_sqlite_put(kith_gallery *gallery, const kith_point *points, const float *vectors,
                            size_t count, kith_error *err);
kith_status kith_sqlite_update(kith_gallery *gallery, const kith_point *points, size_t count,
                               kith_error *err);
kith_status kith_sqlite_name(kith_gallery *gallery, const kith_filter *filter, const char *person,
                             uint64_t *changed, kith_error *err);
kith_status kith_sqlite_remove(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                               kith_error *err);
kith_status kith_sqlite_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                             kith_point_visit visit, kith_damage_visit damaged, void *context,
                             kith_error *err);
kith_status kith_sqlite_discard(kith_gallery *gallery, const char *const *names, size_t count,
                                kith_error *err);
kith_status kith_sqlite_search(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                               size_t limit, kith_hits *out, kith_error *err);
kith_status kith_sqlite_search_persons(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                                       size_t persons, size_t each, kith_hits *out, kith_error *err);

#endif
