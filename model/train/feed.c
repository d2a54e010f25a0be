/* SPDX-License-Identifier: MIT */
#include "model/train/feed.h"

#include "model/train/loader.h"
#include "proto/stop.h"

enum { AHEAD = 4 };

struct kith_feed_cache {
    kith_cache *cache;
    uint32_t *items; /* of each key; UINT32_MAX: not of this side */
};

struct kith_feed {
    kith_feed_options options;
    const kith_feed_cache *cache;
    kith_sampler *sampler;
    kith_loader *loader; /* without a cache */
    size_t epoch, step;  /* with one: the next batch */
    kith_sample *samples;
    uint32_t *faces;
};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for batches");
}

static kith_status open_sampler(kith_sampler **out, const kith_feed_options *options, kith_error *err) {
    kith_sampler_options with = options->sampler;
    if (with.validation && with.sampling == KITH_SAMPLE_PERSONS)
        with.sampling = KITH_SAMPLE_FACES;
    return kith_sampler_open(out, &with, err);
}

/* ---- the cache ---- */

static bool is_of_side(const kith_sampler_options *sampler, const kith_sample *sample) {
    if (sampler->sampling == KITH_SAMPLE_TRIPLETS)
        return sampler->triplets->items[sample->key / KITH_TRIPLET].validation == sampler->validation;
    return sampler->set->faces[sample->face].validation == sampler->validation;
}

static bool is_plain(const kith_sample *sample) {
    char text[KITH_AUGMENTATION_TEXT];
    kith_augmentation_text(text, &sample->augmentation);
    return strcmp(text, "plain") == 0;
}

/* Numbers the items. samples: room for all keys; plain: of each face the item that shows it as it is. */
static size_t number_items(kith_feed_cache *cache, const kith_feed_options *feed, kith_sampler *sampler,
                           kith_sample *samples, uint32_t *plain) {
    size_t keys = kith_sampler_keys(sampler), count = 0;
    memset(plain, 0xff, feed->sampler.set->count * sizeof *plain);
    for (size_t key = 0; key < keys && !kith_stop_signal(); key++) {
        kith_sample *sample = &samples[count];
        cache->items[key] = UINT32_MAX;
        kith_sampler_sample(sampler, key, sample);
        if (!is_of_side(&feed->sampler, sample))
            continue;
        bool as_it_is = is_plain(sample);
        if (as_it_is && plain[sample->face] != UINT32_MAX) {
            cache->items[key] = plain[sample->face];
            continue;
        }
        if (as_it_is)
            plain[sample->face] = (uint32_t)count;
        cache->items[key] = (uint32_t)count++;
    }
    return count;
}

static kith_status fill_cache(kith_feed_cache *out, const kith_feed_options *feed, kith_sampler *sampler,
                              const kith_feed_cache_options *options, kith_error *err) {
    size_t keys = kith_sampler_keys(sampler);
    kith_sample *samples = calloc(keys + 1, sizeof *samples);
    uint32_t *plain = calloc(feed->sampler.set->count + 1, sizeof *plain);
    out->items = calloc(keys + 1, sizeof *out->items);
    kith_status status = KITH_E_MEMORY;
    if (samples && plain && out->items && keys < UINT32_MAX) {
        kith_cache_options with = {.set = feed->sampler.set,
                                   .samples = samples,
                                   .count = number_items(out, feed, sampler, samples, plain),
                                   .arch = feed->arch,
                                   .side = feed->side,
                                   .threads = feed->threads,
                                   .frozen = options->frozen,
                                   .budget = options->budget,
                                   .folder = options->folder,
                                   .progress = options->progress,
                                   .context = options->context};
        status = kith_stop_error(err); /* items are millions */
        if (status == KITH_OK)
            status = kith_cache_open(&out->cache, &with, err);
    } else {
        no_memory(err);
    }
    free(samples);
    free(plain);
    return status;
}

kith_status kith_feed_cache_open(kith_feed_cache **out, const kith_feed_options *feed,
                                 const kith_feed_cache_options *options, kith_error *err) {
    kith_sampler *sampler = NULL;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return no_memory(err);
    kith_status status = open_sampler(&sampler, feed, err);
    if (status == KITH_OK)
        status = fill_cache(*out, feed, sampler, options, err);
    kith_sampler_close(&sampler);
    if (status != KITH_OK)
        kith_feed_cache_close(out);
    return status;
}

