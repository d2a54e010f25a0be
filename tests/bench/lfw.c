/* SPDX-License-Identifier: MIT
 *
 * Labeled Faces in the Wild, folds 1 to 5 of View 2, from the photos: detection, the face nearest to the
 * centre, embedding, cosine.
 *
 *     bench-lfw [NETWORK-OR-FILE...]
 *
 * Without words: mobileface, siamese, and reid where its weights are here. Each fold is judged with the
 * threshold that is best on the other four; a photo without a face makes its pairs errors. KITH_THREADS: how
 * many threads (2). Ends with 1 when a network falls below what it must reach.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/support/clock.h"
#include "tests/bench/support/photos.h"

#define LFW KITH_SHARED_DIR "/faces/lfw"
enum { FOLDS = 5, ROWS = 600, PAIRS = FOLDS * ROWS };

typedef struct pair {
    char a[160], b[160];
    int fold;
    int same; /* 1 or 0 */
    float score;
} pair;

static pair pairs[PAIRS];

static void fill(pair *p, int row, const char *first, int i, const char *second, int j) {
    p->fold = row / ROWS;
    p->same = strcmp(first, second) == 0;
    snprintf(p->a, sizeof p->a, "%s/%s_%04d.jpg", first, first, i);
    snprintf(p->b, sizeof p->b, "%s/%s_%04d.jpg", second, second, j);
}

static int read_pairs(void) {
    char line[256], first[64], second[64];
    int i, j, row = 0;
    FILE *file = fopen(LFW "/pairs.txt", "r");
    if (!file || !fgets(line, sizeof line, file))
        return 0;
    while (row < PAIRS && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%63s %d %63s %d", first, &i, second, &j) == 4)
            fill(pairs + row, row, first, i, second, j);
        else if (sscanf(line, "%63s %d %d", first, &i, &j) == 3)
            fill(pairs + row, row, first, i, first, j);
        else
            break;
        row++;
    }
    fclose(file);
    return row == PAIRS;
}

/* What was measured with another implementation of the same pipeline, less 0.4 points; reid's are required.
 */
static const struct {
    const char *network;
    double accuracy, accepts;
} floors[] = {{"mobileface", 0.9840, 0.97}, {"siamese", 0.9320, 0.3}, {"reid", 0.991, 0.98}};

static float score_of(const bench_photos *photos, const pair *p) {
    const bench_photo *a = bench_photos_find(photos, LFW, p->a), *b = bench_photos_find(photos, LFW, p->b);
    if (a->centre < 0 || b->centre < 0)
        return NAN;
    const float *x = a->embeddings + (size_t)a->centre * KITH_DIMENSION;
    const float *y = b->embeddings + (size_t)b->centre * KITH_DIMENSION;
    double dot = 0;
    for (int i = 0; i < KITH_DIMENSION; i++)
        dot += (double)x[i] * y[i];
    return (float)dot;
}

/* Share of right decisions at a threshold, inside (or, with `others`, outside) a fold. A pair without score
 * is wrong.
 */
static double accuracy(double threshold, int fold, int others) {
    int right = 0, all = 0;
    for (int i = 0; i < PAIRS; i++) {
        if ((pairs[i].fold == fold) == others)
            continue;
        all++;
        right += !isnan(pairs[i].score) && (pairs[i].score >= threshold) == pairs[i].same;
    }
    return (double)right / all;
}

static double best_threshold(int fold) {
    double best = 0, at = 0;
    for (int step = -1000; step <= 1000; step++) {
        double right = accuracy(step / 1000.0, fold, 1);
        if (right > best) {
            best = right;
            at = step / 1000.0;
        }
    }
    return at;
}

static int highest_first(const void *left, const void *right) {
    float a = *(const float *)left, b = *(const float *)right;
    return (a < b) - (a > b);
}

/* Scores of same or of different pairs, highest first; a missing one counts as the worst. */
static int scores_of(float *out, int same) {
    int count = 0;
    for (int i = 0; i < PAIRS; i++) {
        if (pairs[i].same == same)
            out[count++] = isnan(pairs[i].score) ? (same ? -1 : 1) : pairs[i].score;
    }
    qsort(out, (size_t)count, sizeof *out, highest_first);
    return count;
}

static int below_floor(const char *name, double right, double accepts) {
    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++) {
        if (strcmp(name, floors[i].network) != 0 ||
            (right >= floors[i].accuracy && accepts >= floors[i].accepts))
            continue;
        printf("    too low: %.2f %% and %.4f are required\n", 100 * floors[i].accuracy, floors[i].accepts);
        return 1;
    }
    return 0;
}

static int report(const char *name, const bench_photos *photos, double seconds) {
    static float same[PAIRS], different[PAIRS];
    double sum = 0, above = 0;
    int faceless = 0, rejected = 0, tar = 0;
    for (size_t i = 0; i < photos->count; i++)
        faceless += photos->items[i].centre < 0;
    for (int i = 0; i < PAIRS; i++)
        pairs[i].score = score_of(photos, pairs + i);
    for (int fold = 0; fold < FOLDS; fold++)
        sum += accuracy(best_threshold(fold), fold, 0);
    int sames = scores_of(same, 1), differents = scores_of(different, 0);
    for (int i = 0; i < sames; i++) {
        for (rejected = 0; rejected < differents && different[rejected] > same[i];)
            rejected++;
        int equal = 0;
        while (rejected + equal < differents && !(different[rejected + equal] < same[i]))
            equal++;
        above += differents - rejected - 0.5 * equal;
    }
    float limit = different[differents / 1000]; /* at most a thousandth of them lies above */
    while (tar < sames && same[tar] > limit)
        tar++;
    printf("%-24s %8.2f %% %9.5f %9.4f %6zu photos %4d without a face %7.1f s\n", name, 100 * sum / FOLDS,
           above / sames / differents, (double)tar / sames, photos->count, faceless, seconds);
    fflush(stdout);
    return below_floor(name, sum / FOLDS, (double)tar / sames);
}

static int run(const char *weights) {
    const char *threads = getenv("KITH_THREADS");
    const kith_model_options options = {.weights = weights};
    kith_model *model = NULL;
    bench_photos photos = {0};
    kith_error err = {0};
    for (int i = 0; i < PAIRS; i++) {
        bench_photos_add(&photos, LFW, pairs[i].a);
        bench_photos_add(&photos, LFW, pairs[i].b);
    }
    bench_photos_sort(&photos);
    double start = seconds_now();
    kith_status status = kith_model_open(&model, &options, &err);
    if (status == KITH_OK)
        status = bench_photos_embed(&photos, model, threads ? (int)strtol(threads, NULL, 10) : 2, &err);
    int low = 0;
    if (status == KITH_OK)
        low = report(kith_model_identity(model)->network, &photos, seconds_now() - start);
    else
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    bench_photos_free(&photos);
    kith_model_close(&model);
    return status != KITH_OK || low;
}

int main(int argc, char **argv) {
    const char *reid = KITH_SHARED_DIR "/weights/reid.f32.safetensors";
    int failed = 0;
    if (!read_pairs()) {
        fprintf(stderr, "SKIPPED: no photos here: " LFW "\n");
        return 77;
    }
    printf("%-24s %10s %9s %9s\n", "network", "accuracy", "AUC", "TAR@1e-3");
    for (int i = 1; i < argc; i++)
        failed += run(argv[i]);
    if (argc > 1)
        return failed;
    failed = run("mobileface") + run("siamese");
    return failed + (access(reid, R_OK) == 0 ? run(reid) : 0);
}
