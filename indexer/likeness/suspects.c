/* SPDX-License-Identifier: MIT */
#include "indexer/likeness/suspects.h"

#include <stdlib.h>

#include "indexer/likeness/linkage.h"
#include "proto/array.h"

const char *const kith_suspicion_names[KITH_SUSPICIONS] = {"face", "names", "copies"};

/* A likeness, and whom it is with. */
typedef struct nearest {
    double likeness;
    uint32_t person; /* UINT32_MAX: nobody */
} nearest;

typedef struct finding {
    const kith_face_list *list;
    const kith_compared *compared;
    float *sums;           /* of each person's vectors */
    double *scales;        /* kith_linkage_scale() of each */
    nearest *faces;        /* each face's most like other person */
    double *own;           /* each face's likeness to its own person by the others; NAN: it is alone */
    nearest (*persons)[2]; /* each person's two most like others */
    double *dependent;     /* per face: what the chance loses of others when it goes, in persons */
    double *events;        /* per person: faces that reach the threshold of somebody else */
} finding;

/* ---- likenesses ---- */

static void add_up(finding *f) {
    const kith_face_list *list = f->list;
    for (size_t p = 0; p < list->person_count; p++) {
        float *sum = f->sums + p * KITH_DIMENSION;
        for (size_t i = list->begins[p]; i < list->begins[p + 1]; i++)
            for (size_t k = 0; k < KITH_DIMENSION; k++)
                sum[k] += list->vectors[i * KITH_DIMENSION + k];
        f->scales[p] = kith_linkage_scale(sum, kith_face_list_size(list, p));
    }
}

static double own_likeness(const finding *f, size_t face) {
    const kith_face_list *list = f->list;
    size_t person = list->persons[face], count = kith_face_list_size(list, person);
    const float *vector = list->vectors + face * KITH_DIMENSION, *sum = f->sums + person * KITH_DIMENSION;
    float others[KITH_DIMENSION];
    if (count < 2)
        return NAN;
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        others[k] = sum[k] - vector[k];
    return kith_dot(vector, others) / kith_linkage_scale(others, count - 1);
}

static void visit_face(void *context, size_t face, const float *products) {
    finding *f = context;
    nearest best = {-INFINITY, UINT32_MAX};
    for (size_t p = 0; p < f->list->person_count; p++) {
        double likeness = (double)products[p] / f->scales[p];
        if (p != f->list->persons[face] && likeness > best.likeness)
            best = (nearest){likeness, (uint32_t)p};
    }
    f->faces[face] = best;
    f->own[face] = own_likeness(f, face);
}

static void visit_person(void *context, size_t person, const float *products) {
    finding *f = context;
    nearest *best = f->persons[person];
    best[0] = best[1] = (nearest){-INFINITY, UINT32_MAX};
    for (size_t p = 0; p < f->list->person_count; p++) {
        double likeness = (double)products[p] / (f->scales[p] * f->scales[person]);
        if (p == person || !(likeness > best[1].likeness))
            continue;
        best[1] = (nearest){likeness, (uint32_t)p};
        if (best[1].likeness > best[0].likeness) {
            nearest first = best[1];
            best[1] = best[0];
            best[0] = first;
        }
    }
}

/* ---- the chance that a stranger is named ---- */

/* Each person is one stranger to the others, its faces count in equal parts. */
static void count_events(finding *f, double *fpir) {
    const kith_face_list *list = f->list;
    double sum = 0;
    for (size_t i = 0; i < list->named; i++) {
        const kith_reach *reach = &f->compared->reach[i];
        double part = 1 / (double)kith_face_list_size(list, list->persons[i]);
        if (!reach->any)
            continue;
        f->events[list->persons[i]]++;
        sum += part;
        if (reach->face != UINT32_MAX)
            f->dependent[reach->face] += part;
    }
    *fpir = sum / (double)list->person_count;
}

/* Without a face that is not its person's only one. */
static double without_face(const finding *f, double fpir, uint32_t face) {
    double faces = (double)kith_face_list_size(f->list, f->list->persons[face]);
    double events = f->events[f->list->persons[face]], persons = (double)f->list->person_count;
    double sum = fpir * persons - f->dependent[face] - events / faces +
                 (events - f->compared->reach[face].any) / (faces - 1);
    return fmax(sum, 0) / persons;
}

