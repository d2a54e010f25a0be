/* SPDX-License-Identifier: MIT
 *
 * A run while it is going: what setup.c and setup_data.c open, recipe.c writes down and run.c uses. Inside
 * train only.
 */
#ifndef KITH_MODEL_TRAIN_TRAINING_H
#define KITH_MODEL_TRAIN_TRAINING_H

#include "model/train/learner.h"
#include "model/train/run.h"
#include "model/train/validation.h"

enum { KITH_TRAINING_PATH = 4096, KITH_TRAINING_TEXT = 512 };

typedef struct kith_training {
    const kith_train_options *options;
    const kith_train_events *events;
    int threads;
    int folder; /* open and locked; -1: not yet */

    /* what the options come to */
    const kith_arch *arch;
    const char *weights;        /* what it begins with: a file, a shipped network's name, or "random" */
    int side, first;            /* of the input; the first row that learns */
    int frozen_row, vector_row; /* -1: none */
    bool landmarks;             /* it or its teacher wants them */
    kith_sampling sampling;
    kith_loss_options loss;
    kith_norm_mode norm;
    /* metadata of the first weights; "": nothing to say */
    char source[KITH_TRAINING_TEXT], licence[KITH_TRAINING_TEXT], trained_on[KITH_TRAINING_TEXT];
    char first_digest[65]; /* of all first values */

    kith_parameters *parameters;
    kith_model *model; /* finds faces in photos */
    kith_face_set *set;
    kith_triplets *triplets, *judge; /* that are learned; that judge validation pictures */
    kith_targets *targets;
    float *bank;
    kith_graph *graph;
    kith_frozen *frozen;
    kith_feed_cache *cache, *validation_cache;
    kith_learner *learner;
    kith_loss *distil; /* of validation */
    kith_validation *validation;
    kith_history history;
    char *recipe;
    bool undrawn; /* a chart could not be drawn */
    long saved;   /* the step of the checkpoint that is there; -1: none */
} kith_training;

/* Everything up to the first step, and the checkpoint when one is resumed. */
kith_status kith_training_open(kith_training *run, kith_error *err);
void kith_training_close(kith_training *run);

/* Two of its stages: faces and triplets, targets. */
kith_status kith_training_open_data(kith_training *run, kith_error *err);
kith_status kith_training_open_targets(kith_training *run, kith_error *err);

/* The feed of one side. */
kith_feed_options kith_training_feed(const kith_training *run, bool validation);

/* Lines `option=value` of all that decides the result; newly allocated. Before the learner is open: of the
 * options alone.
 */
kith_status kith_training_recipe(char **out, const kith_training *run, kith_error *err);

/* The path of a file in the run's folder. */
kith_status kith_training_path(char out[KITH_TRAINING_PATH], const kith_training *run, const char *name,
                               kith_error *err);

__attribute__((format(printf, 2, 3))) void kith_training_say(const kith_training *run, const char *format,
                                                             ...);
/* Progress of a phase; total 0: it is over. */
void kith_training_report(const kith_training *run, const char *what, const char *unit, size_t done,
                          size_t total);
void kith_training_fault(const kith_training *run, const kith_error *err);

/* Writes the values as a model file. */
kith_status kith_training_write(const kith_training *run, const char *name, kith_error *err);

#endif
