/* SPDX-License-Identifier: MIT
 *
 * What the files of the Qdrant gallery share. A gallery is one collection of unnamed vectors (256, Cosine);
 * its header lies in the collection's metadata, or, before Qdrant 1.16, in one reserved point.
 *
 * Requests: `path` parameters begin behind the collection ("/points/count"). Every one of them may be sent
 * twice without harm, so that a lost answer is asked for again.
 */
#ifndef KITH_PROTO_GALLERY_QDRANT_H
#define KITH_PROTO_GALLERY_QDRANT_H

#include <jansson.h>

#include "proto/gallery/backend.h"
#include "proto/gallery_options.h"
#include "proto/http.h"

/* The id of the reserved point: a UUID of version 8, which no face has. */
#define KITH_QDRANT_HEADER_ID "00000000-0000-8000-8000-6b6974680001"

typedef struct kith_buffer {
    char *bytes;
    size_t size, room;
} kith_buffer;

typedef struct kith_qdrant {
    kith_gallery base;
    kith_http *http;
    char *where;  /* "http://host:6333/collections/name", for messages */
    char *path;   /* "/collections/name", escaped; that of `target` when there is one */
    char *target; /* the collection that the name, an alias, means; NULL: it is no alias */
    double wait_server;
    double last_answer;   /* kith_qdrant_clock() of the last answer that was one; 0: none yet */
    double stopped;       /* of when a signal was noticed; 0: none yet */
    int walks;            /* kith_gallery_each() that run now */
    bool has_metadata;    /* the server knows metadata of collections */
    bool header_in_point; /* the header lies in the reserved point */
    bool quantized;       /* searches go over the quantized vectors first */
    size_t batch_bytes;   /* what a batch may have; less after the server found one too large */
    kith_buffer bodies[KITH_HTTP_IN_FLIGHT]; /* of uploads */
    kith_identity known;   /* the header's identity once it is complete; it never changes then */
    unsigned long chances; /* state of the jitter */
    /* Sends a half of what is uploaded, from another thread: http, bodies and what belongs to trying again
     * are its own, the rest is the first's. NULL where nothing is written.
     */
    struct kith_qdrant *second;
} kith_qdrant;

static inline kith_qdrant *kith_qdrant_of(kith_gallery *gallery) {
    return (kith_qdrant *)gallery;
}

/* --- qdrant_request.c: one request, tried until it is answered --- */

double kith_qdrant_clock(void); /* seconds, monotonic */

/* After a signal work in hand is finished, but a server that hangs is not waited for. */
bool kith_qdrant_hangs(kith_qdrant *qdrant);

/* What is to be done about a finished call. */
typedef enum kith_verdict {
    KITH_VERDICT_DONE,
    KITH_VERDICT_AGAIN,   /* the server is busy, gone, or its answer was lost */
    KITH_VERDICT_ODD,     /* an answer that no Qdrant gives; something in between may have */
    KITH_VERDICT_SMALLER, /* the body is too large for the server or a proxy */
    KITH_VERDICT_BAD,     /* what was sent is refused for what it is */
    KITH_VERDICT_STOP,
} kith_verdict;

/* *result (may be NULL) is the answer's `result`, a new reference, NULL unless DONE. confirmed: a write,
 * which is done only when the server says "completed". *err says why it is not DONE, native is HTTP's status.
 */
kith_verdict kith_qdrant_judge(kith_qdrant *qdrant, const kith_http_call *call, bool confirmed,
                               json_t **result, kith_error *err);

/* How long to wait before try number `tries` (from 1); false: long enough, *err says so with `cause`. since:
 * when the request was first sent.
 */
bool kith_qdrant_patience(kith_qdrant *qdrant, kith_verdict verdict, const kith_http_call *call, int tries,
                          double since, double *delay, const kith_error *cause, kith_error *err);

