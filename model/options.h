/* SPDX-License-Identifier: MIT
 *
 * The rows of the command line that choose a model and say how faces are looked for, the same in every
 * program, and what they mean to the model.
 */
#ifndef KITH_MODEL_OPTIONS_H
#define KITH_MODEL_OPTIONS_H

#include "model/embedder.h"
#include "proto/command/option.h"

typedef struct kith_model_choice {
    const char *weights, *landmarks;
    int detector; /* kith_detector */
} kith_model_choice;

typedef struct kith_finding_choice {
    long detect_size;
    double min_face, min_score;
    long max_pixels;
    int damaged; /* 0 refuse, 1 accept */
    bool try_rotations;
} kith_finding_choice;

#define KITH_MODEL_DEFAULTS                                                                                  \
    { .detector = KITH_DETECTOR_YUNET }
#define KITH_FINDING_DEFAULTS                                                                                \
    { .detect_size = 640, .min_face = 24, .min_score = 0.7, .max_pixels = KITH_MAX_PIXELS }

enum { KITH_MODEL_ROWS = 3, KITH_FINDING_ROWS = 6, KITH_READING_FIRST = 3, KITH_READING_ROWS = 2 };
extern const kith_option kith_model_rows[KITH_MODEL_ROWS];
extern const kith_option kith_finding_rows[KITH_FINDING_ROWS];

/* What programs with models say of variables and files. */
#define KITH_WEIGHTS_VARIABLE                                                                                \
    { "KITH_DATA", "A folder whose weights/NAME.safetensors are taken before those that came with kith." }
#define KITH_WEIGHTS_FILE                                                                                    \
    {                                                                                                        \
        "PREFIX/share/kith/weights/NAME.safetensors",                                                        \
            "The networks that came with kith, beside the folder of the programs."                           \
    }

/* The option groups; `offset` is that of the struct in the command's own. Reading: of the finding rows those
 * about decoding, for commands that look for no faces.
 */
#define KITH_MODEL_GROUP(offset)                                                                             \
    { "Model", kith_model_rows, KITH_MODEL_ROWS, (offset) }
#define KITH_FINDING_GROUP(offset)                                                                           \
    { "Finding faces", kith_finding_rows, KITH_FINDING_ROWS, (offset) }
#define KITH_READING_GROUP(offset)                                                                           \
    { "Reading pictures", kith_finding_rows + KITH_READING_FIRST, KITH_READING_ROWS, (offset) }

kith_model_options kith_model_options_of(const kith_model_choice *choice);
kith_find_options kith_find_options_of(const kith_finding_choice *choice);
kith_decode_options kith_decode_options_of(const kith_finding_choice *choice);

#endif
