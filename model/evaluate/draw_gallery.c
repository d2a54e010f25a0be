/* SPDX-License-Identifier: MIT */
#include "model/evaluate/draw_gallery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/asked.h"
#include "model/statistics/random.h"
#include "proto/gallery/exact_search.h"

/* ---- albums ---- */

bool kith_albums_make(kith_albums *out, const kith_study *study) {
    size_t persons = study->persons.count, count = study->names.count;
    *out = (kith_albums){.photos = calloc(count + 1, sizeof *out->photos),
                         .first = calloc(persons + 1, sizeof *out->first),
                         .persons = persons};
    if (!out->photos || !out->first) {
        kith_albums_clear(out);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (study->photos[i].state != KITH_STUDY_FAILED)
            out->first[study->photos[i].person]++;
    for (size_t p = 1; p <= persons; p++)
        out->first[p] += out->first[p - 1];
    for (size_t i = count; i-- > 0;) /* ends become beginnings */
        if (study->photos[i].state != KITH_STUDY_FAILED)
            out->photos[--out->first[study->photos[i].person]] = (uint32_t)i;
    return true;
}

void kith_albums_clear(kith_albums *albums) {
    free(albums->photos);
    free(albums->first);
    *albums = (kith_albums){0};
}

/* ---- one draw ---- */

typedef struct drawing {
    const kith_study *study;
    const kith_albums *albums;
    size_t persons, enrolled;
    uint32_t *chosen; /* the persons: a permutation of all that could be, those of the gallery first */
    uint32_t *place;  /* person -> place in the gallery + 1; 0: a stranger */
    char *is_enrolled;
    float *vectors; /* the gallery's: place by place, `enrolled` each; zero where there is no face */
    uint32_t *photos;
    float *scores, *best; /* of one probe: with each vector, with each person */
} drawing;

static size_t album_size(const kith_albums *albums, size_t person) {
    return albums->first[person + 1] - albums->first[person];
}

static bool make_room(drawing *d) {
    size_t rows = d->persons * d->enrolled;
    size_t bytes = (rows * KITH_DIMENSION * sizeof *d->vectors + 63) / 64 * 64;
    d->chosen = calloc(d->albums->persons + 1, sizeof *d->chosen);
    d->place = calloc(d->albums->persons + 1, sizeof *d->place);
    d->is_enrolled = calloc(d->study->names.count + 1, 1);
    d->vectors = aligned_alloc(64, bytes);
    d->photos = calloc(rows, sizeof *d->photos);
    d->scores = calloc(rows, sizeof *d->scores);
    d->best = calloc(d->persons, sizeof *d->best);
    return d->chosen && d->place && d->is_enrolled && d->vectors && d->photos && d->scores && d->best;
}

static void release(drawing *d) {
    free(d->chosen);
    free(d->place);
    free(d->is_enrolled);
    free(d->vectors);
    free(d->photos);
    free(d->scores);
    free(d->best);
}

/* Persons, and of each the photos. */
static bool draw(drawing *d, kith_random *random) {
    size_t eligible = 0;
    for (uint32_t p = 0; p < d->albums->persons; p++)
        if (album_size(d->albums, p) > d->enrolled)
            d->chosen[eligible++] = p;
    kith_random_shuffle(random, d->chosen, eligible);
    for (size_t g = 0; g < d->persons; g++) {
        size_t size = album_size(d->albums, d->chosen[g]);
        uint32_t *album = malloc(size * sizeof *album);
        if (!album)
            return false;
        memcpy(album, d->albums->photos + d->albums->first[d->chosen[g]], size * sizeof *album);
        kith_random_shuffle(random, album, size);
        d->place[d->chosen[g]] = (uint32_t)g + 1;
        for (size_t k = 0; k < d->enrolled; k++) {
            size_t row = g * d->enrolled + k;
            d->photos[row] = album[k];
            d->is_enrolled[album[k]] = 1;
            memcpy(d->vectors + row * KITH_DIMENSION,
                   d->study->embeddings + (size_t)album[k] * KITH_DIMENSION,
                   KITH_DIMENSION * sizeof *d->vectors);
        }
        free(album);
    }
    return true;
}

static bool has_face(const drawing *d, uint32_t photo) {
    return d->study->photos[photo].state == KITH_STUDY_FACE;
}

/* Scores of one probe: of each person the best, and where it is best of all. */
static size_t ask(drawing *d, uint32_t probe) {
    size_t rows = d->persons * d->enrolled, top = SIZE_MAX;
    kith_exact_scores(d->scores, d->vectors, rows, d->study->embeddings + (size_t)probe * KITH_DIMENSION);
    for (size_t g = 0; g < d->persons; g++)
        d->best[g] = -INFINITY;
    for (size_t row = 0; row < rows; row++) {
        float *best = &d->best[row / d->enrolled];
        if (!has_face(d, d->photos[row]))
            continue;
        if (d->scores[row] > *best)
            *best = d->scores[row];
        if (top == SIZE_MAX || d->scores[row] > d->scores[top])
            top = row;
    }
    return top;
}

/* Of the person at place `g`: the score, the photo that made it, and how many score higher. */
static kith_probe_result result_of_person(const drawing *d, uint32_t probe, size_t g) {
    kith_probe_result result = {.photo = probe, .near = UINT32_MAX, .score = d->best[g], .rank = 1};
    for (size_t row = g * d->enrolled; row < (g + 1) * d->enrolled; row++)
        if (has_face(d, d->photos[row]) && d->scores[row] == d->best[g])
            result.near = d->photos[row];
    for (size_t other = 0; other < d->persons; other++)
        result.rank += other != g && d->best[other] >= d->best[g];
    return result;
}

static void ask_all(kith_drawn *out, drawing *d) {
    for (uint32_t photo = 0; photo < d->study->names.count; photo++) {
        const kith_study_photo *probe = &d->study->photos[photo];
        uint32_t place = d->place[probe->person];
        if (d->is_enrolled[photo] || probe->state == KITH_STUDY_FAILED)
            continue;
        if (!has_face(d, photo)) {
            if (place)
                out->mated[out->mated_count++] =
                    (kith_probe_result){photo, UINT32_MAX, -INFINITY, UINT32_MAX};
            continue;
        }
        size_t top = ask(d, photo);
        if (place)
            out->mated[out->mated_count++] = result_of_person(d, photo, place - 1);
        else
            out->strangers[out->stranger_count++] =
                top == SIZE_MAX ? (kith_probe_result){photo, UINT32_MAX, -INFINITY, 0}
                                : (kith_probe_result){photo, d->photos[top], d->scores[top], 0};
    }
}

/* Closes the gaps of photos without a face; returns how many faces are left, and numbers those persons who
 * have one. The drawing is of no use for probes then.
 */
static size_t close_gaps(drawing *d, uint32_t *persons) {
    uint32_t person = 0;
    size_t count = 0;
    for (size_t g = 0; g < d->persons; g++) {
        size_t before = count;
        for (size_t row = g * d->enrolled; row < (g + 1) * d->enrolled; row++) {
            if (!has_face(d, d->photos[row]))
                continue;
            memmove(d->vectors + count * KITH_DIMENSION, d->vectors + row * KITH_DIMENSION,
                    KITH_DIMENSION * sizeof *d->vectors);
            persons[count++] = person;
        }
        person += count > before;
    }
    return count;
}

static kith_status find_thresholds(kith_drawn *out, drawing *d, const kith_rate_table *network,
                                   kith_error *err) {
    uint32_t *persons = calloc(d->persons * d->enrolled, sizeof *persons);
    if (!persons)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a gallery");
    size_t count = close_gaps(d, persons);
    const kith_labelled gallery = {.vectors = {d->vectors, count}, .persons = persons};
    kith_status status = kith_asked_thresholds(out, &gallery, network, err);
    free(persons);
    return status;
}

kith_status kith_gallery_draw(kith_drawn *out, const kith_study *study, const kith_albums *albums,
                              size_t persons, const kith_identify_options *options, uint64_t seed,
                              kith_error *err) {
    drawing d = {.study = study, .albums = albums, .persons = persons, .enrolled = options->enrolled};
    kith_random random = {seed};
    size_t count = study->names.count;
    kith_status status = KITH_OK;
    *out = (kith_drawn){.mated = calloc(count, sizeof *out->mated),
                        .strangers = calloc(count, sizeof *out->strangers)};
    if (!out->mated || !out->strangers || !make_room(&d) || !draw(&d, &random)) {
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a gallery");
    } else {
        ask_all(out, &d);
        status = find_thresholds(out, &d, options->network, err);
    }
    release(&d);
    return status;
}
