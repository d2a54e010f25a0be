/* SPDX-License-Identifier: MIT
 *
 * What every gallery does before its backend is asked: which backend, are the arguments possible, does the
 * pipeline fit.
 */
#include "proto/gallery.h"

#include <math.h>

#include "proto/directories.h"
#include "proto/gallery/backend.h"
#include "proto/vector.h"

/* A path without a scheme belongs to the first. */
static const kith_gallery_backend *const backends[] = {&kith_sqlite_backend, &kith_qdrant_http_backend,
                                                       &kith_qdrant_https_backend};
enum { BACKENDS = sizeof backends / sizeof backends[0] };

static const float CANARY_LEAST = 0.9999F;

/* A scheme is letters, digits and +-. up to a colon (RFC 3986), before any slash; its length, or 0. */
static size_t scheme_length(const char *uri) {
    size_t length = strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return uri[length] == ':' ? length + 1 : 0;
}

static kith_status find_backend(const kith_gallery_backend **out, const char **address, const char *uri,
                                kith_error *err) {
    size_t length = scheme_length(uri);
    *out = backends[0];
    *address = uri;
    for (size_t i = 0; length > 0 && i < BACKENDS; i++) {
        if (strlen(backends[i]->scheme) != length || strncasecmp(backends[i]->scheme, uri, length) != 0)
            continue;
        *out = backends[i];
        *address = uri + length;
        length = 0;
    }
    if (length > 0)
        return kith_fail(err, KITH_E_USAGE, 0, uri,
                         "no such kind of gallery (a path, sqlite:PATH for a path with a colon, or "
                         "qdrant+http://HOST:6333/COLLECTION)");
    if (!**address)
        return kith_fail(err, KITH_E_USAGE, 0, uri, "no gallery named (a path)");
    return KITH_OK;
}

/* The gallery that is meant, newly allocated. */
static kith_status resolve(char **out, const char *uri, kith_error *err) {
    char folder[4096];
    const char *usual = getenv("KITH_GALLERY");
    *out = NULL;
    if (uri || (usual && *usual)) {
        *out = strdup(uri ? uri : usual);
    } else {
        kith_status status = kith_directory(folder, sizeof folder, KITH_DIRECTORY_DATA, err);
        if (status != KITH_OK)
            return status;
        if (asprintf(out, "sqlite:%s/gallery.kith", folder) < 0)
            *out = NULL;
    }
    if (*out)
        return KITH_OK;
    kith_fail(err, KITH_E_MEMORY, 0, uri, "no memory for the gallery's name");
    return KITH_E_MEMORY; /* the analyser does not know what kith_fail() returns */
}

/* *resolved: newly allocated, NULL after a failure; *address is a part of it. */
static kith_status choose(char **resolved, const kith_gallery_backend **backend, const char **address,
                          const char *uri, kith_error *err) {
    kith_status status = resolve(resolved, uri, err);
    if (status == KITH_OK)
        status = find_backend(backend, address, *resolved, err);
    if (status != KITH_OK) {
        free(*resolved);
        *resolved = NULL;
    }
    return status;
}

kith_status kith_gallery_open_with(kith_gallery **out, const char *uri, kith_gallery_mode mode,
                                   const kith_gallery_options *options, kith_error *err) {
    static const kith_gallery_options defaults = KITH_GALLERY_DEFAULTS;
    const kith_gallery_backend *backend;
    const char *address;
    char *resolved;
    *out = NULL;
    kith_status status = choose(&resolved, &backend, &address, uri, err);
    if (status == KITH_OK)
        status = backend->open(out, address, mode, options ? options : &defaults, err);
    if (status == KITH_OK) {
        (*out)->backend = backend;
        (*out)->uri = resolved;
        (*out)->writable = mode != KITH_GALLERY_READ;
        return KITH_OK;
    }
    free(resolved);
    return status;
}

kith_status kith_gallery_open(kith_gallery **out, const char *uri, kith_gallery_mode mode, kith_error *err) {
    return kith_gallery_open_with(out, uri, mode, NULL, err);
}

