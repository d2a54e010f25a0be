/* SPDX-License-Identifier: MIT
 *
 * Sets of made chips for tests: every chip is a picture of its own. Everything asserts. The current folder is
 * the test's own (tests/indexer/support/folder.h).
 */
#ifndef KITH_TESTS_TRAIN_MADE_H
#define KITH_TESTS_TRAIN_MADE_H

#include "model/train/faces.h"

/* Writes `path` (folders above it are made), side x side pixels by chance from `seed`. */
void make_picture(const char *path, int side, uint64_t seed);

/* FOLDER/NAME/0.png ... of `count` chips for each of `persons` (names p0, p1, ...), and FOLDER/landmarks.csv.
 * counts[p] chips of person p.
 */
void make_people(const char *folder, const int *counts, int persons);

/* What a set told while it was opened. */
typedef struct told {
    int events[5];
    char text[16][800]; /* "WHERE: TEXT" or the path, of the first ones */
    int count;
} told;
void tell_set(void *context, kith_set_event event, const char *path, const kith_error *err);
bool was_told(const told *told, const char *part); /* whether a text has this part */

/* One named folder of chips with landmarks. */
kith_face_set *open_chips(const char *folder, double validation, told *told);

#endif
