/* SPDX-License-Identifier: MIT
 *
 * yunet: the face detector of Wu, Peng, Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector", as OpenCV
 * Zoo publishes it (2023mar). The four heads of a level are one convolution with four parts: they read the
 * same map and are too narrow alone.
 */
#include "model/network/tables.h"

/* Arguments are names and initialisers, which take no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */

#define POINTWISE(NAME, CHANNELS)                                                                            \
    { .name = NAME ".pointwise", .op = KITH_OP_CONVOLUTION, .channels = CHANNELS, .kernel = 1, .stride = 1 }

#define DEPTHWISE(NAME, CHANNELS)                                                                            \
    {                                                                                                        \
        .name = NAME ".depthwise", .op = KITH_OP_DEPTHWISE, .channels = CHANNELS, .kernel = 3, .stride = 1,  \
        .padding = KITH_PAD_BOTH, .activation = KITH_RELU                                                    \
    }

#define UNIT(NAME, CHANNELS) POINTWISE(NAME, CHANNELS), DEPTHWISE(NAME, CHANNELS)

#define POOL(NAME)                                                                                           \
    { .name = NAME, .op = KITH_OP_MAX_POOL }

#define PARTS(LEVEL, KIND)                                                                                   \
    {                                                                                                        \
        {"class." LEVEL KIND, 1}, {"object." LEVEL KIND, 1}, {"box." LEVEL KIND, 4}, {                       \
            "points." LEVEL KIND, 10                                                                         \
        }                                                                                                    \
    }

#define HEADS(LEVEL, FROM)                                                                                   \
    {.name = "heads." LEVEL ".pointwise",                                                                    \
     .op = KITH_OP_CONVOLUTION,                                                                              \
     .channels = 16,                                                                                         \
     .kernel = 1,                                                                                            \
     .stride = 1,                                                                                            \
     .from = FROM,                                                                                           \
     .parts = PARTS(LEVEL, ".pointwise")},                                                                   \
    {                                                                                                        \
        .name = "heads." LEVEL ".depthwise", .op = KITH_OP_DEPTHWISE, .channels = 16, .kernel = 3,           \
        .stride = 1, .padding = KITH_PAD_BOTH, .parts = PARTS(LEVEL, ".depthwise")                           \
    }

#define OUTPUT(KIND, LEVEL, FIRST, CHANNELS, ACTIVATION)                                                     \
    {                                                                                                        \
        .name = KIND "." LEVEL, .op = KITH_OP_OUTPUT, .from = "heads." LEVEL ".depthwise", .first = FIRST,   \
        .channels = CHANNELS, .activation = ACTIVATION                                                       \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

static const kith_layer layers[] = {
    {.name = "input", .op = KITH_OP_PICTURE, .colour = KITH_COLOUR_BYTES, .channels = 3},
    {.name = "stem",
     .op = KITH_OP_CONVOLUTION,
     .channels = 16,
     .kernel = 3,
     .stride = 2,
     .padding = KITH_PAD_BOTH,
     .activation = KITH_RELU},
    UNIT("unit.0", 16),
    POOL("pool.0"),
    UNIT("unit.1", 16),
    UNIT("unit.2", 32),
    UNIT("unit.3", 32),
    UNIT("unit.4", 64),
    POOL("pool.1"),
    UNIT("unit.5", 64),
    UNIT("unit.6", 64),
    POOL("pool.2"),
    UNIT("unit.7", 64),
    UNIT("unit.8", 64),
    POOL("pool.3"),
    UNIT("unit.9", 64),
    UNIT("unit.10", 64),
    UNIT("unit.11", 64),
    HEADS("32", "unit.11.depthwise"),
    {.name = "sum.16", .op = KITH_OP_UPSAMPLE_ADD, .from = "unit.8.depthwise", .with = "unit.11.depthwise"},
    UNIT("neck.0", 64),
    HEADS("16", "neck.0.depthwise"),
    {.name = "sum.8", .op = KITH_OP_UPSAMPLE_ADD, .from = "unit.6.depthwise", .with = "neck.0.depthwise"},
    UNIT("neck.1", 64),
    HEADS("8", "neck.1.depthwise"),
    OUTPUT("class", "8", 0, 1, KITH_SIGMOID),
    OUTPUT("class", "16", 0, 1, KITH_SIGMOID),
    OUTPUT("class", "32", 0, 1, KITH_SIGMOID),
    OUTPUT("object", "8", 1, 1, KITH_SIGMOID),
    OUTPUT("object", "16", 1, 1, KITH_SIGMOID),
    OUTPUT("object", "32", 1, 1, KITH_SIGMOID),
    OUTPUT("box", "8", 2, 4, KITH_LINEAR),
    OUTPUT("box", "16", 2, 4, KITH_LINEAR),
    OUTPUT("box", "32", 2, 4, KITH_LINEAR),
    OUTPUT("points", "8", 6, 10, KITH_LINEAR),
    OUTPUT("points", "16", 6, 10, KITH_LINEAR),
    OUTPUT("points", "32", 6, 10, KITH_LINEAR),
};

const kith_arch kith_arch_yunet = {.name = "yunet",
                                   .width = 640,
                                   .height = 640,
                                   .multiple = 32,
                                   .layers = layers,
                                   .count = sizeof layers / sizeof *layers};
