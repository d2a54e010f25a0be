/* SPDX-License-Identifier: MIT */
#include "model/statistics/score_blocks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "proto/clones.h"
#include "proto/point.h"
#include "proto/stop.h"

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
    atomic_size_t units; /* blocks of columns that nobody has begun */
    atomic_bool stopped;
} block_job;

typedef struct block_worker {
    pthread_t thread;
    bool started;
    block_job *job;
    block_room *room;
    void *visitor;
} block_worker;

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

/* One block of columns with all rows, or in a triangle with those up to the diagonal. */
static void run_unit(block_worker *worker, size_t unit) {
    const block_job *job = worker->job;
    kith_score_block block = {.column = unit * KITH_BLOCK_COLUMNS};
    size_t left = job->columns->count - block.column;
    block.columns = left < KITH_BLOCK_COLUMNS ? left : KITH_BLOCK_COLUMNS;
    pack(worker->room->packed, job->columns->values + block.column * KITH_DIMENSION, block.columns);
    size_t end = job->triangle ? block.column + block.columns : job->rows->count;
    for (; block.row < end; block.row += KITH_BLOCK_ROWS) {
        block.rows = end - block.row < KITH_BLOCK_ROWS ? end - block.row : KITH_BLOCK_ROWS;
        run_block(worker->room, &block, job->rows->values + block.row * KITH_DIMENSION);
        job->visit(worker->visitor, &block);
    }
}

/* In a triangle the last blocks have the most rows; they are done first, so that threads end together. */
static void *work(void *context) {
    block_worker *worker = context;
    block_job *job = worker->job;
    size_t left;
    while ((left = atomic_load(&job->units)) > 0 && !atomic_load(&job->stopped)) {
        if (!atomic_compare_exchange_strong(&job->units, &left, left - 1))
            continue;
        run_unit(worker, left - 1);
        if (kith_stop_signal())
            atomic_store(&job->stopped, true);
    }
    return NULL;
}

/* The first worker is the calling thread; a thread that cannot be had leaves its work to the others. */
static void run_all(block_worker *workers, int threads) {
    for (int i = 1; i < threads; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (int i = 1; i < threads; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
}

static void free_workers(block_worker *workers, int threads) {
    for (int i = 0; workers && i < threads; i++)
        free(workers[i].room);
    free(workers);
}

static block_worker *make_workers(block_job *job, void *const *visitors, int threads) {
    block_worker *made = calloc((size_t)threads, sizeof *made);
    bool good = made != NULL;
    for (int i = 0; good && (i == 0 || i < threads); i++) {
        made[i] = (block_worker){.job = job, .room = malloc(sizeof *made[i].room), .visitor = visitors[i]};
        good = made[i].room != NULL;
    }
    if (good)
        return made;
    free_workers(made, threads);
    return NULL;
}

kith_status kith_score_blocks(const kith_vectors *rows, const kith_vectors *columns, kith_score_visitor visit,
                              void *const *workers, int threads, kith_error *err) {
    block_job job = {.rows = rows, .columns = columns ? columns : rows, .triangle = !columns, .visit = visit};
    atomic_init(&job.units, (job.columns->count + KITH_BLOCK_COLUMNS - 1) / KITH_BLOCK_COLUMNS);
    block_worker *made = make_workers(&job, workers, threads);
    if (!made)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to compare faces");
    run_all(made, threads);
    free_workers(made, threads);
    return kith_stop_error(err);
}
