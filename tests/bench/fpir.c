/* SPDX-License-Identifier: MIT
 *
 * How often strangers are named where 1 in 100 was asked for: galleries of 50, 100 and 150 persons with one,
 * three or ten faces each, 20 draws, everybody else a stranger. T by the model's calibration and the number
 * of faces, and by the gallery's own calibration; FNIR of the persons' other faces at each.
 *     bench-fpir WEIGHTS               half B (even numbers) of the development chips
 *     bench-fpir WEIGHTS FOLDER        photos in a folder for each person
 * The model file must be calibrated, on other persons.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/embed.h"
#include "model/statistics/thresholds.h"
#include "proto/calibration.h"
#include "proto/processors.h"

enum { DRAWS = 20, WAYS = 4 };
static const char *const ways[WAYS] = {"model", "gallery", "gallery, mean3", "oracle"};

static struct {
    float *vectors;
    uint32_t *persons; /* of each face, in order */
    size_t count, person_count;
} all;

/* xorshift64* (Vigna 2016): the same draws everywhere. */
static uint64_t chance = 88172645463325252U;
static size_t below(size_t limit) {
    chance ^= chance >> 12;
    chance ^= chance << 25;
    chance ^= chance >> 27;
    return (size_t)((chance * 2685821657736338717U) >> 33) % limit;
}

static void *need(void *memory) {
    if (!memory)
        abort();
    return memory;
}

static void stop(const kith_error *err) {
    fprintf(stderr, "%s: %s\n", err->where, err->text);
    exit(kith_exit_code(err));
}

static int is_even(const char *person) {
    return (person[strlen(person) - 1] - '0') % 2 == 0;
}

static void load(kith_model *model, const char *folder, bool chips) {
    kith_error err = {0};
    kith_study study = {.folder = folder};
    const kith_people_options people = {.chips = chips, .landmarks = chips, .jobs = kith_processors_usable()};
    const kith_embed_options embed = {.model = model,
                                      .find = {640, 0.7F, 24, false},
                                      .decode = {.max_pixels = KITH_MAX_PIXELS},
                                      .which = KITH_WHICH_CENTRE,
                                      .jobs = people.jobs};
    if (kith_study_people(&study, &people, &err) != KITH_OK ||
        kith_study_embed(&study, &embed, &err) != KITH_OK)
        stop(&err);
    all.vectors = need(calloc(study.names.count, KITH_DIMENSION * sizeof(float)));
    all.persons = need(calloc(study.names.count, sizeof *all.persons));
    for (uint32_t p = 0; p < study.persons.count; p++) {
        size_t before = all.count;
        for (size_t i = 0; i < study.names.count; i++)
            if (study.photos[i].person == p && study.photos[i].state == KITH_STUDY_FACE &&
                (!chips || is_even(study.persons.items[p]))) {
                memcpy(all.vectors + all.count * KITH_DIMENSION, study.embeddings + i * KITH_DIMENSION,
                       KITH_DIMENSION * sizeof(float));
                all.persons[all.count++] = (uint32_t)all.person_count;
            }
        all.person_count += all.count > before;
    }
    kith_study_clear(&study);
}

/* A gallery and its probes: faces of enrolled persons that are not in it, and of everybody else. */
typedef struct drawing {
    kith_labelled gallery, probes; /* probes' person: UINT32_MAX - ... is never one of the gallery's */
    float *vectors[2];
    uint32_t *persons[2];
} drawing;

static void put(drawing *d, int where, size_t *at, size_t face, uint32_t person) {
    memcpy(d->vectors[where] + *at * KITH_DIMENSION, all.vectors + face * KITH_DIMENSION,
           KITH_DIMENSION * sizeof(float));
    d->persons[where][(*at)++] = person;
}

/* False: too few persons with more than `each` faces. */
static bool draw(drawing *d, size_t persons, size_t each) {
    size_t *begin = need(calloc(all.person_count + 1, sizeof *begin));
    uint32_t *number = need(malloc(all.person_count * sizeof *number));
    size_t *able = need(calloc(all.person_count, sizeof *able)), ables = 0, counts[2] = {0, 0};
    for (size_t i = 0; i < all.count; i++)
        begin[all.persons[i] + 1] = i + 1;
    for (size_t p = 0; p < all.person_count; p++) {
        number[p] = UINT32_MAX;
        if (begin[p + 1] - begin[p] > each)
            able[ables++] = p;
    }
    for (size_t i = 0; i < persons && ables >= persons; i++) {
        size_t other = i + below(ables - i), p = able[other];
        able[other] = able[i];
        number[p] = (uint32_t)i;
        for (size_t k = 0; k < each; k++) { /* the first `each` of a shuffle are enrolled */
            size_t from = begin[p] + k, to = from + below(begin[p + 1] - from);
            float swap[KITH_DIMENSION];
            memcpy(swap, all.vectors + from * KITH_DIMENSION, sizeof swap);
            memcpy(all.vectors + from * KITH_DIMENSION, all.vectors + to * KITH_DIMENSION, sizeof swap);
            memcpy(all.vectors + to * KITH_DIMENSION, swap, sizeof swap);
            put(d, 0, &counts[0], from, (uint32_t)i);
        }
    }
    for (size_t p = 0; p < all.person_count; p++)
        for (size_t i = begin[p] + (number[p] == UINT32_MAX ? 0 : each); i < begin[p + 1]; i++)
            put(d, 1, &counts[1], i, number[p]);
    d->gallery = (kith_labelled){{d->vectors[0], counts[0]}, d->persons[0]};
    d->probes = (kith_labelled){{d->vectors[1], counts[1]}, d->persons[1]};
    free(begin);
    free(number);
    free(able);
    return ables >= persons;
}

