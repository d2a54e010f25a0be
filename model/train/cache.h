/* SPDX-License-Identifier: MIT
 *
 * What the frozen rows of a network make of pictures that never change, computed once: a step then costs only
 * the rows that learn. The cache is F32 in memory when the budget holds it, else F16 in memory, else F16 in a
 * mapped file without a name. Read-only once it is open.
 */
#ifndef KITH_MODEL_TRAIN_CACHE_H
#define KITH_MODEL_TRAIN_CACHE_H

#include "model/train/frozen.h"
#include "model/train/sampler.h"

typedef struct kith_cache kith_cache;

typedef struct kith_cache_options {
    const kith_face_set *set;
    const kith_sample *samples; /* the pictures, each one item; only needed while opening */
    size_t count;
    const char *arch;
    int side, threads;
    kith_frozen *frozen;
    size_t budget;      /* bytes of memory */
    const char *folder; /* of the file */
    void (*progress)(void *context, size_t done, size_t total);
    void *context;
} kith_cache_options;

/* KITH_E_IO: the disk has no room; KITH_E_LIMIT: F16 cannot hold an activation; KITH_E_STOPPED. */
kith_status kith_cache_open(kith_cache **out, const kith_cache_options *options, kith_error *err);
void kith_cache_close(kith_cache **cache);

/* Writes item `index` to activation (kith_frozen_width() floats) and, unless NULL, landmarks (136, / side).
 */
void kith_cache_get(const kith_cache *cache, size_t index, float *activation, float *landmarks);

size_t kith_cache_memory(const kith_cache *cache); /* bytes, of the budget */

/* "9826 items, F16 in memory, 162.0 MiB": for people. */
void kith_cache_describe(char *out, size_t size, const kith_cache *cache);

#endif