/* One request with its tries. body: a reference that is taken; NULL for GET, else it means no memory. */
kith_status kith_qdrant_ask(kith_qdrant *qdrant, const char *method, const char *path, json_t *body,
                            json_t **out, kith_error *err); /* reads */
kith_status kith_qdrant_ask_much(kith_qdrant *qdrant, const char *path, json_t *body, size_t most,
                                 json_t **out, kith_error *err); /* POST; an answer of up to `most` bytes */
kith_status kith_qdrant_write(kith_qdrant *qdrant, const char *method, const char *path, json_t *body,
                              kith_error *err); /* with wait=true */
kith_status kith_qdrant_send(kith_qdrant *qdrant, const char *path, char *text, bool confirmed, json_t **out,
                             kith_error *err); /* POST; the body as text, which is taken */
kith_status kith_qdrant_ask_server(kith_qdrant *qdrant, const char *method, const char *path, json_t *body,
                                   json_t **out, kith_error *err); /* a path that is no collection's */

/* Whether this handle may write now; every function that changes something asks first. */
kith_status kith_qdrant_may_write(const kith_qdrant *qdrant, kith_error *err);

/* Out of memory, or an answer that does not have what it must. */
kith_status kith_qdrant_no_memory(const kith_qdrant *qdrant, kith_error *err);
kith_status kith_qdrant_strange(const kith_qdrant *qdrant, const char *what, kith_error *err);

/* A collection's path, escaped, newly allocated; NULL: no memory. */
char *kith_qdrant_path(const char *name);

/* --- qdrant_alias.c --- */

/* Finds out which collection is meant, once: an alias may be given to another one in the middle of a run. */
kith_status kith_qdrant_resolve(kith_qdrant *qdrant, kith_error *err);

kith_status kith_qdrant_place(kith_gallery *gallery, char **out, char **mark, kith_error *err);
bool kith_qdrant_is_alias(const kith_gallery *gallery);
kith_status kith_qdrant_check_place(kith_gallery *gallery, kith_error *err);
kith_status kith_qdrant_switch(kith_gallery *gallery, kith_gallery *to, kith_error *err);

/* --- qdrant_upload.c: many points, in batches, several in flight --- */

bool kith_buffer_reserve(kith_buffer *buffer,
                         size_t size); /* room for so many more bytes; false: no memory */
bool kith_buffer_append(kith_buffer *buffer, const char *bytes, size_t size);

typedef struct kith_upload {
    const char *method, *path;
    const char *before, *after;                                         /* of the batch's items */
    bool (*append)(kith_buffer *out, const void *context, size_t item); /* one item; false: no memory */
    const kith_point *(*point)(const void *context, size_t item);       /* for messages */
    const void *context;
    size_t count;
} kith_upload;

kith_status kith_qdrant_upload(kith_qdrant *qdrant, const kith_upload *upload, kith_error *err);

/* --- qdrant_filter.c --- */

/* A filter's object, a new reference. extra: a condition that is taken (NULL: none). *out NULL: no condition
 * at all, every point is meant. The reserved point never is.
 */
kith_status kith_qdrant_filter(const kith_qdrant *qdrant, json_t **out, const kith_filter *filter,
                               json_t *extra, kith_error *err);

/* --- qdrant_point.c --- */

/* A point's JSON form, and "folders": all folders that its paths lie in, for KITH_UNDER. NULL: no memory. */
json_t *kith_qdrant_payload(const kith_point *point);
json_t *kith_qdrant_folder(const char *path, size_t length); /* as it stands in "folders" */
kith_status kith_qdrant_read_point(const kith_qdrant *qdrant, kith_point *out, const json_t *record,
                                   kith_error *err);

/* The same, and the vector unless it is NULL; KITH_E_REFUSED: *why says what is wrong with the point, alone.
 */
kith_status kith_qdrant_take_point(kith_point *out, float *vector, const json_t *record, kith_error *why);

/* Somebody else's point, or one that was changed by hand. */
kith_status kith_qdrant_not_ours(const kith_qdrant *qdrant, const json_t *record, const char *why,
                                 kith_error *err);

