/* SPDX-License-Identifier: MIT
 *
 * Where points live: one opaque handle, one table of functions, one file per backend (proto/gallery/), one
 * suite of contract tests for all. A gallery belongs to one pipeline: its header holds the pipeline's id and
 * a canary, and kith_gallery_bind() refuses every other.
 *
 * URIs: PATH or sqlite:PATH; qdrant+http://HOST[:6333]/COLLECTION or qdrant+https://... NULL means
 * $KITH_GALLERY, else $XDG_DATA_HOME/kith/gallery.kith. How a server is reached: proto/gallery_options.h.
 * A handle is used by one thread at a time. Several processes may have one gallery open; writers take turns.
 * Errors: KITH_E_REFUSED no gallery of ours, damaged, of another version or pipeline; KITH_E_IO missing,
 * unreadable, read-only, locked, disk full; KITH_E_SERVER a server, after it was waited for. After an error
 * the gallery holds what it held before the failed call; on a server, where a call may be many requests, a
 * part of the call may have happened, and the same call again completes it.
 */
#ifndef KITH_PROTO_GALLERY_H
#define KITH_PROTO_GALLERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/filter.h"
#include "proto/point.h"
#include "proto/status.h"

typedef struct kith_gallery kith_gallery;

typedef enum kith_gallery_mode {
    KITH_GALLERY_READ,   /* nothing is written, not even beside the file when its folder is read-only */
    KITH_GALLERY_WRITE,  /* must exist */
    KITH_GALLERY_CREATE, /* made when it does not exist, folders included */
} kith_gallery_mode;

kith_status kith_gallery_open(kith_gallery **out, const char *uri, kith_gallery_mode mode, kith_error *err);
void kith_gallery_close(kith_gallery **gallery);           /* takes NULL, sets NULL */
const char *kith_gallery_uri(const kith_gallery *gallery); /* as resolved, for messages */

/* The server that a URI names, "https://host:6333", newly allocated; NULL: none, it is a file. */
kith_status kith_gallery_server(char **out, const char *uri, kith_error *err);

/* On a server, whose files are its own; the ledger lies on this machine then. */
bool kith_gallery_on_server(const kith_gallery *gallery);

/* Whether its name is an alias there: a name that may be given to another collection. The handle stays with
 * the one that was meant when it was opened; kith_gallery_check_place() is KITH_E_REFUSED when that is no
 * longer the one that the name means.
 */
bool kith_gallery_is_alias(const kith_gallery *gallery);
kith_status kith_gallery_check_place(kith_gallery *gallery, kith_error *err);

/* Gives the gallery's name, an alias, to `to` (open to be written, on the same server) in one step for
 * everybody who asks. KITH_E_USAGE: not on one server. Handles that are open do not notice: close them.
 */
kith_status kith_gallery_switch(kith_gallery *gallery, kith_gallery *to, kith_error *err);

/* What decides an embedding, and what its canary picture gave. A canary is optional: has_canary is false
 * until a network ran (the canary is checked by whoever has one).
 */
typedef struct kith_identity {
    char pipeline[KITH_PIPELINE_SIZE];
    char network[32];  /* arch: "mobileface" */
    char detector[32]; /* "yunet", "hog" */
    bool has_canary;
    float canary[KITH_DIMENSION];
} kith_identity;

/* Ties the handle to a pipeline. A gallery without one (new) takes it when it may write. Another pipeline:
 * KITH_E_REFUSED with both ids and what to do. Both canaries known and their cosine < 0.9999: KITH_E_REFUSED.
 * May be called again when the canary becomes known.
 */
kith_status kith_gallery_bind(kith_gallery *gallery, const kith_identity *identity, kith_error *err);

/* The header's identity; pipeline "" when the gallery is new. */
kith_status kith_gallery_identity(kith_gallery *gallery, kith_identity *out, kith_error *err);

/* Small named texts in the header (calibrations, dates). *out is newly allocated, NULL when there is none. */
kith_status kith_gallery_note(kith_gallery *gallery, const char *name, char **out, kith_error *err);
kith_status kith_gallery_set_note(kith_gallery *gallery, const char *name, const char *text, kith_error *err);

/* All of them, in no order; visit must not write to the same gallery, and a status other than KITH_OK ends
 * it.
 */
