/* SPDX-License-Identifier: MIT */
#include "indexer/likeness/compare_all.h"

#include <stdlib.h>

#include "proto/array.h"
#include "proto/command/program.h"

typedef struct comparing {
    kith_compared *out;
    const kith_face_list *list;
    kith_labelled labelled;
    float threshold;
    bool memory; /* there was enough so far */
    kith_progress *progress;
} comparing;

static void add(comparing *c, kith_alike **items, size_t *count, size_t *room, kith_alike pair) {
    kith_alike *grown = kith_array_grow(*items, *count, room, sizeof *grown);
    if (!grown) {
        c->memory = false;
        return;
    }
    *items = grown;
    grown[(*count)++] = pair;
}

/* What one person's faces say to a face of another. */
static void meet(comparing *c, kith_reach *reach, size_t row, const float *scores, size_t begin, size_t end) {
    size_t best = begin, reaching = 0;
    for (size_t i = begin; i < end; i++) {
        reaching += scores[i] >= c->threshold;
        if (scores[i] > scores[best])
            best = i;
    }
    if (reaching == 0)
        return;
    reach->face = reach->any || reaching > 1 ? UINT32_MAX : (uint32_t)best;
    reach->person = reach->any ? UINT32_MAX : c->list->persons[best];
    reach->any = true;
    if (begin > row)
        add(c, &c->out->names, &c->out->name_count, &c->out->name_room,
            (kith_alike){{(uint32_t)row, (uint32_t)best}, scores[best]});
}

static void visit(void *context, size_t row, const float *scores) {
    comparing *c = context;
    const kith_face_list *list = c->list;
    size_t own = list->persons[row];
    kith_reach reach = {false, UINT32_MAX, UINT32_MAX};
    kith_face_scores_of(&c->out->scores[row], &c->labelled, (uint32_t)own, row, scores);
    for (size_t p = 0; p < list->person_count; p++)
        if (p != own)
            meet(c, &reach, row, scores, list->begins[p], list->begins[p + 1]);
    for (size_t i = row + 1; i < list->begins[own + 1]; i++)
        if ((double)scores[i] >= KITH_COPY_SCORE)
            add(c, &c->out->copies, &c->out->copy_count, &c->out->copy_room,
                (kith_alike){{(uint32_t)row, (uint32_t)i}, scores[i]});
    c->out->reach[row] = reach;
    kith_progress_update(c->progress, row + 1, list->named, "");
}

static int by_persons(const void *left, const void *right, void *context) {
    const kith_alike *a = left, *b = right;
    const uint32_t *persons = context;
    for (int i = 0; i < 2; i++) {
        uint32_t x = persons[a->faces[i]], y = persons[b->faces[i]];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a->score < b->score) - (a->score > b->score);
}

/* For each two persons the two faces that are most alike. */
static void keep_best(kith_compared *out, const kith_face_list *list) {
    size_t kept = 0;
    if (out->name_count > 1)
        qsort_r(out->names, out->name_count, sizeof *out->names, by_persons, list->persons);
    for (size_t i = 0; i < out->name_count; i++) {
        const uint32_t *faces = out->names[i].faces, *last = kept ? out->names[kept - 1].faces : NULL;
        if (!last || list->persons[faces[0]] != list->persons[last[0]] ||
            list->persons[faces[1]] != list->persons[last[1]])
            out->names[kept++] = out->names[i];
    }
    out->name_count = kept;
}

kith_status kith_compare_all(kith_compared *out, const kith_face_list *list, double threshold, int threads,
                             kith_error *err) {
    comparing c = {.out = out,
                   .list = list,
                   .labelled = {{list->vectors, list->named}, list->persons},
                   .threshold = (float)threshold,
                   .memory = true};
    out->threshold = threshold;
    out->scores = calloc(list->named + 1, sizeof *out->scores);
    out->reach = calloc(list->named + 1, sizeof *out->reach);
    c.memory = out->scores && out->reach;
    c.progress = kith_progress_start("comparing", "faces");
    kith_status status = KITH_OK;
    if (c.memory)
        status = kith_score_rows(&c.labelled.vectors, &c.labelled.vectors, visit, &c, threads, err);
    kith_progress_stop(&c.progress);
    if (status == KITH_OK && !c.memory)
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to compare %zu faces", list->named);
    if (status == KITH_OK)
        keep_best(out, list);
    return status;
}

void kith_compared_clear(kith_compared *compared) {
    free(compared->scores);
    free(compared->reach);
    free(compared->names);
    free(compared->copies);
    *compared = (kith_compared){0};
}
