/* SPDX-License-Identifier: MIT
 *
 * All dot products of many vectors with many others, block by block, by several threads, in memory that does
 * not grow with their number: whoever looks at a block takes what it needs from it. Products are summed in
 * F32 in one order per processor.
 */
#ifndef KITH_MODEL_STATISTICS_SCORE_BLOCKS_H
#define KITH_MODEL_STATISTICS_SCORE_BLOCKS_H

#include <stddef.h>

#include "proto/status.h"

enum { KITH_BLOCK_ROWS = 96, KITH_BLOCK_COLUMNS = 256 };

/* The products of rows row..row + rows - 1 with columns column..column + columns - 1;
 * scores[i * KITH_BLOCK_COLUMNS + j] is that of row + i and column + j.
 */
typedef struct kith_score_block {
    const float *scores;
    size_t row, rows, column, columns;
} kith_score_block;

typedef struct kith_vectors {
    const float *values; /* count x KITH_DIMENSION, one after the other */
    size_t count;
} kith_vectors;

/* Called by the thread of `worker`, and only by that one, for each of its blocks. */
typedef void (*kith_score_visitor)(void *worker, const kith_score_block *block);

/* Every product of a row with a column, once. columns NULL: of the rows with themselves, where every pair
 * row < column occurs once; the blocks on the diagonal hold other pairs, too, that the visitor passes over.
 * workers: one pointer per thread. KITH_E_MEMORY; KITH_E_STOPPED by a signal.
 */
kith_status kith_score_blocks(const kith_vectors *rows, const kith_vectors *columns, kith_score_visitor visit,
                              void *const *workers, int threads, kith_error *err);

#endif
