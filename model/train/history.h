/* SPDX-License-Identifier: MIT
 *
 * What came of each epoch: rows of history.csv. The file is rewritten whole and atomically, so a stopped run
 * leaves no half row; reading passes over one that something else left.
 */
#ifndef KITH_MODEL_TRAIN_HISTORY_H
#define KITH_MODEL_TRAIN_HISTORY_H

#include "proto/status.h"

/* Not a number: it was not measured; an empty field in the file. */
typedef struct kith_figures {
    double loss, s_ap, s_an; /* mean similarity of anchor and positive, of anchor and negative */
    double to_target;        /* distillation: mean cosine to the target */
} kith_figures;

typedef struct kith_epoch {
    long epoch, step; /* finished epochs, steps */
    kith_figures training, validation;
    double accuracy; /* of verification on validation pairs */
    double rate;     /* of the last step */
    double images;   /* per second of training */
    double seconds;  /* of the epoch, with validation */
} kith_epoch;

enum { KITH_EPOCHS_MOST = 100000 };

typedef struct kith_history {
    kith_epoch *rows;
    size_t count, room;
} kith_history;

/* A row more. */
kith_status kith_history_add(kith_history *history, const kith_epoch *row, kith_error *err);
void kith_history_clear(kith_history *history);

kith_status kith_history_write(const char *path, const kith_history *history, kith_error *err);

/* The rows of epochs up to `last`; no file is no rows. KITH_E_FORMAT names the line. */
kith_status kith_history_read(kith_history *out, const char *path, long last, kith_error *err);

#endif
