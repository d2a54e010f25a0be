/* SPDX-License-Identifier: MIT
 *
 * A training run: everything that the options name is opened, epochs follow each other, and the folder `out`
 * holds at every moment what is known: checkpoint.safetensors (to go on), best.safetensors and
 * last.safetensors (model files), history.csv, history.svg, similarities.svg, and the targets of each teacher
 * (targets-DIGEST.safetensors).
 *
 * A run that was killed and resumed ends with the same weights as one left alone, on one machine with one
 * number of threads. Nothing is printed: what happens is told through kith_train_events, always from the
 * calling thread.
 */
#ifndef KITH_MODEL_TRAIN_RUN_H
#define KITH_MODEL_TRAIN_RUN_H

#include "model/options.h"
#include "model/train/faces.h"
#include "model/train/history.h"
#include "model/train/optimiser.h"
#include "model/train/schedule.h"

enum { KITH_LEARN_TRIPLET, KITH_LEARN_ARCFACE, KITH_LEARN_DISTIL }; /* loss */
enum { KITH_MINING_NONE, KITH_MINING_SEMI, KITH_MINING_HARD };      /* mining */
enum { KITH_BN_AUTO, KITH_BN_FROZEN, KITH_BN_BATCH };               /* bn; auto: batch when all is trained */

/* Types are those of the command line, whose rows are in model/train.c. */
typedef struct kith_train_options {
    kith_list data, nameless; /* folders: one below them for each person; pictures without names */
    const char *triplets;     /* instead of data: a CSV file */
    const char *targets, *teacher;
    double keep;                     /* weight of the network's own vectors beside the teacher's; 0: none */
    long blends;                     /* averages of two faces that are learned from too */
    bool chips;                      /* pictures are aligned */
    double validation;               /* share of the persons */
    kith_model_choice finding_model; /* photos: detector and landmarks */
    kith_finding_choice finding;

    const char *arch, *init; /* init: a file, a shipped network's name, or "random"; NULL: the shipped arch */
    int extent;              /* kith_extent */
    long side;               /* 0: the network's own */
    int bn;

    int loss, mining;
    double margin; /* < 0: 2 for triplets, 0.3 for mined ones, 0.5 for ArcFace */
    double scale;  /* ArcFace */

    long epochs, batch, each;
    int optimiser; /* kith_optimiser_kind */
    double rate, decay, clip, ema;
    int schedule; /* kith_schedule_kind */
    long half_cycle;
    long warm_up; /* < 0: 200, at most a tenth of the run */

    long seed, jobs;     /* jobs 0: as many as processors may be used */
    size_t cache_memory; /* for activations of frozen layers */
    long variants;       /* changed ones of each picture there */
    const char *out;
    bool resume;
} kith_train_options;

#define KITH_TRAIN_DEFAULTS                                                                                  \
    {                                                                                                        \
        .validation = 0.1, .finding_model = KITH_MODEL_DEFAULTS, .finding = KITH_FINDING_DEFAULTS,           \
        .margin = -1, .scale = 32, .epochs = 10, .batch = 64, .each = 4, .optimiser = KITH_ADAMW,            \
        .rate = 5e-4, .decay = 5e-4, .clip = 5, .schedule = KITH_SCHEDULE_COSINE, .half_cycle = 336,         \
        .warm_up = -1, .seed = 1, .variants = 4, .cache_memory = (size_t)4 << 30                             \
    }

/* Any of them may be NULL. Where persons are validated on, epoch 0 is told first: the weights that the run
 * begins with.
 */
typedef struct kith_train_events {
    void (*say)(void *context, const char *text); /* what was chosen, what was found; one line */
    void (*fault)(void *context,
                  const kith_error *err); /* data that take no part, charts that could not be drawn */
    void (*progress)(void *context, const char *what, const char *unit, size_t done, size_t total,
                     const char *note); /* total 0: this phase is over */
    void (*epoch)(void *context, const kith_epoch *row, bool best, double left); /* left: seconds; NaN */
    void *context;
} kith_train_events;

/* KITH_E_USAGE: options that do not go together, a run that is in `out` already, or goes on there now;
 * KITH_E_REFUSED: data, weights or a checkpoint that do not fit, or a loss that is no number;
 * KITH_E_STOPPED: the step was finished and the checkpoint written.
 */
kith_status kith_train_run(const kith_train_options *options, const kith_train_events *events,
                           kith_error *err);

#endif
