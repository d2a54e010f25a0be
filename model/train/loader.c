/* SPDX-License-Identifier: MIT
 *
 * A ring of batches. Workers take items of the batches in order; whoever finds the last batch begun and a
 * free place in the ring begins the next. One lock: an item takes far longer than taking it.
 */
#include "model/train/loader.h"

#include <pthread.h>

enum { LANDMARKS = 2 * KITH_LANDMARKS };

typedef struct slot {
    kith_batch batch;
    kith_sample *samples;
    unsigned char *rgb;
    float *landmarks;
    size_t begun, made; /* items */
} slot;

struct kith_loader {
    kith_loader_options options;
    kith_frame frame;
    size_t items, picture; /* of a batch; bytes */
    slot *slots;
    size_t slot_count;
    pthread_t *threads;
    int thread_count;
    pthread_mutex_t lock; /* guards what follows, and slots' counters */
    pthread_cond_t work, ready;
    size_t given;       /* batches that the caller is done with, since the beginning */
    size_t opened;      /* batches begun */
    size_t epoch, step; /* of the next one to begin */
    bool holding;       /* the caller reads batch `given` */
    bool stop;
    kith_error err;
};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL,
                     "no memory for batches of pictures (--batch makes smaller ones)");
}

/* Begins the next batch; the lock is held. */
static void begin(kith_loader *loader) {
    slot *s = &loader->slots[loader->opened % loader->slot_count];
    s->batch.count = kith_sampler_batch(loader->options.sampler, loader->epoch, loader->step, s->samples);
    s->begun = s->made = 0;
    loader->opened++;
    if (++loader->step == kith_sampler_steps(loader->options.sampler)) {
        loader->step = 0;
        loader->epoch++;
    }
}

/* The batch that has an item to be made, the lock held; NULL: none until the caller takes one. */
static slot *find_work(kith_loader *loader) {
    for (;;) {
        if (loader->opened > 0) {
            slot *last = &loader->slots[(loader->opened - 1) % loader->slot_count];
            if (last->begun < loader->items)
                return last;
        }
        if (loader->opened - loader->given >= loader->slot_count)
            return NULL;
        begin(loader);
    }
}

static kith_status make(const kith_loader *loader, const slot *s, size_t item, kith_error *err) {
    const kith_sample *sample = &s->samples[item];
    float *landmarks = s->landmarks ? s->landmarks + item * LANDMARKS : NULL;
    return kith_augment(s->rgb + item * loader->picture, landmarks, &loader->frame,
                        loader->options.set->faces[sample->face].chip, &sample->augmentation, err);
}

static void *work(void *context) {
    kith_loader *loader = context;
    pthread_mutex_lock(&loader->lock);
    while (!loader->stop) {
        slot *s = find_work(loader);
        if (!s) {
            pthread_cond_wait(&loader->work, &loader->lock);
            continue;
        }
        size_t item = s->begun++;
        kith_error err = {0};
        pthread_mutex_unlock(&loader->lock);
        kith_status status = make(loader, s, item, &err);
        pthread_mutex_lock(&loader->lock);
        if (status != KITH_OK && loader->err.code == KITH_OK)
            loader->err = err;
        if (++s->made == loader->items || status != KITH_OK)
            pthread_cond_signal(&loader->ready);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

static bool open_slot(slot *s, const kith_loader *loader) {
    size_t items = loader->items;
    s->samples = calloc(items, sizeof *s->samples);
    s->rgb = calloc(items, loader->picture);
    s->landmarks = loader->options.landmarks ? calloc(items, LANDMARKS * sizeof *s->landmarks) : NULL;
    s->batch = (kith_batch){.items = items, .samples = s->samples, .rgb = s->rgb, .landmarks = s->landmarks};
    return s->samples && s->rgb && (s->landmarks || !loader->options.landmarks);
}

static kith_status start(kith_loader *loader, kith_error *err) {
    int jobs = loader->options.jobs < 1 ? 1 : loader->options.jobs;
    loader->slot_count = loader->options.ahead < 2 ? 2 : (size_t)loader->options.ahead;
    loader->slots = calloc(loader->slot_count, sizeof *loader->slots);
    loader->threads = calloc((size_t)jobs, sizeof *loader->threads);
    if (!loader->slots || !loader->threads)
        return no_memory(err);
    for (size_t i = 0; i < loader->slot_count; i++)
        if (!open_slot(&loader->slots[i], loader))
            return no_memory(err);
    while (loader->thread_count < jobs &&
           pthread_create(&loader->threads[loader->thread_count], NULL, work, loader) == 0)
        loader->thread_count++;
    return loader->thread_count > 0 ? KITH_OK
                                    : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no thread can be started");
}

kith_status kith_loader_open(kith_loader **out, const kith_loader_options *options, kith_error *err) {
    kith_loader *loader = *out = calloc(1, sizeof *loader);
    if (!loader)
        return no_memory(err);
    loader->options = *options;
    loader->epoch = options->epoch;
    loader->step = options->step;
    loader->items = kith_sampler_items(options->sampler);
    loader->picture = (size_t)options->side * (size_t)options->side * 3;
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->work, NULL);
    pthread_cond_init(&loader->ready, NULL);
    kith_status status =
        kith_frame_of(&loader->frame, options->arch, options->side)
            ? start(loader, err)
            : kith_fail(err, KITH_E_REFUSED, 0, options->arch, "no network that embeds faces");
    if (status != KITH_OK)
        kith_loader_close(out);
    return status;
}

void kith_loader_close(kith_loader **loader) {
    kith_loader *old = *loader;
    if (!old)
        return;
    pthread_mutex_lock(&old->lock);
    old->stop = true;
    pthread_cond_broadcast(&old->work);
    pthread_mutex_unlock(&old->lock);
    for (int i = 0; i < old->thread_count; i++)
        pthread_join(old->threads[i], NULL);
    for (size_t i = 0; old->slots && i < old->slot_count; i++) {
        free(old->slots[i].samples);
        free(old->slots[i].rgb);
        free(old->slots[i].landmarks);
    }
    free(old->slots);
    free(old->threads);
    pthread_cond_destroy(&old->ready);
    pthread_cond_destroy(&old->work);
    pthread_mutex_destroy(&old->lock);
    free(old);
    *loader = NULL;
}

kith_status kith_loader_next(kith_loader *loader, const kith_batch **out, kith_error *err) {
    pthread_mutex_lock(&loader->lock);
    if (loader->holding)
        loader->given++;
    loader->holding = true;
    pthread_cond_broadcast(&loader->work);
    slot *s = &loader->slots[loader->given % loader->slot_count];
    while (loader->err.code == KITH_OK && !(loader->opened > loader->given && s->made == loader->items))
        pthread_cond_wait(&loader->ready, &loader->lock);
    *out = &s->batch;
    kith_error failure = loader->err;
    pthread_mutex_unlock(&loader->lock);
    return failure.code == KITH_OK ? KITH_OK : kith_fail_with(err, &failure);
}
