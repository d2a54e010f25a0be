/* SPDX-License-Identifier: MIT
 *
 * A list of pairs to verify. Two forms, told apart by the first line:
 *     LFW's pairs.txt: "FOLDS<tab>N", then for each fold N rows "name i j" and N rows "name i name j"; or "N"
 *                      alone, one such block; photos are name/name_0001.jpg
 *     CSV:             a,b,same[,fold]; same is 1 or 0; a first row of names is passed over; photos are files
 *                      below the folder, or absolute
 * Without folds the pairs are cut into ten, each kind in its order. The first folder of a photo's path is its
 * person, in a CSV as long as all have one and no pair says otherwise; then photos of one person are those
 * that pairs of the same person connect.
 */
#ifndef KITH_MODEL_EVALUATE_PAIRS_H
#define KITH_MODEL_EVALUATE_PAIRS_H

#include "model/evaluate/study.h"

typedef struct kith_pair {
    uint32_t a, b; /* photos of the study */
    bool same;
    int fold;
    uint32_t line; /* of the list */
} kith_pair;

typedef struct kith_pair_list {
    kith_pair *items;
    size_t count, room;
    int folds; /* at least 2, unless there are fewer pairs */
} kith_pair_list;

/* Adds the photos and persons to the study. KITH_E_IO; KITH_E_REFUSED names the line that is no pair, pairs a
 * photo with itself or contradicts others.
 */
kith_status kith_pair_list_read(kith_pair_list *out, kith_study *study, const char *path, kith_error *err);
void kith_pair_list_clear(kith_pair_list *list);

#endif
