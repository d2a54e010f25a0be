/* SPDX-License-Identifier: MIT */
#include "tests/bench/support/photos.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/which.h"

void bench_photos_add(bench_photos *photos, const char *folder, const char *name) {
    if (photos->count == photos->room) {
        photos->room = photos->room ? 2 * photos->room : 256;
        photos->items = realloc(photos->items, photos->room * sizeof *photos->items);
        if (!photos->items)
            abort();
    }
    bench_photo *photo = photos->items + photos->count++;
    *photo = (bench_photo){.faces = -1, .centre = -1};
    snprintf(photo->path, sizeof photo->path, "%s/%s", folder, name);
}

static int by_path(const void *left, const void *right) {
    return strcmp(((const bench_photo *)left)->path, ((const bench_photo *)right)->path);
}

void bench_photos_sort(bench_photos *photos) {
    size_t kept = 0;
    qsort(photos->items, photos->count, sizeof *photos->items, by_path);
    for (size_t i = 0; i < photos->count; i++) {
        if (kept == 0 || by_path(photos->items + kept - 1, photos->items + i) != 0)
            photos->items[kept++] = photos->items[i];
    }
    photos->count = kept;
}

const bench_photo *bench_photos_find(const bench_photos *photos, const char *folder, const char *name) {
    bench_photo key;
    snprintf(key.path, sizeof key.path, "%s/%s", folder, name);
    return bsearch(&key, photos->items, photos->count, sizeof key, by_path);
}

void bench_photos_free(bench_photos *photos) {
    for (size_t i = 0; i < photos->count; i++)
        free(photos->items[i].embeddings);
    free(photos->items);
    *photos = (bench_photos){0};
}

static kith_status decode(kith_picture *out, const char *path, kith_error *err) {
    const kith_decode_options options = {.max_pixels = KITH_MAX_PIXELS};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        if (file)
            fclose(file);
        return kith_fail(err, KITH_E_IO, 0, path, "cannot be read");
    }
    size_t size = (size_t)ftell(file);
    void *bytes = malloc(size ? size : 1);
    if (!bytes)
        abort();
    rewind(file);
    size = fread(bytes, 1, size, file);
    fclose(file);
    kith_status status = kith_picture_decode(out, bytes, size, &options, path, err);
    free(bytes);
    return status;
}

static kith_status embed_faces(bench_photo *photo, kith_embedder *embedder, kith_faces *faces, int chosen,
                               kith_error *err) {
    photo->embeddings = calloc(faces->count + 1, KITH_DIMENSION * sizeof(float));
    if (!photo->embeddings)
        abort();
    photo->faces = 0;
    for (size_t i = 0; i < faces->count; i++) {
        kith_face *face = faces->items + i;
        kith_status status = face->chip ? kith_embedder_embed(embedder, &face, 1, err) : KITH_OK;
        if (status != KITH_OK)
            return status;
        if (!face->embedded)
            continue;
        if ((int)i == chosen)
            photo->centre = photo->faces;
        memcpy(photo->embeddings + (size_t)photo->faces++ * KITH_DIMENSION, face->embedding,
               sizeof face->embedding);
    }
    return KITH_OK;
}

static kith_status one(bench_photo *photo, kith_embedder *embedder, kith_error *err) {
    const kith_find_options usual = {.detect_size = 640, .min_score = 0.7F, .min_face = 24};
    kith_picture picture = {0};
    kith_faces faces = {0};
    kith_error unread = {0};
    if (decode(&picture, photo->path, &unread) != KITH_OK) {
        fprintf(stderr, "%s: %s\n", unread.where, unread.text);
        return KITH_OK;
    }
    kith_status status = kith_embedder_find(embedder, &picture, &usual, &faces, err);
    if (status == KITH_OK) {
        int chosen = kith_which_face(&faces, KITH_WHICH_CENTRE, picture.full_width, picture.full_height);
        status = embed_faces(photo, embedder, &faces, chosen, err);
        kith_faces_clear(&faces);
    }
    kith_picture_clear(&picture);
    return status;
}

typedef struct worker {
    pthread_t thread;
    bench_photos *photos;
    kith_model *model;
    atomic_size_t *next;
    kith_error err;
} worker;

static void *work(void *context) {
    worker *w = context;
    kith_embedder *embedder = NULL;
    kith_status status = kith_embedder_open(&embedder, w->model, 1, &w->err);
    while (status == KITH_OK) {
        size_t i = atomic_fetch_add(w->next, 1);
        if (i >= w->photos->count)
            break;
        status = one(w->photos->items + i, embedder, &w->err);
    }
    kith_embedder_close(&embedder);
    return NULL;
}

kith_status bench_photos_embed(bench_photos *photos, kith_model *model, int threads, kith_error *err) {
    enum { MOST = 64 };
    static worker workers[MOST];
    atomic_size_t next = 0;
    if (threads > MOST)
        threads = MOST;
    for (int i = 0; i < threads; i++) {
        workers[i] = (worker){.photos = photos, .model = model, .next = &next};
        if (pthread_create(&workers[i].thread, NULL, work, workers + i) != 0)
            abort();
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].err.code != KITH_OK)
            kith_fail(err, workers[i].err.code, 0, workers[i].err.where, "%s", workers[i].err.text);
    }
    return err->code;
}