typedef kith_status (*kith_note_visit)(void *context, const char *name, const char *text, kith_error *err);
kith_status kith_gallery_notes(kith_gallery *gallery, kith_note_visit visit, void *context, kith_error *err);

/* Writes points with their vectors (count x KITH_DIMENSION, unit length; anything else is KITH_E_REFUSED
 * before any is written). A point of the same id is replaced, all or nothing per call, durable when the call
 * returns.
 */
kith_status kith_gallery_put(kith_gallery *gallery, const kith_point *points, const float *vectors,
                             size_t count, kith_error *err);

/* Writes new payloads of points that exist, vectors untouched; ids that do not exist are skipped. */
kith_status kith_gallery_update(kith_gallery *gallery, const kith_point *points, size_t count,
                                kith_error *err);

/* Names (NULL: un-names) all points that the filter meets; *changed (may be NULL) counts them. */
kith_status kith_gallery_name(kith_gallery *gallery, const kith_filter *filter, const char *person,
                              uint64_t *changed, kith_error *err);

/* Removes all points that the filter meets; *removed (may be NULL) counts them. kith_gallery_purge() then
 * makes sure that nothing of removed points is left in the bytes on disk (rewrites the file; may take as long
 * as a copy; a server does it in its own time, and nothing here makes it hurry).
 */
kith_status kith_gallery_remove(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                                kith_error *err);
kith_status kith_gallery_purge(kith_gallery *gallery, kith_error *err);

kith_status kith_gallery_count(kith_gallery *gallery, const kith_filter *filter, uint64_t *out,
                               kith_error *err);

/* Calls visit for each point that the filter meets, in the order of ids; vector is NULL unless with_vectors.
 * Point and vector are valid during the call only; a status other than KITH_OK ends the walk and is returned.
 * visit must not write to the same gallery.
 */
typedef kith_status (*kith_point_visit)(void *context, const kith_point *point, const float *vector,
                                        kith_error *err);
kith_status kith_gallery_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                              kith_point_visit visit, void *context, kith_error *err);

/* Everything that reads a point ends with KITH_E_REFUSED at one that is damaged, was changed by hand or is
 * somebody else's. This walk, over the whole gallery and with vectors, tells such a point and goes on.
 */
typedef struct kith_damage {
    const char *name;   /* what the gallery calls it, a UUID in most cases */
    const char *person; /* whom it shows, as far as that can be read; NULL */
    const char *why;    /* what is wrong with it */
} kith_damage;
typedef kith_status (*kith_damage_visit)(void *context, const kith_damage *damage, kith_error *err);
kith_status kith_gallery_inspect(kith_gallery *gallery, kith_point_visit visit, kith_damage_visit damaged,
                                 void *context, kith_error *err);

/* Removes the points that kith_gallery_inspect() called so; one that is gone already is no error. */
kith_status kith_gallery_discard(kith_gallery *gallery, const char *const *names, size_t count,
                                 kith_error *err);

/* One face that was found. score is the cosine, -1..1. */
typedef struct kith_hit {
    float score;
    kith_point point;
} kith_hit;

typedef struct kith_hits {
    kith_hit *items; /* best first; equal scores in the order of ids */
    size_t count;
} kith_hits;

void kith_hits_clear(kith_hits *hits);

/* The `limit` points nearest to the probe (a unit vector) among those that the filter meets. limit 0: all.
 * Exact. */
kith_status kith_gallery_search(kith_gallery *gallery, const float probe[KITH_DIMENSION],
                                const kith_filter *filter, size_t limit, kith_hits *out, kith_error *err);

/* The `persons` persons nearest to the probe, each with up to `each` of its best faces: hits grouped by
 * person, the groups by their best face. Points without a name take no part. Exact.
 */
kith_status kith_gallery_search_persons(kith_gallery *gallery, const float probe[KITH_DIMENSION],
                                        const kith_filter *filter, size_t persons, size_t each,
                                        kith_hits *out, kith_error *err);

/* Names with their counts, by name. */
typedef struct kith_person {
    char *name;
    uint64_t faces;
    uint64_t photos; /* different files (sha256) */
} kith_person;

typedef struct kith_people {
    kith_person *items;
    size_t count;
} kith_people;

kith_status kith_gallery_people(kith_gallery *gallery, kith_people *out, kith_error *err);
void kith_people_clear(kith_people *people);

#endif
