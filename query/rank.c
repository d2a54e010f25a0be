/* SPDX-License-Identifier: MIT */
#include "query/rank.h"

/* Turns hits, grouped by person, into candidates. *last: the best face of the last person. */
static kith_status group(kith_ranking *ranking, float *last, kith_scoring scoring, kith_error *err) {
    const kith_hits *hits = &ranking->hits;
    ranking->items = calloc(hits->count ? hits->count : 1, sizeof *ranking->items);
    if (!ranking->items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu candidates", hits->count);
    for (size_t i = 0; i < hits->count;) {
        const char *person = hits->items[i].point.person;
        float scores[3];
        size_t used = 0, next = i;
        for (; next < hits->count && strcmp(hits->items[next].point.person, person) == 0; next++)
            if (used < 3)
                scores[used++] = hits->items[next].score;
        ranking->items[ranking->count++] =
            (kith_candidate){person, kith_person_score(scoring, scores, used), &hits->items[i].point};
        *last = hits->items[i].score;
        i = next;
    }
    return KITH_OK;
}

/* Best first; equal ones stay in the order of their best faces. */
static int by_score(const void *a, const void *b) {
    const kith_candidate *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->best < y->best ? -1 : x->best > y->best;
}

/* The gallery ranks by the best face, which no mean exceeds: once the last wanted person's score reaches the
 * best face of the last person that was fetched, nobody who was not fetched can be better.
 */
static bool settled(const kith_ranking *ranking, size_t fetched, size_t wanted, float last_best) {
    return ranking->count < fetched ||
           (ranking->count >= wanted && ranking->items[wanted - 1].score >= last_best);
}

kith_status kith_rank_persons(kith_ranking *out, kith_gallery *gallery, const float probe[KITH_DIMENSION],
                              const kith_filter *filter, kith_scoring scoring, size_t persons,
                              kith_error *err) {
    size_t each = scoring == KITH_SCORE_BEST ? 1 : 3,
           fetch = scoring == KITH_SCORE_BEST ? persons : persons + 8;
    *out = (kith_ranking){0};
    for (;; fetch *= 4) {
        float last_best = 0;
        kith_ranking_clear(out);
        kith_status status =
            kith_gallery_search_persons(gallery, probe, filter, fetch, each, &out->hits, err);
        if (status == KITH_OK)
            status = group(out, &last_best, scoring, err);
        if (status != KITH_OK) {
            kith_ranking_clear(out);
            return status;
        }
        qsort(out->items, out->count, sizeof *out->items, by_score);
        if (settled(out, fetch, persons, last_best))
            break;
    }
    if (out->count > persons)
        out->count = persons;
    return KITH_OK;
}

void kith_ranking_clear(kith_ranking *ranking) {
    free(ranking->items);
    kith_hits_clear(&ranking->hits);
    *ranking = (kith_ranking){0};
}
