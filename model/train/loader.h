/* SPDX-License-Identifier: MIT
 *
 * Threads that make batches ahead of the step, given out in order. What is in a batch does not depend on the
 * number of threads.
 */
#ifndef KITH_MODEL_TRAIN_LOADER_H
#define KITH_MODEL_TRAIN_LOADER_H

#include "model/train/sampler.h"

typedef struct kith_batch {
    size_t items; /* of the sampler */
    size_t count; /* see kith_sampler_batch() */
    const kith_sample *samples;
    const unsigned char *rgb; /* items x side x side x 3 */
    const float *landmarks;   /* items x 136, / side; NULL when the network wants none */
} kith_batch;

typedef struct kith_loader_options {
    const kith_face_set *set;
    kith_sampler *sampler; /* used by the loader alone from now on */
    const char *arch;      /* whose template and input */
    int side;
    bool landmarks;
    int jobs;           /* threads, >= 1 */
    int ahead;          /* batches ready or in the making, >= 2 */
    size_t epoch, step; /* where to begin */
} kith_loader_options;

typedef struct kith_loader kith_loader;

kith_status kith_loader_open(kith_loader **out, const kith_loader_options *options, kith_error *err);
void kith_loader_close(kith_loader **loader);

/* The next batch, valid until the next call; epochs follow each other without end. */
kith_status kith_loader_next(kith_loader *loader, const kith_batch **out, kith_error *err);

#endif
