/* SPDX-License-Identifier: MIT */
#include "model/evaluate/embedding_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/array.h"
#include "proto/digest.h"
#include "proto/directories.h"
#include "proto/vector.h"

static const char magic[] = "kith embeddings 1";
enum { HEADER = 512, CHECK = 16, STATE_NONE = 1, STATE_FACE = 2, STATE_DEAD = 3 };

/* As it lies in the file, in the byte order of the machine: a cache does not travel. */
typedef struct record {
    unsigned char key[KITH_CACHE_KEY];
    uint32_t state;
    float box[4];
    float embedding[KITH_DIMENSION];
    char check[CHECK]; /* the first hex digits of SHA-256 over everything before */
} record;

_Static_assert(sizeof(record) == KITH_CACHE_KEY + 4 + 16 + 4 * KITH_DIMENSION + CHECK, "no gaps");

typedef struct known {
    unsigned char key[KITH_CACHE_KEY];
    off_t at;
} known;

struct kith_embedding_cache {
    int fd;
    char path[4096];
    pthread_mutex_t lock; /* of writing: flock() does not keep threads apart */
    known *items;         /* by key */
    size_t count, room, damaged;
};

static kith_status io_error(const kith_embedding_cache *cache, kith_error *err) {
    return kith_fail(err, KITH_E_IO, errno, cache->path, "the cache of embeddings: %s", strerror(errno));
}

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the cache of embeddings");
}

/* ---- one record ---- */

static kith_status seal(record *r, kith_error *err) {
    char digest[65];
    kith_status status = kith_sha256(digest, r, offsetof(record, check), err);
    if (status == KITH_OK)
        memcpy(r->check, digest, CHECK);
    return status;
}

static bool is_sound(const record *r) {
    record copy = *r;
    bool known_state = r->state == STATE_NONE || r->state == STATE_FACE || r->state == STATE_DEAD;
    return known_state && seal(&copy, NULL) == KITH_OK && memcmp(copy.check, r->check, CHECK) == 0 &&
           (r->state != STATE_FACE || kith_is_unit(r->embedding));
}

static bool read_at(int fd, void *bytes, size_t size, off_t at) {
    ssize_t got;
    do
        got = pread(fd, bytes, size, at);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)size;
}

/* All of it or an error; regular files take less only when the disk is full. */
static bool write_at(int fd, const void *bytes, size_t size, off_t at) {
    ssize_t put;
    do
        put = pwrite(fd, bytes, size, at);
    while (put < 0 && errno == EINTR);
    if (put >= 0 && put < (ssize_t)size)
        errno = ENOSPC;
    return put == (ssize_t)size;
}

/* ---- opening ---- */

static kith_status name_file(kith_embedding_cache *cache, const char *pipeline, const char *settings,
                             kith_error *err) {
    char folder[3800], digest[65];
    kith_status status = kith_directory(folder, sizeof folder, KITH_DIRECTORY_CACHE, err);
    if (status == KITH_OK)
        status = kith_sha256(digest, settings, strlen(settings), err);
    if (status != KITH_OK)
        return status;
    snprintf(cache->path, sizeof cache->path, "%s/%s-%.8s.embeddings", folder, pipeline, digest);
    return kith_folders_above(cache->path, err);
}

static kith_status check_header(const kith_embedding_cache *cache, off_t size, const char *pipeline,
                                const char *settings, kith_error *err) {
    char wanted[HEADER] = {0}, there[HEADER];
    int length = snprintf(wanted, sizeof wanted, "%s\npipeline %s\n%s\n", magic, pipeline, settings);
    if (length < 0 || length >= HEADER)
        return kith_fail(err, KITH_E_LIMIT, 0, cache->path, "its settings do not fit into the header");
    if (size == 0)
        return write_at(cache->fd, wanted, HEADER, 0) ? KITH_OK : io_error(cache, err);
    if (!read_at(cache->fd, there, HEADER, 0) || memcmp(there, wanted, HEADER) != 0)
        return kith_fail(err, KITH_E_IO, 0, cache->path,
                         "the cache of embeddings has a damaged header (remove the file)");
    return KITH_OK;
}

/* A damaged record becomes one that says nothing, so that it is found once. */
static kith_status bury(kith_embedding_cache *cache, off_t at, kith_error *err) {
    record dead = {.state = STATE_DEAD};
    cache->damaged++;
    kith_status status = seal(&dead, err);
    if (status == KITH_OK && !write_at(cache->fd, &dead, sizeof dead, at))
        status = io_error(cache, err);
    return status;
}

static kith_status remember(kith_embedding_cache *cache, const record *r, off_t at, kith_error *err) {
    if (r->state == STATE_DEAD)
        return KITH_OK;
    known *items = kith_array_grow(cache->items, cache->count, &cache->room, sizeof *items);
    if (!items)
        return no_memory(err);
    cache->items = items;
    memcpy(items[cache->count].key, r->key, KITH_CACHE_KEY);
    items[cache->count++].at = at;
    return KITH_OK;
}