static int falling(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* The threshold that exactly a share `fpir` of strangers reaches. */
static double oracle(const kith_face_scores *probes, const drawing *d, double fpir) {
    float *scores = need(malloc(d->probes.vectors.count * sizeof *scores));
    size_t count = 0;
    for (size_t i = 0; i < d->probes.vectors.count; i++)
        if (d->probes.persons[i] == UINT32_MAX)
            scores[count++] = probes[i].other[0];
    qsort(scores, count, sizeof *scores, falling);
    double threshold = (double)nextafterf(scores[(size_t)(fpir * (double)count)], 2);
    free(scores);
    return threshold;
}

typedef struct rates {
    double threshold, fpir, squares, fnir;
} rates;

static void measure(rates *to, const kith_face_scores *probes, const drawing *d, kith_scoring scoring,
                    double threshold) {
    size_t strangers = 0, named = 0, mates = 0, missed = 0;
    for (size_t i = 0; i < d->probes.vectors.count; i++) {
        const kith_face_scores *p = &probes[i];
        if (d->probes.persons[i] == UINT32_MAX) {
            strangers++;
            named += (double)p->other[scoring] >= threshold;
        } else {
            mates++;
            missed += !((double)p->own[scoring] >= threshold && p->own[scoring] > p->other[scoring]);
        }
    }
    double fpir = (double)named / (double)strangers;
    to->threshold += threshold / DRAWS;
    to->fpir += fpir / DRAWS;
    to->squares += fpir * fpir / DRAWS;
    to->fnir += (double)missed / (double)mates / DRAWS;
}

static void run(const kith_calibration *c, drawing *d, size_t persons, size_t each, double fpir) {
    rates sums[WAYS] = {{0}};
    kith_error err = {0};
    int threads = kith_processors_usable();
    kith_face_scores *probes = need(calloc(all.count, sizeof *probes)),
                     *own = need(calloc(all.count, sizeof *own));
    chance = 88172645463325252U;
    for (int n = 0; n < DRAWS; n++) {
        kith_rate_table tables[2];
        bool beyond;
        if (!draw(d, persons, each)) {
            printf("%7zu %5zu  too few persons\n", persons, each);
            return;
        }
        size_t faces = d->gallery.vectors.count;
        if (kith_face_scores_all(probes, &d->probes, &d->gallery, threads, &err) != KITH_OK ||
            kith_face_scores_all(own, &d->gallery, &d->gallery, threads, &err) != KITH_OK)
            stop(&err);
        const kith_gallery_scores scores = {own, d->gallery.persons, faces, persons, &c->table};
        for (int s = 0; s < KITH_SCORINGS; s++)
            if (kith_thresholds_of_gallery(&tables[s], &scores, (kith_scoring)s, "gallery", &err) != KITH_OK)
                stop(&err);
        double shared = kith_rate_of_one(fpir, (double)faces / kith_gallery_compared(&scores));
        measure(&sums[0], probes, d, KITH_SCORE_BEST,
                kith_rate_table_threshold(&c->table, kith_rate_of_one(fpir, (double)faces), &beyond));
        measure(&sums[1], probes, d, KITH_SCORE_BEST, kith_rate_table_threshold(&tables[0], shared, &beyond));
        measure(&sums[2], probes, d, KITH_SCORE_MEAN3,
                kith_rate_table_threshold(&tables[1], shared, &beyond));
        measure(&sums[3], probes, d, KITH_SCORE_BEST, oracle(probes, d, fpir));
    }
    for (int w = 0; w < WAYS; w++)
        printf("%7zu %5zu %6g  %-15s %9.4f %9.5f %9.5f %8.4f\n", persons, each, fpir, ways[w],
               sums[w].threshold, sums[w].fpir, sqrt(fmax(sums[w].squares - sums[w].fpir * sums[w].fpir, 0)),
               sums[w].fnir);
    free(probes);
    free(own);
}

int main(int argc, char **argv) {
    static const size_t sizes[] = {50, 100, 150}, faces[] = {1, 3, 10};
    static const double fpirs[] = {0.01, 0.003};
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: bench-fpir WEIGHTS [FOLDER]\n");
        return 2;
    }
    const kith_model_options options = {.weights = argv[1]};
    kith_model *model = NULL;
    kith_error err = {0};
    kith_calibration calibration;
    if (kith_model_open(&model, &options, &err) != KITH_OK)
        stop(&err);
    const char *text = kith_model_metadata(model, "kith.calibration");
    if (kith_calibration_parse(&calibration, text ? text : "", argv[1], &err) != KITH_OK)
        stop(&err);
    load(model, argc == 3 ? argv[2] : KITH_SHARED_DIR "/faces/chips", argc == 2);
    drawing d = {
        .vectors = {need(calloc(all.count, KITH_DIMENSION * sizeof(float))),
                    need(calloc(all.count, KITH_DIMENSION * sizeof(float)))},
        .persons = {need(calloc(all.count, sizeof(uint32_t))), need(calloc(all.count, sizeof(uint32_t)))}};
    printf("%zu faces of %zu persons\n%7s %5s %6s  %-15s %9s %9s %9s %8s\n", all.count, all.person_count,
           "persons", "faces", "asked", "T from", "T", "FPIR", "deviation", "FNIR");
    for (size_t f = 0; f < 2; f++)
        for (size_t k = 0; k < 3; k++)
            for (size_t s = 0; s < 3; s++)
                run(&calibration, &d, sizes[s], faces[k], fpirs[f]);
    for (int i = 0; i < 2; i++) {
        free(d.vectors[i]);
        free(d.persons[i]);
    }
    free(all.vectors);
    free(all.persons);
    kith_model_close(&model);
    return 0;
}
