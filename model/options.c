/* SPDX-License-Identifier: MIT */
#include "model/options.h"

const kith_option kith_model_rows[KITH_MODEL_ROWS] = {
    {.name = "weights",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(kith_model_choice, weights),
     .value = "FILE",
     .help = "Model file of the network, or a shipped network's name; mobileface when not given"},
    {.name = "detector",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(kith_model_choice, detector),
     .value = "yunet|hog",
     .help = "What finds faces"},
    {.name = "landmarks",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(kith_model_choice, landmarks),
     .value = "FILE",
     .help = "dlib's 68-point file, for networks that want it; Debian's libdlib-data when not given"},
};

const kith_option kith_finding_rows[KITH_FINDING_ROWS] = {
    {.name = "detect-size",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(kith_finding_choice, detect_size),
     .value = "PIXELS",
     .low = 64,
     .high = 4096,
     .help = "Longest side of the picture in which faces are looked for; larger finds smaller faces, slower"},
    {.name = "min-face",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(kith_finding_choice, min_face),
     .value = "PIXELS",
     .low = 1,
     .high = 100000,
     .at_least = true,
     .help = "Smaller faces do not count"},
    {.name = "min-score",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(kith_finding_choice, min_score),
     .value = "SCORE",
     .low = 0.05,
     .high = 1,
     .help = "Least certainty of the detector"},
    {.name = "max-pixels",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(kith_finding_choice, max_pixels),
     .value = "NUMBER",
     .low = 1,
     .high = 2e9,
     .at_least = true,
     .help = "Pictures with more pixels are refused before they are decoded"},
    {.name = "damaged",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(kith_finding_choice, damaged),
     .value = "refuse|accept",
     .help = "Whether to take what decodes of a damaged picture"},
    {.name = "try-rotations",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(kith_finding_choice, try_rotations),
     .help = "Also turn a picture by 90, 180 and 270 degrees when no face is found, or none for certain"},
};

kith_model_options kith_model_options_of(const kith_model_choice *choice) {
    return (kith_model_options){.weights = choice->weights,
                                .detector = (kith_detector)choice->detector,
                                .landmarks = choice->landmarks};
}

kith_find_options kith_find_options_of(const kith_finding_choice *choice) {
    return (kith_find_options){.detect_size = (int)choice->detect_size,
                               .min_score = (float)choice->min_score,
                               .min_face = (float)choice->min_face,
                               .try_rotations = choice->try_rotations};
}

kith_decode_options kith_decode_options_of(const kith_finding_choice *choice) {
    return (kith_decode_options){.max_pixels = (uint64_t)choice->max_pixels,
                                 .accept_damaged = choice->damaged == 1};
}
