/* SPDX-License-Identifier: MIT
 *
 * What a backend of proto/gallery.h is: one table of functions and a struct that begins with kith_gallery.
 * proto/gallery.c checks arguments (filters, points, unit vectors, identities) before it calls; a backend
 * keeps to the meaning that the public header states. The contract suite (tests/gallery/contract_*.c) runs
 * against every row of the list in proto/gallery.c.
 */
#ifndef KITH_PROTO_GALLERY_BACKEND_H
#define KITH_PROTO_GALLERY_BACKEND_H

#include "proto/gallery.h"
#include "proto/gallery_options.h"

struct kith_database;

typedef struct kith_gallery_backend {
    const char *scheme; /* of the URI, with its colon */

    /* `address` is what follows the scheme. struct kith_gallery is filled by proto/gallery.c. */
    kith_status (*open)(kith_gallery **out, const char *address, kith_gallery_mode mode,
                        const kith_gallery_options *options, kith_error *err);
    void (*close)(kith_gallery *gallery);

    kith_status (*identity)(kith_gallery *gallery, kith_identity *out, kith_error *err);
    /* Stores what the header does not say yet: a pipeline, a canary. Never replaces. */
    kith_status (*adopt)(kith_gallery *gallery, const kith_identity *identity, kith_error *err);
    kith_status (*note)(kith_gallery *gallery, const char *name, char **out, kith_error *err);
    kith_status (*set_note)(kith_gallery *gallery, const char *name, const char *text, kith_error *err);
    kith_status (*notes)(kith_gallery *gallery, kith_note_visit visit, void *context, kith_error *err);

    kith_status (*put)(kith_gallery *gallery, const kith_point *points, const float *vectors, size_t count,
                       kith_error *err);
    kith_status (*update)(kith_gallery *gallery, const kith_point *points, size_t count, kith_error *err);
    kith_status (*name)(kith_gallery *gallery, const kith_filter *filter, const char *person,
                        uint64_t *changed, kith_error *err);
    kith_status (*remove)(kith_gallery *gallery, const kith_filter *filter, uint64_t *removed,
                          kith_error *err);
    kith_status (*purge)(kith_gallery *gallery, kith_error *err);

    kith_status (*count)(kith_gallery *gallery, const kith_filter *filter, uint64_t *out, kith_error *err);
    /* damaged NULL: the first damaged point ends the walk. */
    kith_status (*each)(kith_gallery *gallery, const kith_filter *filter, bool with_vectors,
                        kith_point_visit visit, kith_damage_visit damaged, void *context, kith_error *err);
    kith_status (*discard)(kith_gallery *gallery, const char *const *names, size_t count, kith_error *err);
    kith_status (*search)(kith_gallery *gallery, const float *probe, const kith_filter *filter, size_t limit,
                          kith_hits *out, kith_error *err);
    kith_status (*search_persons)(kith_gallery *gallery, const float *probe, const kith_filter *filter,
                                  size_t persons, size_t each, kith_hits *out, kith_error *err);
    kith_status (*people)(kith_gallery *gallery, kith_people *out, kith_error *err);

    /* The database in which the ledger lies as well; the result NULL: this backend has no place for one, and
     * place() is where the gallery is, and *mark what it says of itself wherever it is asked, NULL: nothing.
     */
    struct kith_database *(*database)(kith_gallery *gallery);
    kith_status (*place)(kith_gallery *gallery, char **out, char **mark,
                         kith_error *err); /* newly allocated */

    /* Of those on a server only. server(): newly allocated; `address` as in open(). */
    kith_status (*server)(char **out, const char *address, kith_error *err);
    bool (*is_alias)(const kith_gallery *gallery);
    kith_status (*check_place)(kith_gallery *gallery, kith_error *err);
    kith_status (*switch_to)(kith_gallery *gallery, kith_gallery *to, kith_error *err);
} kith_gallery_backend;

/* The advice of every error about a damaged point. */
#define KITH_DAMAGE_ADVICE "kith-index verify lists what is damaged, --repair removes it"

struct kith_gallery {
    const kith_gallery_backend *backend;
    char *uri;     /* as resolved */
    bool writable; /* not KITH_GALLERY_READ */
};

extern const kith_gallery_backend kith_sqlite_backend, kith_qdrant_http_backend, kith_qdrant_https_backend;

#endif
