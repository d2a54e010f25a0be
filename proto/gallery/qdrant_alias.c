/* SPDX-License-Identifier: MIT
 *
 * Aliases: other names of collections, which a server can let mean another collection in one step. A gallery
 * may be addressed by one; it is the collection that the alias means when the gallery is opened, as is its
 * ledger.
 */
#include "proto/gallery/qdrant.h"

static const char *name_of(const kith_qdrant *qdrant) {
    return strrchr(qdrant->where, '/') + 1; /* no name has a slash */
}

static bool same_server(const kith_qdrant *a, const kith_qdrant *b) {
    size_t length = (size_t)(name_of(a) - a->where);
    return length == (size_t)(name_of(b) - b->where) && strncmp(a->where, b->where, length) == 0;
}

/* *out: the collection behind the gallery's name, newly allocated; NULL: the name is no alias. */
static kith_status find_target(kith_qdrant *qdrant, char **out, kith_error *err) {
    json_t *answer = NULL;
    const json_t *alias;
    size_t i;
    *out = NULL;
    kith_status status = kith_qdrant_ask_server(qdrant, "GET", "/aliases", NULL, &answer, err);
    json_array_foreach(json_object_get(answer, "aliases"), i, alias) {
        const char *name = json_string_value(json_object_get(alias, "alias_name"));
        const char *target = json_string_value(json_object_get(alias, "collection_name"));
        if (!name || !target || strcmp(name, name_of(qdrant)) != 0)
            continue;
        if (!(*out = strdup(target)))
            status = kith_qdrant_no_memory(qdrant, err);
        break;
    }
    json_decref(answer);
    return status;
}

/* A key that may see one collection only may not be told of aliases: then the name is the collection's. */
static kith_status find_now(kith_qdrant *qdrant, char **out, kith_error *err) {
    kith_error cause = {0};
    kith_status status = find_target(qdrant, out, &cause);
    return status == KITH_OK || cause.native == 403 ? KITH_OK : kith_fail_with(err, &cause);
}

static const char *collection_of(const kith_qdrant *qdrant) {
    return qdrant->target ? qdrant->target : name_of(qdrant);
}

kith_status kith_qdrant_resolve(kith_qdrant *qdrant, kith_error *err) {
    kith_status status = find_now(qdrant, &qdrant->target, err);
    if (status != KITH_OK || !qdrant->target)
        return status;
    char *path = kith_qdrant_path(qdrant->target);
    if (!path)
        return kith_qdrant_no_memory(qdrant, err);
    free(qdrant->path);
    qdrant->path = path;
    if (qdrant->second)
        qdrant->second->path = path;
    return KITH_OK;
}

kith_status kith_qdrant_check_place(kith_gallery *gallery, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    char *now = NULL;
    kith_status status = find_now(qdrant, &now, err);
    if (status == KITH_OK && strcmp(now ? now : name_of(qdrant), collection_of(qdrant)) != 0)
        status = kith_fail(err, KITH_E_REFUSED, 0, qdrant->where,
                           "means another collection by now, all this was of %s (run the same command again)",
                           collection_of(qdrant));
    free(now);
    return status;
}

/* The mark has the name, too, because a collection that was recovered from another's snapshot says what that
 * one said.
 */
kith_status kith_qdrant_place(kith_gallery *gallery, char **out, char **mark, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery);
    char *id = NULL;
    *out = *mark = NULL;
    kith_status status = kith_qdrant_mark(qdrant, &id, err);
    if (status == KITH_OK && asprintf(out, "%.*s%s", (int)(name_of(qdrant) - qdrant->where), qdrant->where,
                                      collection_of(qdrant)) < 0) {
        *out = NULL;
        status = kith_qdrant_no_memory(qdrant, err);
    }
    if (status == KITH_OK && id && asprintf(mark, "%s/%s", id, collection_of(qdrant)) < 0) {
        *mark = NULL;
        status = kith_qdrant_no_memory(qdrant, err);
    }
    free(id);
    return status;
}

bool kith_qdrant_is_alias(const kith_gallery *gallery) {
    return ((const kith_qdrant *)gallery)->target != NULL;
}

kith_status kith_qdrant_switch(kith_gallery *gallery, kith_gallery *to, kith_error *err) {
    kith_qdrant *qdrant = kith_qdrant_of(gallery), *other = kith_qdrant_of(to);
    kith_status status = kith_qdrant_may_write(other, err);
    if (status == KITH_OK && !same_server(qdrant, other))
        status = kith_fail(err, KITH_E_USAGE, 0, other->where, "is on another server than %s", qdrant->where);
    if (status == KITH_OK) {
        /* An alias of an alias is not possible. An alias that is made again means the new collection from
         * then on, in one write to the server's disk. Deleted first, in the same request, it would be gone
         * for good when the server ends in between or refuses the second part
         * (lib/storage/src/content_manager).
         */
        json_t *body = json_pack("{s:[{s:{s:s, s:s}}]}", "actions", "create_alias", "alias_name",
                                 name_of(qdrant), "collection_name", collection_of(other));
        status = kith_qdrant_ask_server(qdrant, "POST", "/collections/aliases", body, NULL, err);
    }
    return status;
}
