/* SPDX-License-Identifier: MIT */
#ifndef KITH_MODEL_EVALUATE_PHOTO_PAIR_H
#define KITH_MODEL_EVALUATE_PHOTO_PAIR_H

#include "model/evaluate/study.h"
#include "model/report/html.h"

/* Two photos of a study side by side in a page. decode: how they are read. */
kith_status kith_photo_pair_put(kith_html *html, const kith_study *study, const uint32_t photos[2],
                                const char *caption, const kith_decode_options *decode, kith_error *err);

#endif