static int by_key(const void *left, const void *right) {
    return memcmp(((const known *)left)->key, ((const known *)right)->key, KITH_CACHE_KEY);
}

/* Whole records; what a killed process left behind the last one is overwritten by the next. */
static kith_status read_records(kith_embedding_cache *cache, off_t size, kith_error *err) {
    kith_status status = KITH_OK;
    for (off_t at = HEADER; at + (off_t)sizeof(record) <= size && status == KITH_OK;
         at += (off_t)sizeof(record)) {
        record r;
        if (!read_at(cache->fd, &r, sizeof r, at))
            return io_error(cache, err);
        status = is_sound(&r) ? remember(cache, &r, at, err) : bury(cache, at, err);
    }
    if (cache->count > 1)
        qsort(cache->items, cache->count, sizeof *cache->items, by_key);
    return status;
}

static kith_status read_file(kith_embedding_cache *cache, const char *pipeline, const char *settings,
                             kith_error *err) {
    struct stat seen;
    if (flock(cache->fd, LOCK_EX) != 0 || fstat(cache->fd, &seen) != 0)
        return io_error(cache, err);
    kith_status status = check_header(cache, seen.st_size, pipeline, settings, err);
    if (status == KITH_OK)
        status = read_records(cache, seen.st_size, err);
    flock(cache->fd, LOCK_UN);
    return status;
}

kith_status kith_embedding_cache_open(kith_embedding_cache **out, const char *pipeline, const char *settings,
                                      kith_error *err) {
    kith_embedding_cache *cache = *out = calloc(1, sizeof *cache);
    if (!cache)
        return no_memory(err);
    pthread_mutex_init(&cache->lock, NULL);
    cache->fd = -1;
    kith_status status = name_file(cache, pipeline, settings, err);
    if (status == KITH_OK) {
        cache->fd = open(cache->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
        status = cache->fd < 0 ? io_error(cache, err) : read_file(cache, pipeline, settings, err);
    }
    if (status != KITH_OK)
        kith_embedding_cache_close(out);
    return status;
}

void kith_embedding_cache_close(kith_embedding_cache **cache) {
    if (!*cache)
        return;
    if ((*cache)->fd >= 0)
        close((*cache)->fd);
    pthread_mutex_destroy(&(*cache)->lock);
    free((*cache)->items);
    free(*cache);
    *cache = NULL;
}

const char *kith_embedding_cache_path(const kith_embedding_cache *cache) {
    return cache->path;
}

size_t kith_embedding_cache_damaged(const kith_embedding_cache *cache) {
    return cache->damaged;
}

/* ---- entries ---- */

bool kith_embedding_cache_get(const kith_embedding_cache *cache, kith_cached_face *face) {
    known wanted;
    record r;
    memcpy(wanted.key, face->key, KITH_CACHE_KEY);
    const known *found =
        cache->count == 0 ? NULL : bsearch(&wanted, cache->items, cache->count, sizeof *cache->items, by_key);
    if (!found || !read_at(cache->fd, &r, sizeof r, found->at) || !is_sound(&r) ||
        memcmp(r.key, face->key, KITH_CACHE_KEY) != 0)
        return false;
    face->face = r.state == STATE_FACE;
    memcpy(face->box, r.box, sizeof face->box);
    memcpy(face->embedding, r.embedding, sizeof face->embedding);
    return true;
}

/* Behind the last whole record; a part of one, from a full disk or a killed process, is overwritten. */
static kith_status append(kith_embedding_cache *cache, const record *r, kith_error *err) {
    struct stat seen;
    if (flock(cache->fd, LOCK_EX) != 0)
        return io_error(cache, err);
    kith_status status = KITH_OK;
    if (fstat(cache->fd, &seen) != 0 || seen.st_size < HEADER) {
        status = kith_fail(err, KITH_E_IO, errno, cache->path, "the cache of embeddings was cut short");
    } else {
        off_t end = seen.st_size - (seen.st_size - HEADER) % (off_t)sizeof *r;
        if (!write_at(cache->fd, r, sizeof *r, end)) {
            status = io_error(cache, err);
            if (ftruncate(cache->fd, end) != 0) /* a part of a record is overwritten later anyway */
                errno = 0;
        }
    }
    flock(cache->fd, LOCK_UN);
    return status;
}

kith_status kith_embedding_cache_put(kith_embedding_cache *cache, const kith_cached_face *face,
                                     kith_error *err) {
    record r = {.state = face->face ? STATE_FACE : STATE_NONE};
    memcpy(r.key, face->key, KITH_CACHE_KEY);
    memcpy(r.box, face->box, sizeof r.box);
    memcpy(r.embedding, face->embedding, sizeof r.embedding);
    kith_status status = seal(&r, err);
    if (status != KITH_OK)
        return status;
    pthread_mutex_lock(&cache->lock);
    status = append(cache, &r, err);
    pthread_mutex_unlock(&cache->lock);
    return status;
}
