/* SPDX-License-Identifier: MIT
 *
 * The faces of a study become embeddings: from the cache, or through the pipeline by several threads, and
 * then into the cache.
 */
#ifndef KITH_MODEL_EVALUATE_EMBED_H
#define KITH_MODEL_EVALUATE_EMBED_H

#include "model/evaluate/study.h"
#include "model/which.h"

typedef struct kith_embed_options {
    kith_model *model;
    kith_find_options find;
    kith_decode_options decode;
    kith_which which; /* not KITH_WHICH_ALL */
    int jobs;         /* threads, >= 1 */
    /* Both from the calling thread; may be NULL. `warn`: the cache cannot be used, or had damaged entries;
     * the work goes on.
     */
    void (*progress)(void *context, size_t done, size_t total);
    void (*warn)(void *context, const kith_error *err);
    void *context;
} kith_embed_options;

/* Fills states, boxes and embeddings. KITH_E_REFUSED: the cache was made by a build of kith that makes other
 * embeddings; KITH_E_MEMORY; KITH_E_STOPPED: what is done is in the cache.
 */
kith_status kith_study_embed(kith_study *study, const kith_embed_options *options, kith_error *err);

#endif
