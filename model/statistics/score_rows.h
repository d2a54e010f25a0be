/* SPDX-License-Identifier: MIT
 *
 * All dot products of many vectors with many others, a whole row at a time: for who has to see everything
 * that one face is compared with. The rows come in order, in the calling thread; the products are made by
 * several (score_blocks.h).
 */
#ifndef KITH_MODEL_STATISTICS_SCORE_ROWS_H
#define KITH_MODEL_STATISTICS_SCORE_ROWS_H

#include "model/statistics/score_blocks.h"

/* scores: one for each of the columns. */
typedef void (*kith_row_visitor)(void *context, size_t row, const float *scores);

/* Memory: 64 MiB, or that of 96 rows when these are longer. KITH_E_MEMORY; KITH_E_STOPPED by a signal. */
kith_status kith_score_rows(const kith_vectors *rows, const kith_vectors *columns, kith_row_visitor visit,
                            void *context, int threads, kith_error *err);

#endif
