/* SPDX-License-Identifier: MIT */
#include "model/statistics/all_pairs.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* The pairs that stand out, as a heap with the least outstanding at its root. `sign` -1 seeks the lowest. */
typedef struct outstanding {
    kith_scored_pair *items;
    size_t count, room;
    float sign;
} outstanding;

/* Whether a stands out more than b. */
static bool beats(const outstanding *list, const kith_scored_pair *a, const kith_scored_pair *b) {
    if (a->score != b->score)
        return list->sign * a->score > list->sign * b->score;
    return a->a != b->a ? a->a < b->a : a->b < b->b;
}

static void sift_down(outstanding *list, size_t at) {
    kith_scored_pair moved = list->items[at];
    for (size_t child; (child = 2 * at + 1) < list->count; at = child) {
        if (child + 1 < list->count && beats(list, &list->items[child], &list->items[child + 1]))
            child++;
        if (!beats(list, &moved, &list->items[child]))
            break;
        list->items[at] = list->items[child];
    }
    list->items[at] = moved;
}

static void offer(outstanding *list, const kith_scored_pair *pair) {
    if (list->count == list->room) {
        if (list->room > 0 && beats(list, pair, &list->items[0])) {
            list->items[0] = *pair;
            sift_down(list, 0);
        }
        return;
    }
    size_t at = list->count++;
    for (; at > 0 && beats(list, &list->items[(at - 1) / 2], pair); at = (at - 1) / 2)
        list->items[at] = list->items[(at - 1) / 2];
    list->items[at] = *pair;
}

/* Scores in this direction beyond it are worth an offer. */
static float least(const outstanding *list) {
    return list->count < list->room ? -INFINITY : list->room ? list->sign * list->items[0].score : INFINITY;
}

/* Takes the items out of the heap, the most outstanding first. */
static void sort(outstanding *list) {
    size_t count = list->count;
    while (list->count > 1) {
        kith_scored_pair root = list->items[0];
        list->items[0] = list->items[--list->count];
        sift_down(list, 0);
        list->items[list->count] = root;
    }
    list->count = count;
}

typedef struct counter {
    const uint32_t *persons;
    kith_histogram same, different;
    outstanding highest, lowest;
} counter;

/* Score by score: for rows with pairs of one person or of outstanding scores. */
static void count_slowly(counter *c, const kith_score_block *block, size_t i, size_t from) {
    const float *scores = block->scores + i * KITH_BLOCK_COLUMNS;
    uint32_t row = (uint32_t)(block->row + i);
    for (size_t j = from; j < block->columns; j++) {
        uint32_t column = (uint32_t)(block->column + j);
        bool same = c->persons[row] == c->persons[column];
        outstanding *list = same ? &c->lowest : &c->highest;
        (same ? &c->same : &c->different)->bins[kith_histogram_bin(scores[j])]++;
        if (list->sign * scores[j] >= least(list))
            offer(list, &(kith_scored_pair){scores[j], row, column});
    }
}

/* Most rows: nothing but pairs of different persons that do not stand out. */
static bool is_plain(const counter *c, const kith_score_block *block, size_t i, size_t from) {
    const float *scores = block->scores + i * KITH_BLOCK_COLUMNS;
    const uint32_t *persons = c->persons + block->column;
    uint32_t person = c->persons[block->row + i], same = 0;
    float limit = least(&c->highest);
    int beyond = 0;
    for (size_t j = from; j < block->columns; j++) {
        same |= persons[j] == person;
        beyond |= scores[j] >= limit;
    }
    return !same && !beyond;
}

static void count_block(void *worker, const kith_score_block *block) {
    counter *c = worker;
    for (size_t i = 0; i < block->rows; i++) {
        size_t row = block->row + i, from = row >= block->column ? row + 1 - block->column : 0;
        if (!is_plain(c, block, i, from)) {
            count_slowly(c, block, i, from);
            continue;
        }
        const float *scores = block->scores + i * KITH_BLOCK_COLUMNS;
        for (size_t j = from; j < block->columns; j++)
            c->different.bins[kith_histogram_bin(scores[j])]++;
    }
}

static void counter_free(counter *c) {
    if (c) {
        free(c->highest.items);
        free(c->lowest.items);
    }
    free(c);
}

static counter *counter_new(const uint32_t *persons, size_t keep) {
    counter *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->persons = persons;
    made->highest = (outstanding){calloc(keep, sizeof *made->highest.items), 0, keep, 1};
    made->lowest = (outstanding){calloc(keep, sizeof *made->lowest.items), 0, keep, -1};
    if (keep == 0 || (made->highest.items && made->lowest.items))
        return made;
    counter_free(made);
    return NULL;
}

static void total(kith_histogram *histogram) {
    histogram->total = 0;
    for (int i = 0; i < KITH_SCORE_BINS; i++)
        histogram->total += histogram->bins[i];
}

static void merge(counter *to, const counter *from) {
    kith_histogram_add(&to->same, &from->same);
    kith_histogram_add(&to->different, &from->different);
    for (size_t i = 0; i < from->highest.count; i++)
        offer(&to->highest, &from->highest.items[i]);
    for (size_t i = 0; i < from->lowest.count; i++)
        offer(&to->lowest, &from->lowest.items[i]);
}

static kith_all_pairs *result_of(counter **counters, int threads) {
    kith_all_pairs *made = calloc(1, sizeof *made);
    counter *all = counters[0];
    if (!made)
        return NULL;
    for (int i = 1; i < threads; i++)
        merge(all, counters[i]);
    sort(&all->highest);
    sort(&all->lowest);
    total(&all->same);
    total(&all->different);
    *made = (kith_all_pairs){.same = all->same,
                             .different = all->different,
                             .highest = all->highest.items,
                             .lowest = all->lowest.items,
                             .highest_count = all->highest.count,
                             .lowest_count = all->lowest.count};
    all->highest.items = all->lowest.items = NULL;
    return made;
}

kith_status kith_all_pairs_score(kith_all_pairs **out, const kith_vectors *vectors, const uint32_t *persons,
                                 size_t keep, int threads, kith_error *err) {
    *out = NULL;
    counter **counters = calloc((size_t)threads, sizeof(counter *));
    bool ready = counters != NULL;
    for (int i = 0; ready && i < threads; i++)
        ready = (counters[i] = counter_new(persons, keep)) != NULL;
    kith_status status = KITH_OK;
    if (ready)
        status = kith_score_blocks(vectors, NULL, count_block, (void *const *)counters, threads, err);
    if (ready && status == KITH_OK)
        *out = result_of(counters, threads);
    if (status == KITH_OK && !*out)
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to compare %zu faces", vectors->count);
    for (int i = 0; counters && i < threads; i++)
        counter_free(counters[i]);
    free(counters);
    return status;
}

void kith_all_pairs_free(kith_all_pairs **pairs) {
    if (*pairs) {
        free((*pairs)->highest);
        free((*pairs)->lowest);
    }
    free(*pairs);
    *pairs = NULL;
}

double kith_all_pairs_threshold(const kith_all_pairs *pairs, uint64_t most) {
    if (most < pairs->highest_count)
        return nextafterf(pairs->highest[most].score, INFINITY);
    return kith_histogram_threshold(&pairs->different, most);
}