kith_status kith_gallery_server(char **out, const char *uri, kith_error *err) {
    const kith_gallery_backend *backend;
    const char *address;
    char *resolved;
    *out = NULL;
    kith_status status = choose(&resolved, &backend, &address, uri, err);
    if (status == KITH_OK && backend->server)
        status = backend->server(out, address, err);
    free(resolved);
    return status;
}

void kith_gallery_close(kith_gallery **gallery) {
    if (!*gallery)
        return;
    free((*gallery)->uri);
    (*gallery)->backend->close(*gallery);
    *gallery = NULL;
}

const char *kith_gallery_uri(const kith_gallery *gallery) {
    return gallery->uri;
}

bool kith_gallery_on_server(const kith_gallery *gallery) {
    return gallery->backend->place != NULL;
}

bool kith_gallery_is_alias(const kith_gallery *gallery) {
    return kith_gallery_on_server(gallery) && gallery->backend->is_alias(gallery);
}

kith_status kith_gallery_check_place(kith_gallery *gallery, kith_error *err) {
    return kith_gallery_on_server(gallery) ? gallery->backend->check_place(gallery, err) : KITH_OK;
}

kith_status kith_gallery_switch(kith_gallery *gallery, kith_gallery *to, kith_error *err) {
    if (!kith_gallery_on_server(gallery) || gallery->backend != to->backend)
        return kith_fail(err, KITH_E_USAGE, 0, to->uri, "is not on one server with %s", gallery->uri);
    return gallery->backend->switch_to(gallery, to, err);
}

/* The options that choose a gallery's model again, as far as its names tell. */
static void way_back(char *out, size_t size, const kith_identity *stored, const kith_identity *ours) {
    bool network = strcmp(stored->network, ours->network) != 0;
    bool detector = strcmp(stored->detector, ours->detector) != 0;
    if (!network && !detector)
        snprintf(out, size, "the old weights");
    else
        snprintf(out, size, "%s%s%s%s%s", network ? "--weights " : "", network ? stored->network : "",
                 network && detector ? " " : "", detector ? "--detector " : "",
                 detector ? stored->detector : "");
}

static kith_status check_identity(const kith_gallery *gallery, const kith_identity *stored,
                                  const kith_identity *ours, kith_error *err) {
    if (strcmp(stored->pipeline, ours->pipeline) != 0) {
        char way[160];
        way_back(way, sizeof way, stored, ours);
        return kith_fail(err, KITH_E_REFUSED, 0, gallery->uri,
                         "made by pipeline %s (%s, %s), not by %s (%s, %s): their vectors cannot be compared "
                         "(%s, or kith-index reindex --to NEW)",
                         stored->pipeline, stored->network, stored->detector, ours->pipeline, ours->network,
                         ours->detector, way);
    }
    if (!stored->has_canary || !ours->has_canary)
        return KITH_OK;
    double cosine = kith_dot(stored->canary, ours->canary);
    if (!(cosine >= (double)CANARY_LEAST))
        return kith_fail(err, KITH_E_REFUSED, 0, gallery->uri,
                         "this build gives other vectors than the one that made the gallery: its test "
                         "picture agrees to %.6f only (kith-index reindex --to NEW)",
                         cosine);
    return KITH_OK;
}

/* One adoption is enough: adopt() only fills what is missing, and is one transaction. */
kith_status kith_gallery_bind(kith_gallery *gallery, const kith_identity *identity, kith_error *err) {
    kith_identity stored;
    kith_status status = gallery->backend->identity(gallery, &stored, err);
    if (status != KITH_OK)
        return status;
    bool new = !stored.pipeline[0];
    if (!new && (status = check_identity(gallery, &stored, identity, err)) != KITH_OK)
        return status;
    if (!gallery->writable || (!new && (stored.has_canary || !identity->has_canary)))
        return KITH_OK;
    status = gallery->backend->adopt(gallery, identity, err);
    if (status == KITH_OK)
        status = gallery->backend->identity(gallery, &stored, err);
    return status == KITH_OK ? check_identity(gallery, &stored, identity, err) : status;
}

