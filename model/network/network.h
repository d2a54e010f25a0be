/* SPDX-License-Identifier: MIT
 *
 * Networks as tables of layers, run by oneDNN. A kith_network is an architecture with its weights (batch
 * norms folded, dead channels left out, shared by all threads, read-only); a kith_session is one thread's
 * ability to run it at one input size and up to some batch: primitives, one planned arena. Running allocates
 * nothing.
 *
 * Tensors are F32, channels first (NCHW) at the edges.
 */
#ifndef KITH_MODEL_NETWORK_NETWORK_H
#define KITH_MODEL_NETWORK_NETWORK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/network/safetensors.h"
#include "proto/status.h"

typedef struct kith_arch kith_arch; /* a table; see model/network/tables.h */
typedef struct kith_network kith_network;
typedef struct kith_session kith_session;

/* The table called `name` ("mobileface", "reid", "siamese", "yunet"); NULL when there is none. */
const kith_arch *kith_arch_find(const char *name);
const kith_arch *kith_arch_at(size_t i); /* all of them in turn; NULL: no more */
const char *kith_arch_name(const kith_arch *arch);
bool kith_arch_wants_landmarks(const kith_arch *arch); /* beside the picture */
int kith_arch_side(const kith_arch *arch);             /* usual input width and height: 112, 128, 112, 640 */

/* Checks the tensors against the table (names, shapes, nothing missing, nothing more; KITH_E_REFUSED names
 * the tensor) and prepares the weights. The arch is the file's own metadata kith.arch. `tensors` is not
 * needed afterwards.
 */
kith_status kith_network_open(kith_network **out, const kith_tensors *tensors, const char *where,
                              kith_error *err);
void kith_network_close(kith_network **network); /* after its sessions */
const kith_arch *kith_network_arch(const kith_network *network);

/* One thread's session for inputs of width x height, 1 to `batch` at a time. Runs on the calling thread
 * alone. The network must outlive it; several threads may open sessions of one network at once.
 */
kith_status kith_session_open(kith_session **out, const kith_network *network, int width, int height,
                              int batch, kith_error *err);
void kith_session_close(kith_session **session);

/* Input pictures: RGB bytes, rows of `stride` bytes, width x height of the session; the network's own mean,
 * scale and grey conversion are part of its table. `extra`: second input where the table has one (siamese:
 * 136 landmarks / side), else NULL. Writes item `index` (0..batch-1) of the next run.
 */
void kith_session_set_input(kith_session *session, int index, const unsigned char *rgb, size_t stride,
                            const float *extra);

/* Runs the first `count` items. KITH_E_MEMORY or KITH_E_REFUSED (a failure inside oneDNN, named with its
 * layer). */
kith_status kith_session_run(kith_session *session, int count, kith_error *err);

/* Output `k` of the table, of item `index`: *count floats, channels first, valid until the next run.
 * Embedding networks have one output of 256 (not normalised); yunet has class, object, box, points for
 * strides 8, 16, 32, in that order, 12 in all, class and object after the sigmoid.
 */
const float *kith_session_output(const kith_session *session, int k, int index, size_t *count);

/* Bytes that a session holds (arena and scratch), and that all sessions of the network share (weights). */
size_t kith_session_memory(const kith_session *session);
size_t kith_network_memory(const kith_network *network);

/* The layer table for people: name, output shape, parameters, and totals, for an input of width x height. */
kith_status kith_arch_summary(const kith_arch *arch, int width, int height, FILE *out, kith_error *err);
uint64_t kith_arch_parameters(const kith_arch *arch);

#endif
