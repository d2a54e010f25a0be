/* SPDX-License-Identifier: MIT
 *
 * Networks as data: an architecture is a list of rows, a row is one layer. Everything else (shapes, tensors
 * of the model file, memory, primitives, summaries) is read from these rows through the operator table
 * (operators.h). Rows name their inputs, so every activation has a name.
 */
#ifndef KITH_MODEL_NETWORK_TABLES_H
#define KITH_MODEL_NETWORK_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/network/network.h"

typedef enum kith_operator_kind {
    KITH_OP_PICTURE,      /* RGB bytes to channels */
    KITH_OP_VECTOR,       /* the second input */
    KITH_OP_CONVOLUTION,  /* dense; `with` is added to the result before the activation */
    KITH_OP_DEPTHWISE,    /* one filter per channel */
    KITH_OP_DENSE,        /* a vector times a matrix */
    KITH_OP_MAX_POOL,     /* 2 x 2, stride 2 */
    KITH_OP_AVERAGE,      /* over the whole map */
    KITH_OP_UPSAMPLE_ADD, /* from + with enlarged twice (nearest) */
    KITH_OP_EXCITE,       /* from x gate per channel + with */
    KITH_OP_CONCATENATE,  /* two vectors */
    KITH_OP_OUTPUT,       /* channels `first`... of `from`, as the caller sees them */
    KITH_OPERATORS
} kith_operator_kind;

typedef enum kith_activation {
    KITH_LINEAR,
    KITH_RELU,
    KITH_RELU6,
    KITH_LEAKY,   /* slope `alpha` of the row */
    KITH_PRELU,   /* tensor NAME.slope, one per channel */
    KITH_PRELU_1, /* tensor NAME.slope, one for all channels */
    KITH_SIGMOID,
} kith_activation;

typedef enum kith_affine {
    KITH_BIAS, /* tensor NAME.bias */
    KITH_NO_BIAS,
    KITH_NORM, /* batch norm: NAME.bn.{gamma,beta,mean,variance}; eps 1e-3 as in Keras' MobileNetV2 */
} kith_affine;

typedef enum kith_padding {
    KITH_PAD_VALID,
    KITH_PAD_BOTH,  /* kernel / 2 on all sides */
    KITH_PAD_AFTER, /* 1 at the bottom and right, none at the top and left */
} kith_padding;

typedef enum kith_colour {
    KITH_COLOUR_BYTES,  /* 0..255 */
    KITH_COLOUR_SCALED, /* (x - input.mean) x input.scale, tensors of the file */
    KITH_COLOUR_GREY,   /* luma / 127.5 - 1, three equal channels */
} kith_colour;

/* A layer whose filters lie in several tensors of the file, stacked in this order. */
typedef struct kith_part {
    const char *name;
    int channels;
} kith_part;

enum { KITH_PARTS = 4 };

typedef struct kith_layer {
    const char *name; /* of the layer, its output and its tensors */
    kith_operator_kind op;
    int channels, kernel, stride;
    kith_padding padding;
    kith_affine affine;
    kith_activation activation;
    kith_colour colour;
    float alpha;
    int first;                   /* KITH_OP_OUTPUT */
    const char *from;            /* NULL: the row before */
    const char *with;            /* second input, NULL: none */
    const char *gate;            /* KITH_OP_EXCITE */
    kith_part parts[KITH_PARTS]; /* parts[0].name NULL: the layer's own tensors */
} kith_layer;

struct kith_arch {
    const char *name;
    int width, height; /* usual input */
    int multiple;      /* both sides of an input are multiples of this; 0: no other size fits */
    const kith_layer *layers;
    int count;
};

extern const kith_arch kith_arch_mobileface, kith_arch_reid, kith_arch_siamese, kith_arch_yunet;

#endif
