/* SPDX-License-Identifier: MIT
 *
 * What a network makes of the validation side: each picture embedded once, then judged by triplets of it.
 * Verification takes (anchor, positive) as a pair of one person and (anchor, negative) as one of two; the
 * threshold for triplets of even number is the best one for those of odd number, and the other way round.
 */
#ifndef KITH_MODEL_TRAIN_VALIDATION_H
#define KITH_MODEL_TRAIN_VALIDATION_H

#include "model/train/feed.h"
#include "model/train/history.h"
#include "model/train/loss.h"
#include "model/train/targets.h"

typedef struct kith_validation_options {
    kith_feed_options feed;       /* its sampler is of validation */
    const kith_feed_cache *cache; /* or NULL */
    const kith_triplets
        *judge;        /* feeds of faces: triplets of the same set; NULL: nothing but the loss below */
    double margin;     /* of the triplets' loss; NaN: their loss is none */
    kith_loss *distil; /* instead of the triplets' loss; with targets */
    const kith_targets *targets;
} kith_validation_options;

typedef struct kith_validation {
    kith_figures figures;
    double accuracy;                     /* NaN without triplets */
    float *s_ap, *s_an;                  /* of each triplet */
    size_t count;                        /* of triplets */
    struct kith_validation_store *store; /* private */
} kith_validation;

kith_status kith_validation_open(kith_validation **out, const kith_validation_options *options,
                                 kith_error *err);
void kith_validation_close(kith_validation **validation);

/* Runs the graph over all of it, with moving statistics, and fills the figures; a triplet whose similarities
 * are no numbers makes the loss none. KITH_E_STOPPED.
 */
kith_status kith_validation_run(kith_validation *validation, kith_graph *graph, kith_error *err);

/* The share of right answers; NaN for less than two triplets. */
double kith_verification_accuracy(const float *s_ap, const float *s_an, size_t count);

#endif
