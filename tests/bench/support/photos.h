/* SPDX-License-Identifier: MIT
 *
 * Many photos through a model's whole pipeline, by a few threads.
 */
#ifndef KITH_TESTS_BENCH_PHOTOS_H
#define KITH_TESTS_BENCH_PHOTOS_H

#include "model/embedder.h"

typedef struct bench_photo {
    char path[512];
    int faces;         /* found and not small; -1: could not be read */
    float *embeddings; /* faces x KITH_DIMENSION, in the order of face numbers */
    int centre;        /* of them, the one nearest to the picture's centre; -1: none */
} bench_photo;

/* Photos sorted by path, each once. */
typedef struct bench_photos {
    bench_photo *items;
    size_t count, room;
} bench_photos;

void bench_photos_add(bench_photos *photos, const char *folder, const char *name); /* ends the program when
                                                                                      there is no memory */
void bench_photos_sort(bench_photos *photos);
const bench_photo *bench_photos_find(const bench_photos *photos, const char *folder, const char *name);
void bench_photos_free(bench_photos *photos);

/* Fills faces, embeddings and centre of all. An unreadable photo is said and goes on. */
kith_status bench_photos_embed(bench_photos *photos, kith_model *model, int threads, kith_error *err);

#endif
