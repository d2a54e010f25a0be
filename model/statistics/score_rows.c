/* SPDX-License-Identifier: MIT */
#include "model/statistics/score_rows.h"

#include <stdlib.h>
#include <string.h>

#include "proto/point.h"

enum { ROOM = 16 << 20 }; /* floats */

/* Where blocks are put side by side: `rows` rows of `width` scores. */
typedef struct strip {
    float *scores;
    size_t width;
} strip;

static void put_block(void *worker, const kith_score_block *block) {
    const strip *to = worker;
    for (size_t i = 0; i < block->rows; i++)
        memcpy(to->scores + (block->row + i) * to->width + block->column,
               block->scores + i * KITH_BLOCK_COLUMNS, block->columns * sizeof *to->scores);
}

kith_status kith_score_rows(const kith_vectors *rows, const kith_vectors *columns, kith_row_visitor visit,
                            void *context, int threads, kith_error *err) {
    size_t width = columns->count ? columns->count : 1;
    size_t height = ROOM / width > KITH_BLOCK_ROWS ? ROOM / width : KITH_BLOCK_ROWS;
    height = height < rows->count ? height : rows->count;
    strip to = {reallocarray(NULL, height * sizeof(float), width), width};
    void **workers = calloc((size_t)threads, sizeof *workers);
    kith_status status =
        to.scores && workers ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to compare faces");
    for (int i = 0; workers && i < threads; i++)
        workers[i] = &to;
    for (size_t from = 0; from < rows->count && status == KITH_OK; from += height) {
        const kith_vectors some = {rows->values + from * KITH_DIMENSION,
                                   rows->count - from < height ? rows->count - from : height};
        status = kith_score_blocks(&some, columns, put_block, workers, threads, err);
        for (size_t i = 0; i < some.count && status == KITH_OK; i++)
            visit(context, from + i, to.scores + i * width);
    }
    free(workers);
    free(to.scores);
    return status;
}
