/* SPDX-License-Identifier: MIT
 *
 * All pairs of random unit vectors, beside what the processor can do at most: as many fused products and sums
 * as it starts, on registers alone, by as many threads, in the same run. The ratio is that of the processor's
 * time, so that it holds on a busy machine, too; the seconds are those of the clock.
 *     bench-all_pairs [VECTORS [THREADS [ROUNDS]]]
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "model/statistics/all_pairs.h"
#include "model/statistics/random.h"
#include "proto/clones.h"
#include "proto/point.h"
#include "tests/bench/support/clock.h"

enum { PERSONS = 400, KEEP = 1000, MOST_THREADS = 64 };

typedef float lanes __attribute__((vector_size(32)));

/* Sums enough that none waits for itself: 4 to 5 cycles each, two units. */
enum { SUMS = 12, STEPS = 2000000000 / SUMS };

KITH_CLONES_FUSED static float peak_work(float factor) {
    lanes sums[SUMS] = {{0}}, f = (lanes){0} + factor;
    for (int i = 0; i < STEPS; i++) {
#pragma GCC unroll 12
        for (int k = 0; k < SUMS; k++)
            sums[k] = sums[k] * f + f;
    }
    float sum = 0;
    for (int k = 0; k < SUMS; k++)
        sum += sums[k][0];
    return sum;
}

static void *peak_thread(void *context) {
    float *at = context;
    *at = peak_work(*at);
    return NULL;
}

/* Of all threads, in user mode. */
static double processor_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6;
}

/* Billions of floating-point operations in a second of one processor. */
static double peak(int threads) {
    pthread_t ids[MOST_THREADS];
    float values[MOST_THREADS];
    double start = processor_seconds();
    for (int i = 0; i < threads; i++) {
        values[i] = 0.5F;
        if (pthread_create(&ids[i], NULL, peak_thread, &values[i]) != 0)
            abort();
    }
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return 16.0 * SUMS * STEPS * threads / (processor_seconds() - start) / 1e9;
}

static void fill(float *vectors, uint32_t *persons, size_t count) {
    kith_random random = {1};
    for (size_t i = 0; i < count; i++) {
        float *v = vectors + i * KITH_DIMENSION;
        double squares = 0;
        for (int k = 0; k < KITH_DIMENSION; k++) {
            double sum = 0; /* of four: near enough to a normal distribution */
            for (int j = 0; j < 4; j++)
                sum += (double)kith_random_next(&random) / (double)UINT64_MAX - 0.5;
            v[k] = (float)sum;
            squares += sum * sum;
        }
        for (int k = 0; k < KITH_DIMENSION; k++)
            v[k] = (float)(v[k] / sqrt(squares));
        persons[i] = (uint32_t)(i * PERSONS / count);
    }
}

int main(int argc, char **argv) {
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 17321;
    int threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2;
    int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 5;
    if (count < 2 || threads < 1 || threads > MOST_THREADS || rounds < 1)
        return 2;
    float *values = malloc(count * KITH_DIMENSION * sizeof *values);
    uint32_t *persons = malloc(count * sizeof *persons);
    if (!values || !persons)
        abort();
    fill(values, persons, count);
    const kith_vectors vectors = {values, count};
    double pairs = (double)count * (double)(count - 1) / 2, before = peak_megabytes();
    printf("%.0f pairs, %d threads, %.0f MB of vectors and the rest before\n", pairs, threads, before);
    for (int round = 0; round < rounds; round++) {
        kith_all_pairs *result = NULL;
        kith_error err = {0};
        double most = peak(threads), start = seconds_now(), used = processor_seconds();
        if (kith_all_pairs_score(&result, &vectors, persons, KEEP, threads, &err) != KITH_OK)
            abort();
        double seconds = seconds_now() - start;
        double rate = pairs * 2 * KITH_DIMENSION / (processor_seconds() - used) / 1e9;
        printf(
            "%6.2f s  per processor: %6.1f GFLOP/s  peak %6.1f GFLOP/s  ratio %.3f  %+.0f MB  1e-5 at %.4f\n",
            seconds, rate, most, rate / most, peak_megabytes() - before,
            kith_all_pairs_threshold(result, result->different.total / 100000));
        kith_all_pairs_free(&result);
    }
    free(values);
    free(persons);
    return 0;
}
