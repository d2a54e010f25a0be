/* SPDX-License-Identifier: MIT
 *
 * Fills a graph's inputs, batch by batch in order: pictures that a loader makes, or activations from a cache.
 * Sources are one side of a face set's split, or of triplets. One thread at a time.
 */
#ifndef KITH_MODEL_TRAIN_FEED_H
#define KITH_MODEL_TRAIN_FEED_H

#include "model/train/cache.h"
#include "model/train/graph.h"

typedef struct kith_feed_options {
    kith_sampler_options sampler; /* of its side; validation of persons goes face by face */
    const char *arch;
    int side, threads;
    int vector_row; /* the network's second input; -1: none */
    int frozen_row; /* the input that a cache fills */
} kith_feed_options;

/* Activations of all that a side may show (kith_sampler_keys()); pictures that are not changed are kept once.
 */
typedef struct kith_feed_cache kith_feed_cache;

typedef struct kith_feed_cache_options {
    kith_frozen *frozen;
    size_t budget;      /* bytes of memory */
    const char *folder; /* of a file when the budget is too small */
    void (*progress)(void *context, size_t done, size_t total);
    void *context;
} kith_feed_cache_options;

kith_status kith_feed_cache_open(kith_feed_cache **out, const kith_feed_options *feed,
                                 const kith_feed_cache_options *options, kith_error *err);
void kith_feed_cache_close(kith_feed_cache **cache);
const kith_cache *kith_feed_cache_items(const kith_feed_cache *cache);

typedef struct kith_feed kith_feed;

/* cache: NULL for pictures; else must outlive it. Begins at step `step` of epoch `epoch`; behind the last
 * one, where a run may have been stopped, with the next epoch.
 */
kith_status kith_feed_open(kith_feed **out, const kith_feed_options *options, const kith_feed_cache *cache,
                           size_t epoch, size_t step, kith_error *err);
void kith_feed_close(kith_feed **feed);

size_t kith_feed_steps(const kith_feed *feed); /* of an epoch */
size_t kith_feed_items(const kith_feed *feed); /* of a batch */

/* What the graph was given. */
typedef struct kith_fed {
    const uint32_t *faces; /* of each item */
    size_t count;          /* faces or triplets that are meant, see kith_sampler_batch() */
} kith_fed;

kith_status kith_feed_next(kith_feed *feed, kith_graph *graph, kith_fed *out, kith_error *err);

#endif