/* The faces of `person` that reach nobody but the other. */
static double only_events(const finding *f, uint32_t person, uint32_t other) {
    double events = 0;
    for (size_t i = f->list->begins[person]; i < f->list->begins[person + 1]; i++)
        events += f->compared->reach[i].person == other;
    return events;
}

static double as_one(const finding *f, double fpir, uint32_t a, uint32_t b) {
    double faces[2] = {(double)kith_face_list_size(f->list, a), (double)kith_face_list_size(f->list, b)};
    double left = f->events[a] + f->events[b] - only_events(f, a, b) - only_events(f, b, a);
    double persons = (double)f->list->person_count;
    double sum =
        fpir * persons - f->events[a] / faces[0] - f->events[b] / faces[1] + left / (faces[0] + faces[1]);
    return fmax(sum, 0) / (persons - 1);
}

/* ---- the list ---- */

static kith_status add(kith_suspects *out, kith_suspect suspect, kith_error *err) {
    kith_suspect *items = kith_array_grow(out->items, out->count, &out->room, sizeof *items);
    if (!items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu suspects", out->count + 1);
    out->items = items;
    items[out->count++] = suspect;
    return KITH_OK;
}

/* The face of a person that is most like this one. */
static uint32_t most_alike(const kith_face_list *list, size_t face, size_t person, double *highest) {
    const float *vector = list->vectors + face * KITH_DIMENSION;
    size_t best = list->begins[person];
    *highest = -INFINITY;
    for (size_t i = best; i < list->begins[person + 1]; i++) {
        double score = kith_dot(vector, list->vectors + i * KITH_DIMENSION);
        if (score > *highest) {
            *highest = score;
            best = i;
        }
    }
    return (uint32_t)best;
}

/* The likeness of a person to anybody but the other. */
static double to_third(const finding *f, uint32_t person, uint32_t other) {
    const nearest *best = f->persons[person];
    const nearest *third = best[0].person == other ? &best[1] : &best[0];
    return third->person == UINT32_MAX ? 0 : third->likeness;
}

static double likeness_of(const finding *f, size_t a, size_t b) {
    return kith_dot(f->sums + a * KITH_DIMENSION, f->sums + b * KITH_DIMENSION) /
           (f->scales[a] * f->scales[b]);
}

/* How much more alike two persons are than either is to anybody else. */
static double weight_of_names(const finding *f, uint32_t a, uint32_t b) {
    return likeness_of(f, a, b) - fmax(to_third(f, a, b), to_third(f, b, a));
}

/* A face that is more like that person than like its own, which the names as a whole do not explain better.
 */
static bool is_listed(const finding *f, uint32_t face, uint32_t person) {
    double more = f->faces[face].likeness - f->own[face];
    return f->faces[face].person == person && more > 0 &&
           more > weight_of_names(f, f->list->persons[face], person);
}

static kith_status add_faces(kith_suspects *out, const finding *f, kith_error *err) {
    kith_status status = KITH_OK;
    for (uint32_t i = 0; i < f->list->named && status == KITH_OK; i++) {
        const nearest *other = &f->faces[i];
        double score;
        if (other->person == UINT32_MAX || !is_listed(f, i, other->person))
            continue;
        status = add(out,
                     (kith_suspect){.kind = KITH_SUSPECT_FACE,
                                    .weight = other->likeness - f->own[i],
                                    .faces = {i, most_alike(f->list, i, other->person, &score)},
                                    .likeness = other->likeness,
                                    .own = f->own[i],
                                    .without = without_face(f, out->fpir, i)},
                     err);
    }
    return status;
}

/* Two names, of which these two faces are the most alike, when nobody else explains their likeness. */
static kith_status add_pair(kith_suspects *out, const finding *f, const uint32_t faces[2], kith_error *err) {
    uint32_t a = f->list->persons[faces[0]], b = f->list->persons[faces[1]];
    double weight = weight_of_names(f, a, b);
    if (!(weight > 0) || is_listed(f, faces[0], b) || is_listed(f, faces[1], a))
        return KITH_OK;
    return add(out,
               (kith_suspect){.kind = KITH_SUSPECT_NAMES,
                              .weight = weight,
                              .faces = {faces[0], faces[1]},
                              .likeness = likeness_of(f, a, b),
                              .own = NAN,
                              .without = as_one(f, out->fpir, a, b)},
               err);
}

static kith_status add_names(kith_suspects *out, const finding *f, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < f->compared->name_count && status == KITH_OK; i++)
        status = add_pair(out, f, f->compared->names[i].faces, err);
    return status;
}

