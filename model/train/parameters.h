/* SPDX-License-Identifier: MIT
 *
 * The one table of named tensors of a network in training: values and gradients lie in flat arrays that the
 * optimiser, checkpoints and tests index alike. Rows stand in the order of the network's table.
 */
#ifndef KITH_MODEL_TRAIN_PARAMETERS_H
#define KITH_MODEL_TRAIN_PARAMETERS_H

#include <stdint.h>

#include "model/network/arch.h"

/* Tensors begin at multiples of 16 floats; what lies between them is 0, in gradients, too. */
typedef struct kith_parameter {
    kith_expected tensor; /* name, role, shape, count */
    size_t offset;        /* of its first value, in floats, in every flat array */
    bool trained;         /* has a gradient and is stepped; never moving statistics and input constants */
} kith_parameter;

typedef struct kith_parameters {
    const kith_arch *arch;
    kith_parameter *list;
    int count;
    size_t total; /* floats of a flat array, a multiple of 16 */
    float *values, *gradients;
} kith_parameters;

/* All zero, and nothing is trained. */
kith_status kith_parameters_open(kith_parameters **out, const kith_arch *arch, kith_error *err);
void kith_parameters_close(kith_parameters **parameters);

int kith_parameters_find(const kith_parameters *parameters, const char *name); /* -1: none */

/* Which layers learn. */
typedef enum kith_extent {
    KITH_EXTENT_ALL,
    KITH_EXTENT_LAST5, /* siamese: the last block's projection, the head, the dense layers: the reference's */
    KITH_EXTENT_HEAD,  /* siamese: the dense layers; mobileface, reid: from the head's convolution on */
} kith_extent;

/* The first row that learns, 0 for all. KITH_E_REFUSED: this network has no such part. */
kith_status kith_extent_first(int *out, const kith_arch *arch, kith_extent extent, kith_error *err);

/* The tensors of rows from `first` on are trained, others are not. */
void kith_parameters_train(kith_parameters *parameters, int first);

/* He et al. 2015 ("Delving Deep into Rectifiers"): weights normal with variance 2 / fan-in; gamma and
 * variance 1, slopes 0.25, the input to about -1..1, everything else 0. The same seed gives the same values,
 * tensor by tensor, whichever others are made.
 */
void kith_parameters_randomise(kith_parameters *parameters, uint64_t seed);

/* Called with the name of each tensor that `tensors` does not have. */
typedef void kith_parameter_missing(void *context, const char *name);

/* Values from a file. Without `missing` all must be there; with it, those that are not keep their values.
 * KITH_E_REFUSED names a tensor of another shape, or one that the network does not have.
 */
kith_status kith_parameters_load(kith_parameters *parameters, const kith_tensors *tensors, const char *where,
                                 kith_parameter_missing *missing, void *context, kith_error *err);

/* A view for writing a model file, sorted by name: `values` is a flat array (the parameters' own, or an
 * average of them) and must outlive it. The metadata are the caller's to set. Free with kith_tensors_free().
 */
kith_status kith_parameters_tensors(kith_tensors **out, const kith_parameters *parameters, float *values,
                                    kith_error *err);

#endif