/* A point's id as bare text, whatever it is: a number or a UUID. False: neither. */
enum { KITH_QDRANT_NAME_SIZE = 40 };
bool kith_qdrant_name_of(char out[KITH_QDRANT_NAME_SIZE], const json_t *id);

/* --- qdrant_text.c: the same as text, quickly; false: no memory --- */

bool kith_qdrant_append_payload(kith_buffer *out, const kith_point *point);
bool kith_qdrant_append_face(kith_buffer *out, const kith_point *point, const float *vector);

/* --- qdrant_collection.c: the collection itself, and the header --- */

kith_status kith_qdrant_collection_open(kith_qdrant *qdrant, kith_gallery_mode mode,
                                        const kith_gallery_options *options, kith_error *err);

/* What the server says of the collection (GET): a new reference. */
kith_status kith_qdrant_collection_info(kith_qdrant *qdrant, json_t **out, kith_error *err);

/* --- qdrant_header.c --- */

/* What a new header has, a new reference, NULL: no memory; in the metadata of a new collection. */
json_t *kith_qdrant_header_new(void);

/* The header of a new collection where it is a point, made by its maker only. */
kith_status kith_qdrant_header_begin(kith_qdrant *qdrant, kith_error *err);

/* Where the header lies, learnt from the collection's description; *found: whether there is one. */
kith_status kith_qdrant_header_find(kith_qdrant *qdrant, const json_t *info, bool *found, kith_error *err);

/* What the collection says of itself, wherever it is asked, since it was made; newly allocated, NULL:
 * nothing.
 */
kith_status kith_qdrant_mark(kith_qdrant *qdrant, char **out, kith_error *err);
kith_status kith_qdrant_identity(kith_gallery *gallery, kith_identity *out, kith_error *err);
kith_status kith_qdrant_adopt(kith_gallery *gallery, const kith_identity *identity, kith_error *err);
kith_status kith_qdrant_note(kith_gallery *gallery, const char *name, char **out, kith_error *err);
kith_status kith_qdrant_set_note(kith_gallery *gallery, const char *name, const char *text, kith_error *err);
kith_status kith_qdrant_notes(kith_gallery *gallery, kith_note_visit visit, void *context, kith_error *err);

/* --- qdrant_points.c, qdrant_search.c --- */

/* All points that the body of a scroll (an object with a member at least, a reference that is taken; NULL: no
 * memory) asks for, page by page.
 */
typedef kith_status (*kith_qdrant_visit)(void *context, const json_t *record, kith_error *err);
kith_status kith_qdrant_scroll(kith_qdrant *qdrant, json_t *body, kith_qdrant_visit visit, void *context,
                               kith_error *err);

kith_status kith_qdrant_put(kith_gallery *gallery, const kith_point *points, const float *vectors,
                            size_t count, kith_error *err);
kith_status kith_qdrant_update(kith_gallery *gallery, const kith_point *points, size_t count,
                               kith_error *err);
kith_status kith_qdrant_name(kith_gallery *gallery, const kith_filter *filter, const char *person,
                             uint64_t *changed, kith_error *err);
kith_status kith_qdrant_remove(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                               kith_error *err);
kith_status kith_qdrant_count(kith_gallery *gallery, const kith_filter *filter, uint64_t *out,
                              kith_error *err);
kith_status kith_qdrant_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                             kith_point_visit visit, kith_damage_visit damaged, void *context,
                             kith_error *err);
kith_status kith_qdrant_discard(kith_gallery *gallery, const char *const *names, size_t count,
                                kith_error *err);
kith_status kith_qdrant_people(kith_gallery *gallery, kith_people *out, kith_error *err);
kith_status kith_qdrant_search(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                               size_t limit, kith_hits *out, kith_error *err);
kith_status kith_qdrant_search_persons(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                                       size_t persons, size_t each, kith_hits *out, kith_error *err);

#endif