/* Two who are each other's nearest and alike as persons, though no two of their faces are so alike. */
static kith_status add_nearest(kith_suspects *out, const finding *f, double alike, kith_error *err) {
    kith_status status = KITH_OK;
    for (uint32_t a = 0; a < f->list->person_count && status == KITH_OK; a++) {
        const nearest *b = &f->persons[a][0];
        if (b->person == UINT32_MAX || b->person < a || !(b->likeness >= alike) ||
            f->persons[b->person][0].person != a)
            continue;
        uint32_t faces[2] = {0};
        double highest = -INFINITY;
        for (uint32_t i = (uint32_t)f->list->begins[a]; i < f->list->begins[a + 1]; i++) {
            double score;
            uint32_t other = most_alike(f->list, i, b->person, &score);
            if (score > highest) {
                highest = score;
                faces[0] = i;
                faces[1] = other;
            }
        }
        if (highest < f->compared->threshold) /* the others are listed already */
            status = add_pair(out, f, faces, err);
    }
    return status;
}

static kith_status add_copies(kith_suspects *out, const finding *f, kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < f->compared->copy_count && status == KITH_OK; i++) {
        const kith_alike *pair = &f->compared->copies[i];
        status = add(out,
                     (kith_suspect){.kind = KITH_SUSPECT_COPIES,
                                    .weight = (double)pair->score,
                                    .faces = {pair->faces[0], pair->faces[1]},
                                    .likeness = (double)pair->score,
                                    .own = NAN,
                                    .without = without_face(f, out->fpir, pair->faces[1])},
                     err);
    }
    return status;
}

static int most_suspect_first(const void *left, const void *right) {
    const kith_suspect *a = left, *b = right;
    int copies = (a->kind == KITH_SUSPECT_COPIES) - (b->kind == KITH_SUSPECT_COPIES);
    if (copies != 0)
        return copies;
    if (a->weight < b->weight || a->weight > b->weight)
        return a->weight < b->weight ? 1 : -1;
    return (a->faces[0] > b->faces[0]) - (a->faces[0] < b->faces[0]);
}

static bool init(finding *f) {
    size_t persons = f->list->person_count + 1, faces = f->list->named + 1;
    f->sums = calloc(persons, KITH_DIMENSION * sizeof *f->sums);
    f->scales = calloc(persons, sizeof *f->scales);
    f->persons = calloc(persons, sizeof *f->persons);
    f->events = calloc(persons, sizeof *f->events);
    f->faces = calloc(faces, sizeof *f->faces);
    f->own = calloc(faces, sizeof *f->own);
    f->dependent = calloc(faces, sizeof *f->dependent);
    return f->sums && f->scales && f->persons && f->events && f->faces && f->own && f->dependent;
}

static void release(finding *f) {
    free(f->sums);
    free(f->scales);
    free(f->persons);
    free(f->events);
    free(f->faces);
    free(f->own);
    free(f->dependent);
}

kith_status kith_suspects_find(kith_suspects *out, const kith_face_list *list, const kith_compared *compared,
                               double alike, int threads, kith_error *err) {
    finding f = {.list = list, .compared = compared};
    kith_status status =
        init(&f) ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to look for wrong names");
    if (status == KITH_OK) {
        const kith_vectors faces = {list->vectors, list->named}, persons = {f.sums, list->person_count};
        add_up(&f);
        count_events(&f, &out->fpir);
        status = kith_score_rows(&faces, &persons, visit_face, &f, threads, err);
        if (status == KITH_OK)
            status = kith_score_rows(&persons, &persons, visit_person, &f, threads, err);
    }
    if (status == KITH_OK)
        status = add_faces(out, &f, err);
    if (status == KITH_OK)
        status = add_names(out, &f, err);
    if (status == KITH_OK)
        status = add_nearest(out, &f, alike, err);
    out->copies_begin = out->count;
    if (status == KITH_OK)
        status = add_copies(out, &f, err);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, most_suspect_first);
    release(&f);
    return status;
}

void kith_suspects_clear(kith_suspects *suspects) {
    free(suspects->items);
    *suspects = (kith_suspects){0};
}