kith_status kith_gallery_identity(kith_gallery *gallery, kith_identity *out, kith_error *err) {
    return gallery->backend->identity(gallery, out, err);
}

kith_status kith_gallery_note(kith_gallery *gallery, const char *name, char **out, kith_error *err) {
    *out = NULL;
    return gallery->backend->note(gallery, name, out, err);
}

kith_status kith_gallery_set_note(kith_gallery *gallery, const char *name, const char *text,
                                  kith_error *err) {
    return gallery->backend->set_note(gallery, name, text, err);
}

kith_status kith_gallery_notes(kith_gallery *gallery, kith_note_visit visit, void *context, kith_error *err) {
    return gallery->backend->notes(gallery, visit, context, err);
}

/* Points that the gallery can take: complete, and of its pipeline. */
static kith_status check_points(kith_gallery *gallery, const kith_point *points, size_t count,
                                kith_error *err) {
    kith_identity stored;
    kith_status status = gallery->backend->identity(gallery, &stored, err);
    for (size_t i = 0; status == KITH_OK && i < count; i++) {
        kith_error cause = {0};
        if (kith_point_check(&points[i], NULL, &cause) != KITH_OK)
            return kith_fail(err, KITH_E_REFUSED, 0, gallery->uri, "%s", cause.text);
        if (strcmp(points[i].pipeline, stored.pipeline) != 0)
            return kith_fail(
                err, KITH_E_REFUSED, 0, gallery->uri, "holds faces of pipeline %s, face %s is of %s",
                stored.pipeline[0] ? stored.pipeline : "none yet", points[i].id, points[i].pipeline);
    }
    return status;
}

static kith_status check_vector(const kith_gallery *gallery, const float *vector, const char *whose,
                                kith_error *err) {
    if (kith_is_unit(vector))
        return KITH_OK;
    return kith_fail(err, KITH_E_REFUSED, 0, gallery->uri, "the vector of %s has length %.6g, not 1", whose,
                     sqrt(kith_dot(vector, vector)));
}

kith_status kith_gallery_put(kith_gallery *gallery, const kith_point *points, const float *vectors,
                             size_t count, kith_error *err) {
    kith_status status = check_points(gallery, points, count, err);
    for (size_t i = 0; status == KITH_OK && i < count; i++)
        status = check_vector(gallery, vectors + i * KITH_DIMENSION, points[i].id, err);
    return status == KITH_OK ? gallery->backend->put(gallery, points, vectors, count, err) : status;
}

kith_status kith_gallery_update(kith_gallery *gallery, const kith_point *points, size_t count,
                                kith_error *err) {
    kith_status status = check_points(gallery, points, count, err);
    return status == KITH_OK ? gallery->backend->update(gallery, points, count, err) : status;
}

kith_status kith_gallery_name(kith_gallery *gallery, const kith_filter *filter, const char *person,
                              uint64_t *changed, kith_error *err) {
    uint64_t unused;
    kith_status status = kith_filter_check(filter, err);
    if (status == KITH_OK && person)
        status = kith_person_check(person, err);
    if (status != KITH_OK)
        return status;
    return gallery->backend->name(gallery, filter, person, changed ? changed : &unused, err);
}

kith_status kith_gallery_remove(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                                kith_error *err) {
    uint64_t unused;
    kith_status status = kith_filter_check(filter, err);
    if (status != KITH_OK)
        return status;
    return gallery->backend->remove(gallery, filter, removed ? removed : &unused, err);
}

kith_status kith_gallery_purge(kith_gallery *gallery, kith_error *err) {
    return gallery->backend->purge(gallery, err);
}

kith_status kith_gallery_count(kith_gallery *gallery, const kith_filter *filter, uint64_t *out,
                               kith_error *err) {
    *out = 0;
    kith_status status = kith_filter_check(filter, err);
    return status == KITH_OK ? gallery->backend->count(gallery, filter, out, err) : status;
}

kith_status kith_gallery_each(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                              kith_point_visit visit, void *context, kith_error *err) {
    kith_status status = kith_filter_check(filter, err);
    if (status != KITH_OK)
        return status;
    return gallery->backend->each(gallery, filter, with_vectors, visit, NULL, context, err);
}

