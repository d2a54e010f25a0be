/* SPDX-License-Identifier: MIT
 *
 * Which faces a step sees, and how they are changed: a pure function of seed, epoch and step, so a checkpoint
 * that knows those three goes on where it stopped.
 */
#ifndef KITH_MODEL_TRAIN_SAMPLER_H
#define KITH_MODEL_TRAIN_SAMPLER_H

#include "model/train/triplets.h"

typedef struct kith_sample {
    uint32_t face;
    size_t key; /* below kith_sampler_keys(): the same key is the same face, changed in the same way */
    kith_augmentation augmentation;
} kith_sample;

typedef enum kith_sampling {
    KITH_SAMPLE_FACES,    /* each face of the side once an epoch, shuffled */
    KITH_SAMPLE_PERSONS,  /* groups of `each` faces of one person, for mining; each face about once an epoch,
                             again when a group lacks some; persons with one face take no part */
    KITH_SAMPLE_TRIPLETS, /* the side's triplets, shuffled: all anchors of a batch, then all positives, then
                             all negatives */
} kith_sampling;

typedef struct kith_sampler_options {
    kith_sampling sampling;
    const kith_face_set *set;
    const kith_triplets *triplets; /* KITH_SAMPLE_TRIPLETS: these, with their own augmentations */
    bool validation; /* that side of the split: in one order for all epochs, nothing is changed by chance */
    size_t batch;    /* faces, or triplets */
    size_t each;     /* KITH_SAMPLE_PERSONS: at least 2, divides batch */
    size_t variants; /* faces and persons, training: how many changed ones of each face there are, one of them
                        drawn each time; 0: none is changed; SIZE_MAX: a new one each time, without keys */
    uint64_t seed;
} kith_sampler_options;

typedef struct kith_sampler kith_sampler;

/* KITH_E_REFUSED: the side has too little for one batch (validation fills up the last one instead, but needs
 * something), or no two persons with two faces. What options point to must outlive it.
 */
kith_status kith_sampler_open(kith_sampler **out, const kith_sampler_options *options, kith_error *err);
void kith_sampler_close(kith_sampler **sampler);

size_t kith_sampler_steps(const kith_sampler *sampler); /* of an epoch */
size_t kith_sampler_items(const kith_sampler *sampler); /* of a batch: batch, or three times batch */

/* Fills out[items]. Returns how many of `batch` are meant: fewer only in the last step of validation, where
 * the rest repeats the last one. One thread at a time.
 */
size_t kith_sampler_batch(kith_sampler *sampler, size_t epoch, size_t step, kith_sample *out);

/* How many keys there are, 0: changes are new each time; and the sample of one, for a cache to be filled.
 * A key of the other side of the split gives a sample, too.
 */
size_t kith_sampler_keys(const kith_sampler *sampler);
void kith_sampler_sample(const kith_sampler *sampler, size_t key, kith_sample *out);

#endif
