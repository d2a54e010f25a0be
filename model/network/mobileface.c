/* SPDX-License-Identifier: MIT
 *
 * mobileface and reid: MobileFaceNets (Chen et al. 2018, "MobileFaceNets: Efficient CNNs for Accurate
 * Real-Time Face Verification on Mobile Devices"). reid (Open Model Zoo's face-reidentification-retail-0095)
 * adds squeeze-and-excite (Hu et al. 2018) to each block and has one PReLU slope per layer instead of one per
 * channel. Tensor names: model files.
 */
#include "model/network/tables.h"

/* Arguments are names and initialisers, which take no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */

#define STEM(PRELU)                                                                                          \
    {.name = "input", .op = KITH_OP_PICTURE, .colour = KITH_COLOUR_SCALED, .channels = 3},                   \
        {.name = "stem",                                                                                     \
         .op = KITH_OP_CONVOLUTION,                                                                          \
         .channels = 64,                                                                                     \
         .kernel = 3,                                                                                        \
         .stride = 2,                                                                                        \
         .padding = KITH_PAD_BOTH,                                                                           \
         .activation = PRELU},                                                                               \
    {                                                                                                        \
        .name = "stem_dw", .op = KITH_OP_DEPTHWISE, .channels = 64, .kernel = 3, .stride = 1,                \
        .padding = KITH_PAD_BOTH, .activation = PRELU                                                        \
    }

/* What both kinds of block begin with. */
#define EXPAND(I, EXPANDED, STRIDE, PRELU)                                                                   \
    {.name = "block." #I ".expand",                                                                          \
     .op = KITH_OP_CONVOLUTION,                                                                              \
     .channels = EXPANDED,                                                                                   \
     .kernel = 1,                                                                                            \
     .stride = 1,                                                                                            \
     .activation = PRELU},                                                                                   \
    {                                                                                                        \
        .name = "block." #I ".depthwise", .op = KITH_OP_DEPTHWISE, .channels = EXPANDED, .kernel = 3,        \
        .stride = STRIDE, .padding = KITH_PAD_BOTH, .activation = PRELU                                      \
    }

/* A block of mobileface; WITH: the block before, whose output is added, or NULL. */
#define BLOCK(I, WITH, EXPANDED, OUT, STRIDE)                                                                \
    EXPAND(I, EXPANDED, STRIDE, KITH_PRELU), {                                                               \
        .name = "block." #I ".project", .op = KITH_OP_CONVOLUTION, .channels = OUT, .kernel = 1,             \
        .stride = 1, .with = WITH                                                                            \
    }

/* A block of reid; SQUEEZED channels in the middle of squeeze-and-excite. */
#define EXCITED(I, WITH, EXPANDED, OUT, SQUEEZED, STRIDE)                                                    \
    EXPAND(I, EXPANDED, STRIDE, KITH_PRELU_1),                                                               \
        {.name = "block." #I ".project",                                                                     \
         .op = KITH_OP_CONVOLUTION,                                                                          \
         .channels = OUT,                                                                                    \
         .kernel = 1,                                                                                        \
         .stride = 1},                                                                                       \
        {.name = "block." #I ".average", .op = KITH_OP_AVERAGE},                                             \
        {.name = "block." #I ".squeeze",                                                                     \
         .op = KITH_OP_CONVOLUTION,                                                                          \
         .channels = SQUEEZED,                                                                               \
         .kernel = 1,                                                                                        \
         .stride = 1,                                                                                        \
         .activation = KITH_PRELU_1},                                                                        \
        {.name = "block." #I ".excite",                                                                      \
         .op = KITH_OP_CONVOLUTION,                                                                          \
         .channels = OUT,                                                                                    \
         .kernel = 1,                                                                                        \
         .stride = 1,                                                                                        \
         .activation = KITH_SIGMOID},                                                                        \
    {                                                                                                        \
        .name = "block." #I, .op = KITH_OP_EXCITE, .from = "block." #I ".project",                           \
        .gate = "block." #I ".excite", .with = WITH                                                          \
    }

#define HEAD(PRELU, POOL, EMBED_AFFINE)                                                                      \
    {.name = "head",                                                                                         \
     .op = KITH_OP_CONVOLUTION,                                                                              \
     .channels = 512,                                                                                        \
     .kernel = 1,                                                                                            \
     .stride = 1,                                                                                            \
     .activation = PRELU},                                                                                   \
        {.name = "pool", .op = KITH_OP_DEPTHWISE, .channels = 512, .kernel = POOL, .stride = 1},             \
        {.name = "embed",                                                                                    \
         .op = KITH_OP_CONVOLUTION,                                                                          \
         .channels = 256,                                                                                    \
         .kernel = 1,                                                                                        \
         .stride = 1,                                                                                        \
         .affine = EMBED_AFFINE},                                                                            \
    {                                                                                                        \
        .name = "embedding", .op = KITH_OP_OUTPUT, .channels = 256                                           \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

static const kith_layer mobileface[] = {
    STEM(KITH_PRELU),
    BLOCK(0, NULL, 128, 64, 2),
    BLOCK(1, "block.0.project", 128, 64, 1),
    BLOCK(2, "block.1.project", 128, 64, 1),
    BLOCK(3, "block.2.project", 128, 64, 1),
    BLOCK(4, "block.3.project", 128, 64, 1),
    BLOCK(5, NULL, 256, 128, 2),
    BLOCK(6, "block.5.project", 256, 128, 1),
    BLOCK(7, "block.6.project", 256, 128, 1),
    BLOCK(8, "block.7.project", 256, 128, 1),
    BLOCK(9, "block.8.project", 256, 128, 1),
    BLOCK(10, "block.9.project", 256, 128, 1),
    BLOCK(11, "block.10.project", 256, 128, 1),
    BLOCK(12, NULL, 512, 128, 2),
    BLOCK(13, "block.12.project", 256, 128, 1),
    BLOCK(14, "block.13.project", 256, 128, 1),
    HEAD(KITH_PRELU, 7, KITH_BIAS),
};

static const kith_layer reid[] = {
    STEM(KITH_PRELU_1),
    EXCITED(0, NULL, 128, 64, 8, 2),
    EXCITED(1, "block.0", 128, 64, 8, 1),
    EXCITED(2, "block.1", 128, 64, 8, 1),
    EXCITED(3, "block.2", 128, 64, 8, 1),
    EXCITED(4, "block.3", 128, 64, 8, 1),
    EXCITED(5, NULL, 256, 128, 16, 2),
    EXCITED(6, "block.5", 256, 128, 16, 1),
    EXCITED(7, "block.6", 256, 128, 16, 1),
    EXCITED(8, "block.7", 256, 128, 16, 1),
    EXCITED(9, "block.8", 256, 128, 16, 1),
    EXCITED(10, "block.9", 256, 128, 16, 1),
    EXCITED(11, "block.10", 256, 128, 16, 1),
    EXCITED(12, NULL, 512, 128, 16, 2),
    EXCITED(13, "block.12", 256, 128, 16, 1),
    EXCITED(14, "block.13", 256, 128, 16, 1),
    HEAD(KITH_PRELU_1, 8, KITH_NO_BIAS),
};

const kith_arch kith_arch_mobileface = {.name = "mobileface",
                                        .width = 112,
                                        .height = 112,
                                        .layers = mobileface,
                                        .count = sizeof mobileface / sizeof *mobileface};

const kith_arch kith_arch_reid = {
    .name = "reid", .width = 128, .height = 128, .layers = reid, .count = sizeof reid / sizeof *reid};
