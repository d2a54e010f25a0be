/* SPDX-License-Identifier: MIT */
#include "model/statistics/score_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "proto/clones.h"
#include "proto/point.h"
#include "proto/workers.h"

enum {
    GROUP = 6, /* rows at a time: 12 sums in registers, 2 for the columns and 1 for a row's value, of AVX2's
                  16 (Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", 2008) */
    LANES = 8,
    PANEL = 2 * LANES, /* columns at a time; their values lie side by side: [panel][dimension][column] */
    PANEL_FLOATS = KITH_DIMENSION * PANEL,
};
_Static_assert(KITH_BLOCK_ROWS % GROUP == 0 && KITH_BLOCK_COLUMNS % PANEL == 0, "blocks are whole");

typedef float lanes __attribute__((vector_size(32), aligned(4), may_alias));

/* rows: GROUP x `groups` vectors. */
KITH_CLONES_FUSED static void multiply(float *out, const float *rows, size_t groups, const float *panels,
                                       size_t panel_count) {
    for (size_t p = 0; p < panel_count; p++, panels += PANEL_FLOATS)
        for (size_t g = 0; g < groups; g++) {
            const float *row = rows + g * GROUP * KITH_DIMENSION;
            lanes left[GROUP] = {{0}}, right[GROUP] = {{0}};
            for (size_t k = 0; k < KITH_DIMENSION; k++) {
                const lanes *column = (const lanes *)(panels + k * PANEL);
#pragma GCC unroll 6
                for (size_t i = 0; i < GROUP; i++) {
                    left[i] += row[i * KITH_DIMENSION + k] * column[0];
                    right[i] += row[i * KITH_DIMENSION + k] * column[1];
                }
            }
            lanes *to = (lanes *)(out + g * GROUP * KITH_BLOCK_COLUMNS + p * PANEL);
#pragma GCC unroll 6
            for (size_t i = 0; i < GROUP; i++) {
                to[i * KITH_BLOCK_COLUMNS / LANES] = left[i];
                to[i * KITH_BLOCK_COLUMNS / LANES + 1] = right[i];
            }
        }
}

/* What one thread works with. */
typedef struct block_room {
    float packed[KITH_BLOCK_COLUMNS * KITH_DIMENSION];
    float scores[KITH_BLOCK_ROWS * KITH_BLOCK_COLUMNS];
    float last[KITH_BLOCK_ROWS * KITH_DIMENSION]; /* rows of an incomplete block */
} block_room;

typedef struct block_job {
    const kith_vectors *rows, *columns;
    bool triangle;
    kith_score_visitor visit;
    void *const *visitors; /* of each thread */
    block_room *rooms;
    size_t units; /* blocks of columns */
} block_job;

static void pack(float *packed, const float *vectors, size_t count) {
    memset(packed, 0, (size_t)KITH_BLOCK_COLUMNS * KITH_DIMENSION * sizeof *packed);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            packed[i / PANEL * PANEL_FLOATS + k * PANEL + i % PANEL] = vectors[i * KITH_DIMENSION + k];
}

static void run_block(block_room *room, kith_score_block *block, const float *rows) {
    size_t groups = (block->rows + GROUP - 1) / GROUP;
    if (block->rows % GROUP) {
        size_t floats = block->rows * KITH_DIMENSION;
        memcpy(room->last, rows, floats * sizeof *rows);
        memset(room->last + floats, 0, (groups * GROUP * KITH_DIMENSION - floats) * sizeof *rows);
        rows = room->last;
    }
    multiply(room->scores, rows, groups, room->packed, (block->columns + PANEL - 1) / PANEL);
    block->scores = room->scores;
}

/* One block of columns with all rows, or in a triangle with those up to the diagonal. In a triangle the last
 * blocks have the most rows; they are done first, so that threads end together.
 */
static kith_status run_unit(void *context, int worker, size_t item, size_t count, kith_error *err) {
    const block_job *job = context;
    block_room *room = &job->rooms[worker];
    kith_score_block block = {.column = (job->units - 1 - item) * KITH_BLOCK_COLUMNS};
    size_t left = job->columns->count - block.column;
    block.columns = left < KITH_BLOCK_COLUMNS ? left : KITH_BLOCK_COLUMNS;
    pack(room->packed, job->columns->values + block.column * KITH_DIMENSION, block.columns);
    size_t end = job->triangle ? block.column + block.columns : job->rows->count;
    for (; block.row < end; block.row += KITH_BLOCK_ROWS) {
        block.rows = end - block.row < KITH_BLOCK_ROWS ? end - block.row : KITH_BLOCK_ROWS;
        run_block(room, &block, job->rows->values + block.row * KITH_DIMENSION);
        job->visit(job->visitors[worker], &block);
    }
    (void)count; /* one */
    (void)err;
    return KITH_OK;
}

kith_status kith_score_blocks(const kith_vectors *rows, const kith_vectors *columns, kith_score_visitor visit,
                              void *const *workers, int threads, kith_error *err) {
    block_job job = {.rows = rows,
                     .columns = columns ? columns : rows,
                     .triangle = !columns,
                     .visit = visit,
                     .visitors = workers};
    const kith_workers crew = {.jobs = threads, .work = run_unit, .context = &job};
    job.units = (job.columns->count + KITH_BLOCK_COLUMNS - 1) / KITH_BLOCK_COLUMNS;
    job.rooms = calloc((size_t)threads, sizeof *job.rooms);
    if (!job.rooms)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to compare faces");
    kith_status status = kith_workers_run(&crew, job.units, err);
    free(job.rooms);
    return status;
}
