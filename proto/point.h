/* SPDX-License-Identifier: MIT
 *
 * A point: one face of one picture file as a gallery keeps it, everything but the vector. Plain data; the
 * JSON form is proto/schema/point.schema.json and is the same in exports, in `--json` answers and in a Qdrant
 * payload.
 */
#ifndef KITH_PROTO_POINT_H
#define KITH_PROTO_POINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"
#include "proto/timestamp.h"

enum {
    KITH_DIMENSION = 256, /* of an embedding: unit length, F32 */
    KITH_ID_SIZE = 37,    /* a UUID as text, with its zero byte */
    KITH_DIGEST_SIZE = 65,
    KITH_PIPELINE_SIZE = 17,
    KITH_PERSON_MOST = 1024,   /* bytes of a name */
    KITH_PATH_MOST = 1 << 16,  /* bytes of a path */
    KITH_PATHS_MOST = 1 << 20, /* paths of a point */
    KITH_FACES_MOST = 1 << 16, /* faces of a picture */
};

typedef struct kith_point {
    char *person; /* owned; NULL: unnamed */
    char **paths; /* owned: every place where the file is, absolute, the file system's own bytes */
    size_t path_count;
    int face, faces;   /* number of this face, from 0, and how many the picture has */
    int width, height; /* of the displayed picture */
    float box[4];      /* x, y, width, height; pixels of the displayed picture at full size, as all below */
    float points[10];  /* x, y of: eye at the left in the picture, other eye, nose tip, mouth corners left,
                          right */
    float score;       /* of the detector, 0..1 */
    float eyes;        /* distance between the eyes */
    float sharpness;   /* variance of the Laplacian of the 112-pixel chip */
    float yaw;         /* nose's offset from the eyes' middle / eye distance; 0 is frontal */
    char id[KITH_ID_SIZE];
    char sha256[KITH_DIGEST_SIZE]; /* of the file's bytes, lower-case hex */
    char taken[KITH_TIME_SIZE];    /* RFC 3339, "" when the file does not say */
    char indexed[KITH_TIME_SIZE];  /* RFC 3339, UTC */
    char pipeline[KITH_PIPELINE_SIZE];
    char run[KITH_ID_SIZE]; /* the run of kith-index that made it */
} kith_point;

/* The id of a face: UUIDv5 (RFC 9562) in kith's namespace of "PIPELINE/SHA256/FACE". The same bytes through
 * the same pipeline give the same id wherever and whenever they are indexed.
 */
void kith_point_id(char out[KITH_ID_SIZE], const char *pipeline, const char *sha256, int face);

/* An id's 16 bytes, and back; their order is the order of the texts. False: not a lower-case UUID. */
bool kith_id_bytes(unsigned char out[16], const char *id);
void kith_id_text(char out[KITH_ID_SIZE], const unsigned char bytes[16]);

void kith_point_clear(kith_point *point); /* frees what it owns, zeroes it */
kith_status kith_point_copy(kith_point *out, const kith_point *point, kith_error *err);

/* NULL: unnamed. A name is UTF-8, not empty, at most KITH_PERSON_MOST bytes; else KITH_E_FORMAT. */
kith_status kith_point_set_person(kith_point *point, const char *person, kith_error *err);
kith_status kith_person_check(const char *person, kith_error *err);

/* Adds or takes away a path; no change when it is there (is not there) already. Paths are kept sorted by
 * bytes. */
kith_status kith_point_add_path(kith_point *point, const char *path, kith_error *err);
void kith_point_drop_path(kith_point *point, const char *path);

/* Whether a point is complete and possible: every field in its range, the id as kith_point_id() gives it, at
 * least one path, all absolute. Galleries hold no others. KITH_E_FORMAT names the field.
 */
kith_status kith_point_check(const kith_point *point, const char *where, kith_error *err);

/* The JSON form. Bytes of a path that are not UTF-8 become U+FFFD in "paths"; then "paths_raw" holds the true
 * bytes of all paths, base64, in the same order. NULL: no memory. The caller owns the result. An import line
 * may carry more fields ("vector").
 */
json_t *kith_point_json(const kith_point *point);

/* Flags for json_dump*(): one line, numbers with the nine digits that a float needs. */
#define KITH_JSON (JSON_COMPACT | JSON_REAL_PRECISION(9))
#define KITH_JSON_SHORT (JSON_COMPACT | JSON_REAL_PRECISION(6)) /* rates and likenesses for people */

/* The reverse, for imports: every field is checked (types, ranges, lengths, a sha256 that is one); the id is
 * computed, and refused when the text says another. `where` names the line for the error.
 */
kith_status kith_point_from_json(kith_point *out, const json_t *json, const char *where, kith_error *err);

/* Parts of that for others who write the same JSON: a float with its shortest digits; a list of them (an
 * exported vector) and back; "box" to "height" set in an object (not 0: no memory); a path as text, and true
 * bytes as base64. NULL: no memory.
 */
json_t *kith_float_json(float value);
json_t *kith_floats_json(const float *values, size_t count);
bool kith_floats_from_json(float *out, size_t count, const json_t *json); /* false: not `count` numbers */
int kith_point_measures_json(json_t *object, const kith_point *point);
json_t *kith_path_json(const char *path, int *changed); /* changed: as kith_utf8() */
json_t *kith_base64_json(const char *bytes, size_t length);

/* A path as members of an object: `name`, and `raw`, the true bytes, only when they are not UTF-8. Not 0: no
 * memory.
 */
int kith_path_members(json_t *object, const char *name, const char *raw, const char *path);

/* A fresh random UUIDv4 for a run. */
void kith_run_id(char out[KITH_ID_SIZE]);

#endif
