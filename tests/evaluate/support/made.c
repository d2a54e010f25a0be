/* SPDX-License-Identifier: MIT */
#include "tests/evaluate/support/made.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/statistics/random.h"

static void make_embedding(float *out, uint32_t person, kith_random *random) {
    kith_random of_person = {person + 1000};
    double squares = 0;
    for (int k = 0; k < KITH_DIMENSION; k++) {
        double value = kith_random_normal(&of_person) + 2.2 * kith_random_normal(random);
        value += k < 3 ? 6 : 0; /* everybody is a little alike */
        out[k] = (float)value;
        squares += value * value;
    }
    for (int k = 0; k < KITH_DIMENSION; k++)
        out[k] = (float)(out[k] / sqrt(squares));
}

void made_study(kith_study *out, size_t persons, size_t most, uint64_t seed) {
    kith_random random = {seed};
    kith_error err = {0};
    uint32_t person, photo;
    *out = (kith_study){.folder = "made"};
    for (size_t p = 0; p < persons; p++) {
        char name[64];
        size_t photos = 1 + kith_random_below(&random, most);
        snprintf(name, sizeof name, "p%zu", p);
        assert_true(kith_names_add(&out->persons, name, &person));
        for (size_t i = 0; i < photos; i++) {
            snprintf(name, sizeof name, "p%zu/%zu.jpg", p, i);
            assert_int_equal(kith_study_add(out, name, person, &photo, &err), KITH_OK);
        }
    }
    out->embeddings = calloc(out->names.count, KITH_DIMENSION * sizeof *out->embeddings);
    assert_non_null(out->embeddings);
    for (size_t i = 0; i < out->names.count; i++) {
        size_t fate = kith_random_below(&random, 20);
        out->photos[i].state = fate == 0   ? KITH_STUDY_FACELESS
                               : fate == 1 ? KITH_STUDY_FAILED
                                           : KITH_STUDY_FACE;
        if (out->photos[i].state == KITH_STUDY_FACE)
            make_embedding(out->embeddings + i * KITH_DIMENSION, out->photos[i].person, &random);
    }
}

double made_score(const kith_study *study, size_t a, size_t b) {
    double sum = 0;
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        sum += (double)study->embeddings[a * KITH_DIMENSION + k] *
               (double)study->embeddings[b * KITH_DIMENSION + k];
    return sum;
}

/* ---- files ---- */

static char folder[256];

static int remove_entry(const char *path, const struct stat *seen, int kind, struct FTW *place) {
    (void)seen;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_folder(void) {
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *made_folder(void) {
    if (folder[0])
        return folder;
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/kith-evaluate-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder))
        abort();
    atexit(remove_folder);
    return folder;
}

const char *made_file(const char *name, const char *text) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", made_folder(), name);
    for (char *slash = path + strlen(made_folder()) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        mkdir(path, 0777);
    }
    FILE *file = fopen(path, "wb");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    return path;
}
