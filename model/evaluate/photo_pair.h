/* SPDX-License-Identifier: MIT */
#ifndef KITH_MODEL_EVALUATE_PHOTO_PAIR_H
#define KITH_MODEL_EVALUATE_PHOTO_PAIR_H

#include "model/evaluate/study.h"
#include "model/report/html.h"

typedef struct kith_photo_pair {
    uint32_t photos[2]; /* numbers of the study */
    char caption[64];
} kith_photo_pair;

/* A heading, and below it each two photos side by side. decode: how they are read. */
kith_status kith_photo_pairs_put(kith_html *html, const kith_study *study, const char *heading,
                                 const kith_photo_pair *pairs, size_t count,
                                 const kith_decode_options *decode, kith_error *err);

#endif
