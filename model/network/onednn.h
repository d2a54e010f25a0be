/* SPDX-License-Identifier: MIT
 *
 * The part of oneDNN that the networks use, the same over 2.6 (Debian) and 3.x, whose C interfaces differ. A
 * kith_primitive is one layer at one size: made once, run often, by one thread at a time. Activations are
 * blocked by 8 or 16 channels (kith_block()), vectors and pictures plain; F32 throughout.
 */
#ifndef KITH_MODEL_NETWORK_ONEDNN_H
#define KITH_MODEL_NETWORK_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>

#include "model/network/tables.h"
#include "proto/status.h"

typedef struct kith_engine kith_engine; /* shared by threads */
typedef struct kith_primitive kith_primitive;

/* Weights in the layout that a primitive wants. Read-only, shared by all sessions. */
typedef struct kith_packed kith_packed;

kith_status kith_engine_open(kith_engine **out, kith_error *err);
void kith_engine_close(kith_engine **engine);

/* Channels per block of an activation on this processor: 16 with AVX-512, else 8. */
int kith_block(void);

/* A convolution of `batch` maps. `plain`: the source is not blocked (the picture). `add`: the destination
 * already holds what is added before the activation. PReLU is not fused: see kith_activation.
 */
typedef struct kith_convolution {
    int batch, in, out, groups;
    int height, width, out_height, out_width;
    int kernel, stride, before, after; /* before, after: padding */
    bool plain, add, bias;
    kith_activation activation;
    float alpha; /* slope of KITH_LEAKY and KITH_PRELU_1 */
} kith_convolution;

/* `name` is the layer's, for errors. */
kith_status kith_primitive_convolution(kith_primitive **out, kith_engine *engine,
                                       const kith_convolution *shape, const char *name, kith_error *err);

/* Vectors [batch, in] to [batch, out]; uses batch, in, out, bias, activation, alpha. */
kith_status kith_primitive_dense(kith_primitive **out, kith_engine *engine, const kith_convolution *shape,
                                 const char *name, kith_error *err);

void kith_primitive_close(kith_primitive **primitive);

/* Bytes of scratch memory that a run needs; sessions share one piece among their primitives. */
size_t kith_primitive_scratch(const kith_primitive *primitive);

bool kith_packed_fits(const kith_packed *packed, const kith_primitive *primitive);
kith_status kith_packed_make(kith_packed **out, kith_engine *engine, const kith_primitive *primitive,
                             const float *weights, const char *name, kith_error *err);
void kith_packed_close(kith_packed **packed);
size_t kith_packed_size(const kith_packed *packed);

/* Says where the data are; packed, bias and scratch may be NULL where there are none. They stay where they
 * are until the primitive is closed.
 */
kith_status kith_primitive_bind(kith_primitive *primitive, float *source, float *target,
                                const kith_packed *packed, float *bias, void *scratch, kith_error *err);
kith_status kith_primitive_run(const kith_primitive *primitive, kith_error *err);

/* ---- training ---- */

typedef enum kith_direction {
    KITH_FORWARD,          /* source, weights -> target */
    KITH_BACKWARD_SOURCE,  /* gradient of the target, weights -> gradient of the source */
    KITH_BACKWARD_WEIGHTS, /* source, gradient of the target -> gradient of the weights */
} kith_direction;

/* A 1x1 convolution of one map of `pixels` pixels, [blocks][pixels][block]: any number of pictures whose
 * blocks lie together. `like`: weights in the layout of that primitive, which goes the same way over another
 * number of pixels; NULL: in the fastest one.
 */
typedef struct kith_pointwise {
    int in, out, pixels;
    kith_direction direction;
    const kith_primitive *like;
} kith_pointwise;

kith_status kith_primitive_pointwise(kith_primitive **out, kith_engine *engine, const kith_pointwise *shape,
                                     const char *name, kith_error *err);

/* Runs it on these data, of which the direction says which are written. `scratch` as for bind. */
kith_status kith_primitive_run_on(kith_primitive *primitive, const float *source, const float *weights,
                                  const float *target, void *scratch, kith_error *err);

size_t kith_primitive_weights_size(const kith_primitive *primitive); /* bytes */

/* Weights from plain order, [out][in], to that of a primitive, or back; run as often as they change. */
typedef struct kith_reorder kith_reorder;
kith_status kith_reorder_make(kith_reorder **out, kith_engine *engine, const kith_primitive *primitive,
                              bool to_plain, const char *name, kith_error *err);
void kith_reorder_close(kith_reorder **reorder);
kith_status kith_reorder_run(kith_reorder *reorder, const float *from, float *to, kith_error *err);

#endif
