/* SPDX-License-Identifier: MIT */
#include "model/statistics/face_scores.h"

#include <math.h>

enum { BEST = 3 };

/* The best scores of one person. */
typedef struct best_scores {
    float scores[BEST]; /* falling */
    size_t count;
    uint32_t nearest;
} best_scores;

static void offer(best_scores *best, float score, uint32_t face) {
    size_t at = best->count < BEST ? best->count : BEST;
    while (at > 0 && score > best->scores[at - 1])
        at--;
    if (at == BEST)
        return;
    size_t last = best->count < BEST ? best->count++ : BEST - 1;
    for (size_t i = last; i > at; i--)
        best->scores[i] = best->scores[i - 1];
    best->scores[at] = score;
    if (at == 0)
        best->nearest = face;
}

static void take_other(kith_face_scores *out, const best_scores *best) {
    for (int i = 0; i < KITH_SCORINGS; i++) {
        float score = kith_person_score((kith_scoring)i, best->scores, best->count);
        if (score > out->other[i]) {
            if (i == KITH_SCORE_BEST)
                out->other_nearest = best->nearest;
            out->next[i] = out->other[i];
            out->other[i] = score;
        } else if (score > out->next[i]) {
            out->next[i] = score;
        }
    }
}

static void take_own(kith_face_scores *out, const best_scores *best) {
    if (best->count == 0)
        return;
    out->own_nearest = best->nearest;
    for (int i = 0; i < KITH_SCORINGS; i++)
        out->own[i] = kith_person_score((kith_scoring)i, best->scores, best->count);
}

void kith_face_scores_of(kith_face_scores *out, const kith_labelled *gallery, uint32_t person, size_t self,
                         const float *scores) {
    const uint32_t *persons = gallery->persons;
    size_t count = gallery->vectors.count;
    *out = (kith_face_scores){.own_nearest = UINT32_MAX, .other_nearest = UINT32_MAX};
    for (int i = 0; i < KITH_SCORINGS; i++)
        out->own[i] = out->other[i] = out->next[i] = -INFINITY;
    for (size_t i = 0; i < count;) {
        best_scores best = {.count = 0};
        uint32_t here = persons[i];
        for (; i < count && persons[i] == here; i++)
            if (i != self && (best.count < BEST || scores[i] > best.scores[BEST - 1]))
                offer(&best, scores[i], (uint32_t)i);
        if (here == person)
            take_own(out, &best);
        else
            take_other(out, &best);
    }
}

typedef struct scoring_all {
    kith_face_scores *out;
    const kith_labelled *probes, *gallery;
} scoring_all;

static void visit(void *context, size_t row, const float *scores) {
    const scoring_all *all = context;
    size_t self = all->probes == all->gallery ? row : SIZE_MAX;
    kith_face_scores_of(&all->out[row], all->gallery, all->probes->persons[row], self, scores);
}

kith_status kith_face_scores_all(kith_face_scores *out, const kith_labelled *probes,
                                 const kith_labelled *gallery, int threads, kith_error *err) {
    scoring_all all = {out, probes, gallery};
    return kith_score_rows(&probes->vectors, &gallery->vectors, visit, &all, threads, err);
}
