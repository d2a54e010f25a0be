/* SPDX-License-Identifier: MIT
 *
 * What other face projects' own tests expect of their photos, and what kith makes of them.
 *     bench-peers [NETWORK-OR-FILE]         (default: mobileface)
 * Faces: found (at most as many as expected), expected, extra; counts that are words are listed. Pairs:
 * decisions at the network's thresholds for two false-match rates; "one-of-faces-same" takes any face of the
 * first photo against any of the second, the others the faces nearest to the centres.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/support/photos.h"

#define PEERS KITH_SHARED_DIR "/photos/peers"
enum { MOST = 512, FIELD = 200, FIELDS = 4, PROJECTS = 3 };

static const char *const projects[PROJECTS] = {"face_recognition", "face-api.js", "dlib"};

typedef struct row {
    char field[FIELDS][FIELD];
} row;

typedef struct rows {
    row items[MOST];
    int count;
} rows;

/* The first four fields of each line after the head; only the last may be quoted, and it is not used. */
static int read_rows(rows *out, const char *path) {
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file))
        return 0;
    while (out->count < MOST && fgets(line, sizeof line, file)) {
        char *at = line;
        line[strcspn(line, "\r\n")] = '\0';
        for (int i = 0; i < FIELDS; i++) {
            size_t length = strcspn(at, ",");
            snprintf(out->items[out->count].field[i], FIELD, "%.*s", (int)length, at);
            at += length + (at[length] == ',');
        }
        out->count++;
    }
    fclose(file);
    return 1;
}

static const bench_photo *photo_of(const bench_photos *photos, const row *r, int field) {
    char name[2 * FIELD];
    snprintf(name, sizeof name, "%s/%s", r->field[0], r->field[field]);
    return bench_photos_find(photos, PEERS, name);
}

static void add_photo(bench_photos *photos, const row *r, int field) {
    char name[2 * FIELD];
    snprintf(name, sizeof name, "%s/%s", r->field[0], r->field[field]);
    bench_photos_add(photos, PEERS, name);
}

static void report_faces(const rows *expected, const bench_photos *photos) {
    printf("%-18s %6s %6s %9s %6s\n", "project", "files", "found", "expected", "extra");
    for (int p = 0; p < PROJECTS; p++) {
        int files = 0, found = 0, wanted = 0, extra = 0;
        for (int i = 0; i < expected->count; i++) {
            const row *r = expected->items + i;
            char *end;
            int count = (int)strtol(r->field[2], &end, 10);
            int here = photo_of(photos, r, 1)->faces;
            if (strcmp(r->field[0], projects[p]) != 0 || *end)
                continue;
            files++;
            wanted += count;
            found += here < count ? (here > 0 ? here : 0) : count;
            extra += here > count ? here - count : 0;
            if (here != count)
                printf("    %s/%s: %d of %d\n", r->field[0], r->field[1], here, count);
        }
        printf("%-18s %6d %6d %9d %6d\n", projects[p], files, found, wanted, extra);
    }
    for (int i = 0; i < expected->count; i++) {
        const row *r = expected->items + i;
        if (strspn(r->field[2], "0123456789") != strlen(r->field[2]))
            printf("    %s/%s: %d found, \"%s\" expected\n", r->field[0], r->field[1],
                   photo_of(photos, r, 1)->faces, r->field[2]);
    }
}

static double dot(const float *a, const float *b) {
    double sum = 0;
    for (int i = 0; i < KITH_DIMENSION; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static double score_of(const bench_photo *a, const bench_photo *b, int any) {
    double best = NAN;
    for (size_t i = 0; a->faces > 0 && i < (size_t)a->faces; i++) {
        for (size_t j = 0; b->faces > 0 && j < (size_t)b->faces; j++) {
            if (any || ((int)i == a->centre && (int)j == b->centre))
                best =
                    fmax(best, dot(a->embeddings + i * KITH_DIMENSION, b->embeddings + j * KITH_DIMENSION));
        }
    }
    return best;
}

static void report_pairs(const rows *expected, const bench_photos *photos, double fmr, double threshold) {
    printf("\n%-18s decisions at T = %.4f (false-match rate %g)\n", "project", threshold, fmr);
    for (int p = 0; p < PROJECTS; p++) {
        int right[2] = {0, 0}, wrong[2] = {0, 0};
        for (int i = 0; i < expected->count; i++) {
            const row *r = expected->items + i;
            if (strcmp(r->field[0], projects[p]) != 0)
                continue;
            int same = strcmp(r->field[3], "different") != 0,
                any = strcmp(r->field[3], "one-of-faces-same") == 0;
            double score = score_of(photo_of(photos, r, 1), photo_of(photos, r, 2), any);
            if ((score >= threshold) == same)
                right[same]++;
            else
                wrong[same]++;
        }
        if (right[0] + wrong[0] + right[1] + wrong[1] > 0)
            printf("%-18s same: %3d right %3d wrong   different: %3d right %3d wrong\n", projects[p],
                   right[1], wrong[1], right[0], wrong[0]);
    }
}

/* The table's threshold at a rate that it has; NAN when it has none. */
static double threshold_at(const kith_model *model, double fmr) {
    const char *text = kith_model_metadata(model, "kith.calibration");
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    double found = NAN;
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(json, "fmr"), i, value) {
        if (fabs(json_number_value(value) / fmr - 1) < 1e-6)
            found = json_number_value(json_array_get(json_object_get(json, "threshold"), i));
    }
    json_decref(json);
    return found;
}

int main(int argc, char **argv) {
    static rows faces, pairs;
    const kith_model_options options = {.weights = argc > 1 ? argv[1] : NULL};
    kith_model *model = NULL;
    bench_photos photos = {0};
    kith_error err = {0};
    if (!read_rows(&faces, PEERS "/expect-faces.csv") || !read_rows(&pairs, PEERS "/expect-pairs.csv")) {
        fprintf(stderr, "SKIPPED: no photos here: " PEERS "\n");
        return 77;
    }
    for (int i = 0; i < faces.count; i++)
        add_photo(&photos, faces.items + i, 1);
    for (int i = 0; i < pairs.count; i++) {
        add_photo(&photos, pairs.items + i, 1);
        add_photo(&photos, pairs.items + i, 2);
    }
    bench_photos_sort(&photos);
    kith_status status = kith_model_open(&model, &options, &err);
    if (status == KITH_OK)
        status = bench_photos_embed(&photos, model, 2, &err);
    if (status == KITH_OK) {
        report_faces(&faces, &photos);
        report_pairs(&pairs, &photos, 0.01, threshold_at(model, 0.01));
        report_pairs(&pairs, &photos, 0.001, threshold_at(model, 0.001));
    } else
        fprintf(stderr, "%s: %s\n", err.where, err.text);
    bench_photos_free(&photos);
    kith_model_close(&model);
    return kith_exit_code(&err);
}
