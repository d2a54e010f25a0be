/* SPDX-License-Identifier: MIT
 *
 * All that a run needs to go on as if it had never stopped, in one safetensors file that is whole or the old
 * one: `values/NAME`, `first/NAME` and `second/NAME` (moments of what is trained), `average/NAME`, the same
 * of `classes`; counters, the recipe and a digest of everything as metadata. A damaged checkpoint is refused,
 * and one of another recipe with the first line that differs.
 */
#ifndef KITH_MODEL_TRAIN_CHECKPOINT_H
#define KITH_MODEL_TRAIN_CHECKPOINT_H

#include "model/train/history.h"
#include "model/train/parameters.h"

/* A mean in the making. */
typedef struct kith_tally {
    double sum;
    long count;
} kith_tally;

typedef struct kith_tallies {
    kith_tally loss, s_ap, s_an, to_target;
} kith_tallies;

void kith_tally_add(kith_tally *tally, double value); /* what is not a number is left out */
double kith_tally_mean(const kith_tally *tally);      /* NaN: of nothing */

/* A run at one moment. Arrays are the caller's: flat ones have parameters->total floats. */
typedef struct kith_state {
    kith_parameters *parameters;
    float *first, *second;
    float *average;                                  /* NULL: none */
    float *classes, *classes_first, *classes_second; /* labels x width, NULL: none */
    int labels, width;

    long epoch;           /* finished */
    long step;            /* finished, of all epochs */
    long epoch_step;      /* finished, of the epoch in hand */
    kith_tallies tallies; /* of the epoch in hand */
    double rate, seconds; /* of the last step; spent in the epoch in hand */
    double best;          /* the figure of the best epoch so far; NaN: none yet */
    double best_accuracy; /* its accuracy; NaN: not measured */
    long best_epoch;
} kith_state;

/* The recipe: lines `option=value`, what decides the result. KITH_E_IO: a full disk, say; the old file stays.
 */
kith_status kith_checkpoint_write(const char *path, const kith_state *state, const char *recipe,
                                  kith_error *err);

/* Refuses a file that is no checkpoint, or whose recipe does not begin with these lines: what can be said
 * early. */
kith_status kith_checkpoint_compare(const char *path, const char *beginning, kith_error *err);

/* The lines of options of a checkpoint's recipe, for people; newly allocated. */
kith_status kith_checkpoint_recipe(char **out, const char *path, kith_error *err);

/* Fills the arrays and counters. KITH_E_REFUSED: no checkpoint, damaged, or of another recipe. */
kith_status kith_checkpoint_read(const char *path, kith_state *state, const char *recipe, kith_error *err);

#endif
