/* SPDX-License-Identifier: MIT
 *
 * Inside model/: what a kith_model lends to its embedders.
 */
#ifndef KITH_MODEL_MODEL_H
#define KITH_MODEL_MODEL_H

#include "model/embedder.h"
#include "model/face/landmarks.h"
#include "model/network/network.h"

/* Read-only from the time that kith_model_prepare() has returned it. */
typedef struct kith_prepared {
    kith_network *network;
    kith_network *yunet;       /* NULL with the HOG detector */
    kith_landmarks *landmarks; /* NULL when neither network nor detector wants them */
    const char *arch;
    int side;
    bool wants_landmarks; /* the network's second input */
} kith_prepared;

/* Prepares networks and landmarks when that was not done before. Thread-safe; after an error it tries again.
 */
kith_status kith_model_prepare(kith_model *model, const kith_prepared **out, kith_error *err);

#endif
