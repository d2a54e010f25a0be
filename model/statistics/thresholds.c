/* SPDX-License-Identifier: MIT */
#include "model/statistics/thresholds.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* Thresholds are written in ten-thousandths; never rounded down, which would let more pass. */
static double rounded(double threshold) {
    return fmin(ceil(threshold * 1e4 - 1e-6) / 1e4, 1);
}

/* ---- a network's ---- */

/* Whether the highest `most` pairs are of at least KITH_EVENTS_LEAST different pairs of persons, and so at
 * least as many.
 */
static bool of_several_persons(const kith_all_pairs *pairs, const uint32_t *persons, uint64_t most) {
    uint32_t seen[KITH_EVENTS_LEAST][2];
    size_t count = 0;
    for (size_t i = 0; i < most && i < pairs->highest_count && count < KITH_EVENTS_LEAST; i++) {
        uint32_t a = persons[pairs->highest[i].a], b = persons[pairs->highest[i].b];
        uint32_t low = a < b ? a : b, high = a < b ? b : a;
        bool known = false;
        for (size_t k = 0; k < count; k++)
            known |= seen[k][0] == low && seen[k][1] == high;
        if (!known) {
            seen[count][0] = low;
            seen[count++][1] = high;
        }
    }
    return count >= KITH_EVENTS_LEAST;
}

/* How fast scores fall off: their mean excess over the score that the highest thousand reach, or one in a
 * hundred when there are few.
 */
enum { TAIL = 1000 };
_Static_assert((int)TAIL < (int)KITH_PAIRS_KEPT, "the tail is among the pairs that are kept");

static double tail_scale(const kith_all_pairs *pairs) {
    uint64_t events = pairs->different.total / 100;
    size_t count = events < TAIL ? (size_t)events : TAIL;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)pairs->highest[i].score - (double)pairs->highest[count].score;
    return sum / (double)count;
}

static void append(kith_rate_table *table, double rate, double threshold) {
    size_t at = table->count++;
    double least = at > 0 ? table->threshold[at - 1] : -1;
    table->rate[at] = rate;
    table->threshold[at] = fmax(rounded(threshold), least);
}

kith_status kith_thresholds_of_pairs(kith_rate_table *out, kith_interval *intervals,
                                     const kith_all_pairs *pairs, const uint32_t *persons, const char *where,
                                     kith_error *err) {
    uint64_t total = pairs->different.total;
    *out = (kith_rate_table){.supported = 1};
    if (kith_events_at(KITH_PAIRS_RATE, total) < KITH_EVENTS_LEAST)
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "%" PRIu64 " pairs of different persons are too few: %" PRIu64 " are needed (more "
                         "persons, or more photos of them)",
                         total, kith_trials_for(KITH_PAIRS_RATE, KITH_EVENTS_LEAST));
    size_t row = 0;
    for (double rate; (rate = kith_rate_of_row(row)) > 0; row++) {
        uint64_t events = kith_events_at(rate, total);
        if (!of_several_persons(pairs, persons, events))
            break;
        intervals[out->count] = kith_wilson((double)events, (double)total);
        append(out, rate, kith_all_pairs_threshold(pairs, events));
        out->supported = rate;
    }
    if (out->supported > KITH_PAIRS_RATE * (1 + 1e-9))
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "nearly all of its most alike pairs are of the same two persons, so rates below %g "
                         "say nothing of others (one person under two names?)",
                         out->supported);
    double scale = tail_scale(pairs), end = out->threshold[out->count - 1];
    for (double rate; (rate = kith_rate_of_row(row)) > 0; row++)
        append(out, rate, end + scale * log(out->supported / rate));
    return KITH_OK;
}

/* ---- a gallery's ---- */

double kith_gallery_compared(const kith_gallery_scores *s) {
    return (double)s->count - (double)s->count / (double)s->person_count;
}

/* A face's best score with anybody else, and what it counts. */
typedef struct weighted_score {
    float score;
    double weight;
} weighted_score;

static int highest_first(const void *left, const void *right) {
    const weighted_score *a = left, *b = right;
    return (a->score < b->score) - (a->score > b->score);
}

/* NULL: no memory. */
static weighted_score *weigh(const kith_gallery_scores *s, kith_scoring scoring) {
    weighted_score *made = calloc(s->count + 1, sizeof *made);
    double *faces = calloc(s->person_count + 1, sizeof *faces);
    for (size_t i = 0; made && faces && i < s->count; i++)
        faces[s->persons[i]]++;
    for (size_t i = 0; made && faces && i < s->count; i++)
        made[i] = (weighted_score){s->faces[i].other[scoring], 1 / faces[s->persons[i]]};
    if (made && faces) {
        qsort(made, s->count, sizeof *made, highest_first);
    } else {
        free(made);
        made = NULL;
    }
    free(faces);
    return made;
}