void kith_feed_cache_close(kith_feed_cache **cache) {
    if (*cache) {
        kith_cache_close(&(*cache)->cache);
        free((*cache)->items);
    }
    free(*cache);
    *cache = NULL;
}

const kith_cache *kith_feed_cache_items(const kith_feed_cache *cache) {
    return cache->cache;
}

/* ---- the feed ---- */

static kith_status open_loader(kith_feed *feed, kith_error *err) {
    kith_loader_options with = {.set = feed->options.sampler.set,
                                .sampler = feed->sampler,
                                .arch = feed->options.arch,
                                .side = feed->options.side,
                                .landmarks = feed->options.vector_row >= 0,
                                .jobs = feed->options.threads,
                                .ahead = AHEAD,
                                .epoch = feed->epoch,
                                .step = feed->step};
    return kith_loader_open(&feed->loader, &with, err);
}

kith_status kith_feed_open(kith_feed **out, const kith_feed_options *options, const kith_feed_cache *cache,
                           size_t epoch, size_t step, kith_error *err) {
    kith_feed *feed = *out = calloc(1, sizeof *feed);
    if (!feed)
        return no_memory(err);
    feed->options = *options;
    feed->cache = cache;
    kith_status status = open_sampler(&feed->sampler, options, err);
    if (status == KITH_OK) {
        size_t steps = kith_feed_steps(feed);
        feed->epoch = epoch + step / steps;
        feed->step = step % steps;
        feed->samples = calloc(kith_feed_items(feed), sizeof *feed->samples);
        feed->faces = calloc(kith_feed_items(feed), sizeof *feed->faces);
        if (!feed->samples || !feed->faces)
            status = no_memory(err);
    }
    if (status == KITH_OK && !cache)
        status = open_loader(feed, err);
    if (status != KITH_OK)
        kith_feed_close(out);
    return status;
}

void kith_feed_close(kith_feed **feed) {
    if (*feed) {
        kith_loader_close(&(*feed)->loader);
        kith_sampler_close(&(*feed)->sampler);
        free((*feed)->samples);
        free((*feed)->faces);
    }
    free(*feed);
    *feed = NULL;
}

size_t kith_feed_steps(const kith_feed *feed) {
    return kith_sampler_steps(feed->sampler);
}

size_t kith_feed_items(const kith_feed *feed) {
    return kith_sampler_items(feed->sampler);
}

static kith_status from_loader(kith_feed *feed, kith_graph *graph, kith_fed *out, kith_error *err) {
    const kith_batch *batch;
    size_t picture = (size_t)feed->options.side * (size_t)feed->options.side * 3;
    kith_status status = kith_loader_next(feed->loader, &batch, err);
    if (status != KITH_OK)
        return status;
    for (size_t i = 0; i < batch->items; i++) {
        const float *landmarks = batch->landmarks ? batch->landmarks + i * 2 * KITH_LANDMARKS : NULL;
        kith_graph_set_input(graph, (int)i, batch->rgb + i * picture, landmarks);
        feed->faces[i] = batch->samples[i].face;
    }
    out->count = batch->count;
    return KITH_OK;
}

static void from_cache(kith_feed *feed, kith_graph *graph, kith_fed *out) {
    size_t width = 0, items = kith_feed_items(feed), vector = 0;
    float *activations = kith_graph_input(graph, feed->options.frozen_row, &width);
    float *vectors =
        feed->options.vector_row >= 0 ? kith_graph_input(graph, feed->options.vector_row, &vector) : NULL;
    out->count = kith_sampler_batch(feed->sampler, feed->epoch, feed->step, feed->samples);
#pragma omp parallel for num_threads(feed->options.threads) schedule(static)
    for (size_t i = 0; i < items; i++) {
        kith_cache_get(feed->cache->cache, feed->cache->items[feed->samples[i].key], activations + i * width,
                       vectors ? vectors + i * vector : NULL);
        feed->faces[i] = feed->samples[i].face;
    }
    if (++feed->step == kith_feed_steps(feed)) {
        feed->step = 0;
        feed->epoch++;
    }
}

kith_status kith_feed_next(kith_feed *feed, kith_graph *graph, kith_fed *out, kith_error *err) {
    kith_status status = KITH_OK;
    if (feed->cache)
        from_cache(feed, graph, out);
    else
        status = from_loader(feed, graph, out, err);
    out->faces = feed->faces;
    return status;
}