struct inspection {
    kith_point_visit visit;
    kith_damage_visit damaged;
    void *context;
    kith_identity identity;
};

/* What a backend could read may still be no face of this gallery. */
static kith_status inspect_point(void *context, const kith_point *point, const float *vector,
                                 kith_error *err) {
    const struct inspection *inspection = context;
    const char *pipeline = inspection->identity.pipeline;
    kith_error why = {0};
    if (kith_point_check(point, NULL, &why) == KITH_OK && pipeline[0] &&
        strcmp(point->pipeline, pipeline) != 0)
        kith_fail(&why, KITH_E_REFUSED, 0, NULL, "it is of pipeline %s, the gallery of %s", point->pipeline,
                  pipeline);
    if (why.code == KITH_OK)
        return inspection->visit(inspection->context, point, vector, err);
    const kith_damage damage = {point->id, point->person, why.text};
    return inspection->damaged(inspection->context, &damage, err);
}

static kith_status pass_damage(void *context, const kith_damage *damage, kith_error *err) {
    const struct inspection *inspection = context;
    return inspection->damaged(inspection->context, damage, err);
}

kith_status kith_gallery_inspect(kith_gallery *gallery, kith_point_visit visit, kith_damage_visit damaged,
                                 void *context, kith_error *err) {
    struct inspection inspection = {.visit = visit, .damaged = damaged, .context = context};
    kith_status status = gallery->backend->identity(gallery, &inspection.identity, err);
    if (status != KITH_OK)
        return status;
    return gallery->backend->each(gallery, NULL, true, inspect_point, pass_damage, &inspection, err);
}

kith_status kith_gallery_discard(kith_gallery *gallery, const char *const *names, size_t count,
                                 kith_error *err) {
    return count > 0 ? gallery->backend->discard(gallery, names, count, err) : KITH_OK;
}

void kith_hits_clear(kith_hits *hits) {
    for (size_t i = 0; i < hits->count; i++)
        kith_point_clear(&hits->items[i].point);
    free(hits->items);
    *hits = (kith_hits){0};
}

static kith_status check_search(const kith_gallery *gallery, const float *probe, const kith_filter *filter,
                                kith_hits *out, kith_error *err) {
    *out = (kith_hits){0};
    kith_status status = kith_filter_check(filter, err);
    return status == KITH_OK ? check_vector(gallery, probe, "the probe", err) : status;
}

/* Scores are cosines, whatever the last digits of a sum are. */
static void clamp(kith_hits *hits) {
    for (size_t i = 0; i < hits->count; i++)
        hits->items[i].score = (float)kith_cosine((double)hits->items[i].score);
}

kith_status kith_gallery_search(kith_gallery *gallery, const float probe[KITH_DIMENSION],
                                const kith_filter *filter, size_t limit, kith_hits *out, kith_error *err) {
    kith_status status = check_search(gallery, probe, filter, out, err);
    if (status == KITH_OK)
        status = gallery->backend->search(gallery, probe, filter, limit, out, err);
    clamp(out);
    return status;
}

kith_status kith_gallery_search_persons(kith_gallery *gallery, const float probe[KITH_DIMENSION],
                                        const kith_filter *filter, size_t persons, size_t each,
                                        kith_hits *out, kith_error *err) {
    kith_status status = check_search(gallery, probe, filter, out, err);
    if (status != KITH_OK || persons == 0 || each == 0)
        return status;
    status = gallery->backend->search_persons(gallery, probe, filter, persons, each, out, err);
    clamp(out);
    return status;
}

kith_status kith_gallery_people(kith_gallery *gallery, kith_people *out, kith_error *err) {
    *out = (kith_people){0};
    kith_status status = gallery->backend->people(gallery, out, err);
    if (status != KITH_OK)
        kith_people_clear(out);
    return status;
}

void kith_people_clear(kith_people *people) {
    for (size_t i = 0; i < people->count; i++)
        free(people->items[i].name);
    free(people->items);
    *people = (kith_people){0};
}