/* The lowest threshold that a weight of at most `most` reaches. */
static double threshold_of(const weighted_score *sorted, size_t count, double most) {
    double sum = 0;
    for (size_t i = 0; i < count;) {
        size_t next = i;
        for (; next < count && sorted[next].score == sorted[i].score; next++)
            sum += sorted[next].weight;
        if (sum > most * (1 + 1e-9))
            return (double)nextafterf(sorted[i].score, INFINITY);
        i = next;
    }
    return -1;
}

/* Where the network's curve would have a gallery of that size. */
static double network_threshold(const kith_gallery_scores *s, double rate) {
    bool ignored;
    return kith_rate_table_threshold(s->network, kith_rate_of_one(rate, kith_gallery_compared(s)), &ignored);
}

kith_status kith_thresholds_of_gallery(kith_rate_table *out, const kith_gallery_scores *s,
                                       kith_scoring scoring, const char *where, kith_error *err) {
    double trials = (double)s->person_count + 1, end = 0;
    size_t needed = (size_t)ceil((KITH_EVENTS_LEAST + 1) / KITH_GALLERY_RATE) - 1;
    *out = (kith_rate_table){.supported = 1};
    if (s->person_count < needed)
        return kith_fail(err, KITH_E_REFUSED, 0, where,
                         "%zu persons with a name are too few to learn from: %zu are needed", s->person_count,
                         needed);
    weighted_score *sorted = weigh(s, scoring);
    if (!sorted)
        return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for %zu scores", s->count);
    size_t row = 0;
    for (double rate; (rate = kith_rate_of_row(row)) > 0; row++) {
        double events = rate * trials - 1;
        if (events < KITH_EVENTS_LEAST * (1 - 1e-9))
            break;
        append(out, rate, end = threshold_of(sorted, s->count, events));
        out->supported = rate;
    }
    double from = network_threshold(s, out->supported);
    for (double rate; (rate = kith_rate_of_row(row)) > 0; row++)
        append(out, rate, end + network_threshold(s, rate) - from);
    free(sorted);
    return KITH_OK;
}

double kith_gallery_fpir(const kith_gallery_scores *s, kith_scoring scoring, double threshold) {
    double sum = 0;
    for (size_t i = 0; i < s->count;) {
        size_t reach = 0, from = i;
        for (; i < s->count && s->persons[i] == s->persons[from]; i++)
            reach += (double)s->faces[i].other[scoring] >= threshold;
        sum += (double)reach / (double)(i - from);
    }
    return sum / (double)s->person_count;
}

double kith_gallery_recognised(const kith_gallery_scores *s, kith_scoring scoring, double threshold) {
    size_t reach = 0, asked = 0;
    for (size_t i = 0; i < s->count; i++) {
        asked += isfinite(s->faces[i].own[scoring]);
        reach += (double)s->faces[i].own[scoring] >= threshold;
    }
    return asked > 0 ? (double)reach / (double)asked : NAN;
}

/* ---- the margin ---- */

static int rising(const void *left, const void *right) {
    const float *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

bool kith_margin_of(double *margin, double *wrong, const kith_face_scores *faces, size_t count,
                    kith_scoring scoring, double threshold) {
    const size_t SHARE = 100;
    float *gaps = malloc((count + 1) * sizeof *gaps);
    size_t right = 0, given = 0, kept = 0;
    for (size_t i = 0; gaps && i < count; i++) {
        const kith_face_scores *f = &faces[i];
        if (f->own[scoring] > f->other[scoring] && (double)f->own[scoring] >= threshold)
            gaps[right++] = f->own[scoring] - f->other[scoring];
    }
    bool enough = gaps && right >= SHARE * KITH_EVENTS_LEAST;
    if (enough) {
        qsort(gaps, right, sizeof *gaps, rising);
        *margin = round((double)gaps[right / SHARE] * 1e3) / 1e3;
        for (size_t i = 0; i < count; i++) {
            const kith_face_scores *f = &faces[i];
            if (f->own[scoring] > f->other[scoring] || !((double)f->other[scoring] >= threshold) ||
                !isfinite(f->own[scoring]))
                continue;
            given++;
            kept += (double)(f->other[scoring] - fmaxf(f->own[scoring], f->next[scoring])) < *margin;
        }
        *wrong = given > 0 ? 100 * (double)kept / (double)given : NAN;
    }
    free(gaps);
    return enough;
}
