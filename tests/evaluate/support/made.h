/* SPDX-License-Identifier: MIT
 *
 * Studies that were never photographed: persons with made-up embeddings; and folders and files to read.
 */
#ifndef KITH_TESTS_EVALUATE_MADE_H
#define KITH_TESTS_EVALUATE_MADE_H

#include "model/evaluate/study.h"

/* `persons` persons ("p0", ...) with 1 to `most` photos each. Some photos have no face, some failed. */
void made_study(kith_study *out, size_t persons, size_t most, uint64_t seed);

/* A folder of its own below the temporary folder; removed with everything in it at the end of the program. */
const char *made_folder(void);

/* Writes a text to NAME in the folder and returns its path, until the next call. */
const char *made_file(const char *name, const char *text);

/* The cosine of two photos. */
double made_score(const kith_study *study, size_t a, size_t b);

#endif
