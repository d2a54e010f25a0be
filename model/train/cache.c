/* SPDX-License-Identifier: MIT */
#include "model/train/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/network/half.h"
#include "model/train/scratch.h"
#include "proto/stop.h"

enum { CHUNK = 64, VECTOR = 2 * KITH_LANDMARKS };

struct kith_cache {
    unsigned char *bytes; /* items of `stride` bytes: landmarks, then the activation */
    size_t count, width, stride, size;
    bool halves, file;
};

/* One chunk in the making. */
typedef struct room {
    unsigned char *rgb;
    float *activations;
    kith_error errors[CHUNK];
} room;

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the activations of frozen layers");
}

static bool plan(kith_cache *cache, const kith_cache_options *options, bool halves) {
    cache->halves = halves;
    cache->stride = VECTOR * sizeof(float) + cache->width * (halves ? sizeof(uint16_t) : sizeof(float));
    cache->stride = (cache->stride + 63) / 64 * 64;
    return !__builtin_mul_overflow(cache->stride, cache->count, &cache->size) &&
           cache->size <= options->budget;
}

static int open_file(const char *folder, size_t size) {
    int fd = kith_scratch_open(folder);
    if (fd < 0)
        return -1;
    int failure = kith_scratch_reserve(fd, 0, size);
    if (failure == 0)
        return fd;
    close(fd);
    errno = failure;
    return -1;
}

static kith_status map(kith_cache *cache, const kith_cache_options *options, kith_error *err) {
    int fd = -1, flags = MAP_PRIVATE | MAP_ANONYMOUS;
    if (!plan(cache, options, false) && !plan(cache, options, true)) {
        fd = open_file(options->folder, cache->size);
        if (fd < 0)
            return kith_fail(err, KITH_E_IO, errno, options->folder,
                             "%s, for %zu MiB of activations of frozen layers", strerror(errno),
                             cache->size >> 20);
        flags = MAP_SHARED;
        cache->file = true;
    }
    void *at = mmap(NULL, cache->size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (fd >= 0)
        close(fd);
    if (at == MAP_FAILED)
        return no_memory(err);
    cache->bytes = at;
    return KITH_OK;
}

static kith_status store(kith_cache *cache, size_t index, const float *activation, kith_error *err) {
    unsigned char *at = cache->bytes + index * cache->stride + VECTOR * sizeof(float);
    if (!cache->halves) {
        memcpy(at, activation, cache->width * sizeof *activation);
        return KITH_OK;
    }
    uint16_t *halves = (void *)at;
    for (size_t i = 0; i < cache->width; i++) {
        halves[i] = kith_half_from_float(activation[i]);
        if ((halves[i] & 0x7c00) == 0x7c00)
            return kith_fail(
                err, KITH_E_LIMIT, 0, NULL,
                "F16 cannot hold an activation of the frozen layers (more --cache-memory keeps F32)");
    }
    return KITH_OK;
}

static kith_status fill_chunk(kith_cache *cache, const kith_cache_options *options, room *with,
                              const kith_frame *frame, size_t from, int count, kith_error *err) {
    size_t picture = (size_t)options->side * (size_t)options->side * 3;
    memset(with->errors, 0, sizeof with->errors);
#pragma omp parallel for num_threads(options->threads) schedule(dynamic)
    for (int i = 0; i < count; i++) {
        const kith_sample *sample = &options->samples[from + (size_t)i];
        float *landmarks = (void *)(cache->bytes + (from + (size_t)i) * cache->stride);
        kith_augment(with->rgb + (size_t)i * picture, landmarks, frame,
                     options->set->faces[sample->face].chip, &sample->augmentation, &with->errors[i]);
    }
    for (int i = 0; i < count; i++)
        if (with->errors[i].code != KITH_OK) {
            *err = with->errors[i];
            return err->code;
        }
    kith_status status = kith_frozen_run(options->frozen, with->activations, with->rgb, count, err);
    for (int i = 0; status == KITH_OK && i < count; i++)
        status = store(cache, from + (size_t)i, with->activations + (size_t)i * cache->width, err);
    return status;
}

static kith_status fill(kith_cache *cache, const kith_cache_options *options, kith_error *err) {
    kith_frame frame;
    room with = {0};
    kith_status status = KITH_OK;
    if (!kith_frame_of(&frame, options->arch, options->side))
        return kith_fail(err, KITH_E_REFUSED, 0, options->arch, "this network has no template for faces");
    with.rgb = malloc(CHUNK * (size_t)options->side * (size_t)options->side * 3);
    with.activations = malloc(CHUNK * cache->width * sizeof *with.activations);
    if (!with.rgb || !with.activations)
        status = no_memory(err);
    for (size_t from = 0; status == KITH_OK && from < cache->count; from += CHUNK) {
        size_t left = cache->count - from;
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = fill_chunk(cache, options, &with, &frame, from, left < CHUNK ? (int)left : CHUNK, err);
        if (options->progress)
            options->progress(options->context, from, cache->count);
    }
    free(with.rgb);
    free(with.activations);
    return status;
}

kith_status kith_cache_open(kith_cache **out, const kith_cache_options *options, kith_error *err) {
    kith_cache *cache = *out = calloc(1, sizeof *cache);
    if (!cache)
        return no_memory(err);
    cache->count = options->count;
    cache->width = kith_frozen_width(options->frozen);
    kith_status status = map(cache, options, err);
    if (status == KITH_OK)
        status = fill(cache, options, err);
    if (status != KITH_OK)
        kith_cache_close(out);
    return status;
}

void kith_cache_close(kith_cache **cache) {
    if (*cache && (*cache)->bytes)
        munmap((*cache)->bytes, (*cache)->size);
    free(*cache);
    *cache = NULL;
}

void kith_cache_get(const kith_cache *cache, size_t index, float *activation, float *landmarks) {
    const unsigned char *at = cache->bytes + index * cache->stride;
    if (landmarks)
        memcpy(landmarks, at, VECTOR * sizeof *landmarks);
    at += VECTOR * sizeof(float);
    if (!cache->halves) {
        memcpy(activation, at, cache->width * sizeof *activation);
        return;
    }
    const uint16_t *halves = (const void *)at;
    for (size_t i = 0; i < cache->width; i++)
        activation[i] = kith_float_from_half(halves[i]);
}

size_t kith_cache_memory(const kith_cache *cache) {
    return cache->file ? 0 : cache->size;
}

void kith_cache_describe(char *out, size_t size, const kith_cache *cache) {
    snprintf(out, size, "%zu items, %s %s, %.1f MiB", cache->count, cache->halves ? "F16" : "F32",
             cache->file ? "on disk" : "in memory", (double)cache->size / (1 << 20));
}
