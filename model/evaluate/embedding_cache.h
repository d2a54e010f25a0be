/* SPDX-License-Identifier: MIT
 *
 * Embeddings of photos that were looked at before: one file for each pipeline and set of settings, in
 * $XDG_CACHE_HOME/kith, entries by the SHA-256 of what was looked at. An entry is written as it is made, so a
 * stopped run continues. Processes may share the file: it is locked while it is read through and while an
 * entry is put behind its end. Each entry has a checksum; what does not match it was damaged, counts as not
 * there, and is overwritten so that it is told once. Threads share a cache.
 */
#ifndef KITH_MODEL_EVALUATE_EMBEDDING_CACHE_H
#define KITH_MODEL_EVALUATE_EMBEDDING_CACHE_H

#include <stdint.h>

#include "proto/point.h"
#include "proto/status.h"

enum { KITH_CACHE_KEY = 32 }; /* bytes of SHA-256 */

typedef struct kith_cached_face {
    unsigned char key[KITH_CACHE_KEY];
    bool face;    /* false: there is none, and the rest is zero */
    float box[4]; /* in pixels of the displayed photo */
    float embedding[KITH_DIMENSION];
} kith_cached_face;

typedef struct kith_embedding_cache kith_embedding_cache;

/* settings: one line of everything besides the pipeline that decides what is found. KITH_E_IO: the folder
 * cannot be made or written, or there is something else under the file's name.
 */
kith_status kith_embedding_cache_open(kith_embedding_cache **out, const char *pipeline, const char *settings,
                                      kith_error *err);
void kith_embedding_cache_close(kith_embedding_cache **cache);

const char *kith_embedding_cache_path(const kith_embedding_cache *cache);
size_t
kith_embedding_cache_damaged(const kith_embedding_cache *cache); /* entries, found when it was opened */

/* Fills the rest of *face for its key; false: not known. */
bool kith_embedding_cache_get(const kith_embedding_cache *cache, kith_cached_face *face);

/* KITH_E_IO: it could not be written; the file is as it was. */
kith_status kith_embedding_cache_put(kith_embedding_cache *cache, const kith_cached_face *face,
                                     kith_error *err);

#endif
