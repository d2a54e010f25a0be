/* SPDX-License-Identifier: MIT
 *
 * Exact search beside the time to read the same memory once: one thread, medians.
 *     bench-search [VECTORS [ROUNDS]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "proto/clones.h"
#include "proto/gallery/exact_search.h"
#include "tests/bench/support/clock.h"
#include "tests/gallery/support/made.h"

enum { BLOCK = 256, TOP = 10 };

/* The plainest loop that touches every byte: loads and xors. */
KITH_CLONES static uint64_t read_once(const float *memory, size_t floats) {
    enum { LANES = 32 };
    const uint64_t *words = (const uint64_t *)(const void *)memory;
    uint64_t lanes[LANES] = {0}, all = 0;
    for (size_t i = 0; i + LANES <= floats / 2; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] ^= words[i + lane];
    for (size_t lane = 0; lane < LANES; lane++)
        all ^= lanes[lane];
    return all;
}

/* What a search in memory does: proto/gallery/sqlite_search.c. */
static float search(const float *vectors, const kith_face_key *keys, size_t count, const float *probe) {
    float scores[BLOCK];
    kith_best best = {.limit = TOP};
    for (size_t i = 0; i < count; i += BLOCK) {
        size_t some = count - i < BLOCK ? count - i : BLOCK;
        kith_exact_scores(scores, vectors + i * KITH_DIMENSION, some, probe);
        if (!kith_best_offer(&best, scores, keys + i, NULL, some))
            abort();
    }
    kith_best_sort(&best);
    float score = best.items[0].score;
    kith_best_clear(&best);
    return score;
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 21;
    float *vectors = aligned_alloc(64, count * KITH_DIMENSION * sizeof *vectors), probe[KITH_DIMENSION];
    kith_face_key *keys = calloc(count, sizeof *keys);
    double *reading = calloc(rounds, sizeof *reading), *searching = calloc(rounds, sizeof *searching),
           *ratios = calloc(rounds, sizeof *ratios);
    uint64_t unused = 0;
    float score = 0;
    if (!vectors || !keys || !reading || !searching || !ratios)
        abort();
    for (size_t i = 0; i < count; i++) {
        made_vector(vectors + i * KITH_DIMENSION, (unsigned)i);
        keys[i] = (kith_face_key){.id = {i, i}, .row = (int64_t)i};
    }
    made_vector(probe, 4711);
    for (size_t i = 0; i < rounds; i++) {
        double start = seconds_now();
        unused ^= read_once(vectors, count * KITH_DIMENSION);
        double middle = seconds_now();
        score += search(vectors, keys, count, probe);
        searching[i] = seconds_now() - middle;
        reading[i] = middle - start;
        ratios[i] = searching[i] / reading[i];
    }
    double read_time = median(reading, rounds), search_time = median(searching, rounds);
    double bytes = (double)(count * KITH_DIMENSION * sizeof *vectors);
    printf("exact search, %zu x %d F32, top %d, one thread, medians of %zu: search %.2f ms, reading once "
           "%.2f ms "
           "(%.1f GB/s), ratio %.3f\n",
           count, KITH_DIMENSION, TOP, rounds, 1e3 * search_time, 1e3 * read_time, bytes / read_time / 1e9,
           median(ratios, rounds));
    free(vectors);
    free(keys);
    free(reading);
    free(searching);
    free(ratios);
    return unused == 1 || score < 0; /* so that neither loop can be left out */
}
