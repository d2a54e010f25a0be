/* SPDX-License-Identifier: MIT
 *
 * siamese: the reference network. MobileNetV2 (Sandler et al. 2018) as Keras builds it, without its
 * classifier, and 68 landmarks, joined by dense layers.
 */
#include "model/network/tables.h"

/* Arguments are names and initialisers, which take no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */

#define CONVOLUTION(NAME, CHANNELS, ACTIVATION, WITH)                                                        \
    {                                                                                                        \
        .name = NAME, .op = KITH_OP_CONVOLUTION, .channels = CHANNELS, .kernel = 1, .stride = 1,             \
        .affine = KITH_NORM, .activation = ACTIVATION, .with = WITH                                          \
    }

#define DEPTHWISE_1(NAME, CHANNELS)                                                                          \
    {                                                                                                        \
        .name = NAME, .op = KITH_OP_DEPTHWISE, .channels = CHANNELS, .kernel = 3, .stride = 1,               \
        .padding = KITH_PAD_BOTH, .affine = KITH_NORM, .activation = KITH_RELU6                              \
    }

#define DEPTHWISE_2(NAME, CHANNELS)                                                                          \
    {                                                                                                        \
        .name = NAME, .op = KITH_OP_DEPTHWISE, .channels = CHANNELS, .kernel = 3, .stride = 2,               \
        .padding = KITH_PAD_AFTER, .affine = KITH_NORM, .activation = KITH_RELU6                             \
    }

/* WITH: the block before, whose output is added, or NULL. */
#define BLOCK(I, WITH, EXPANDED, OUT, STRIDE)                                                                \
    CONVOLUTION("block." #I ".expand", EXPANDED, KITH_RELU6, NULL),                                          \
        DEPTHWISE_##STRIDE("block." #I ".depthwise", EXPANDED),                                              \
        CONVOLUTION("block." #I ".project", OUT, KITH_LINEAR, WITH)

#define DENSE(NAME, CHANNELS, SLOPE)                                                                         \
    { .name = NAME, .op = KITH_OP_DENSE, .channels = CHANNELS, .activation = KITH_LEAKY, .alpha = SLOPE }

/* NOLINTEND(bugprone-macro-parentheses) */

static const kith_layer layers[] = {
    {.name = "input", .op = KITH_OP_PICTURE, .colour = KITH_COLOUR_GREY, .channels = 3},
    {.name = "stem",
     .op = KITH_OP_CONVOLUTION,
     .channels = 32,
     .kernel = 3,
     .stride = 2,
     .padding = KITH_PAD_AFTER,
     .affine = KITH_NORM,
     .activation = KITH_RELU6},
    DEPTHWISE_1("block.0.depthwise", 32),
    CONVOLUTION("block.0.project", 16, KITH_LINEAR, NULL),
    BLOCK(1, NULL, 96, 24, 2),
    BLOCK(2, "block.1.project", 144, 24, 1),
    BLOCK(3, NULL, 144, 32, 2),
    BLOCK(4, "block.3.project", 192, 32, 1),
    BLOCK(5, "block.4.project", 192, 32, 1),
    BLOCK(6, NULL, 192, 64, 2),
    BLOCK(7, "block.6.project", 384, 64, 1),
    BLOCK(8, "block.7.project", 384, 64, 1),
    BLOCK(9, "block.8.project", 384, 64, 1),
    BLOCK(10, NULL, 384, 96, 1),
    BLOCK(11, "block.10.project", 576, 96, 1),
    BLOCK(12, "block.11.project", 576, 96, 1),
    BLOCK(13, NULL, 576, 160, 2),
    BLOCK(14, "block.13.project", 960, 160, 1),
    BLOCK(15, "block.14.project", 960, 160, 1),
    BLOCK(16, NULL, 960, 320, 1),
    CONVOLUTION("head", 1280, KITH_RELU6, NULL),
    {.name = "pool", .op = KITH_OP_AVERAGE},
    DENSE("image", 512, 0.5F),
    {.name = "points", .op = KITH_OP_VECTOR, .channels = 136},
    DENSE("landmarks", 64, 0.1F),
    {.name = "joined", .op = KITH_OP_CONCATENATE, .from = "image", .with = "landmarks"},
    DENSE("embed", 256, 0.5F),
    {.name = "embedding", .op = KITH_OP_OUTPUT, .channels = 256},
};

const kith_arch kith_arch_siamese = {.name = "siamese",
                                     .width = 112,
                                     .height = 112,
                                     .multiple = 16,
                                     .layers = layers,
                                     .count = sizeof layers / sizeof *layers};
