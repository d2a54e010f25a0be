/* SPDX-License-Identifier: MIT */
#include "model/evaluate/verify.h"

#include <math.h>
#include <stdlib.h>

#include "model/statistics/accuracy.h"
#include "model/statistics/bootstrap.h"
#include "proto/vector.h"

enum { ROUNDS = 1000 };

const double kith_fars[KITH_FARS] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the scores of the pairs");
}

/* ---- scores ---- */

/* False: a photo of the pair cannot be read. */
static bool score_pair(kith_trial *out, const kith_study *study, const kith_pair *pair, uint32_t number) {
    const kith_study_photo *a = &study->photos[pair->a], *b = &study->photos[pair->b];
    if (a->state == KITH_STUDY_FAILED || b->state == KITH_STUDY_FAILED)
        return false;
    bool faces = a->state == KITH_STUDY_FACE && b->state == KITH_STUDY_FACE;
    double score = faces ? kith_dot(study->embeddings + (size_t)pair->a * KITH_DIMENSION,
                                    study->embeddings + (size_t)pair->b * KITH_DIMENSION)
                         : -INFINITY;
    *out = (kith_trial){.score = (float)score,
                        .a = a->person,
                        .b = b->person,
                        .same = pair->same,
                        .fold = pair->fold,
                        .number = number};
    return true;
}

static kith_status score_all(kith_verification *out, const kith_study *study, const kith_pair_list *list,
                             kith_error *err) {
    out->trials = calloc(list->count, sizeof *out->trials);
    if (!out->trials)
        return no_memory(err);
    for (size_t i = 0; i < list->count; i++) {
        kith_trial *trial = &out->trials[out->pairs];
        if (!score_pair(trial, study, &list->items[i], (uint32_t)i))
            continue;
        out->pairs++;
        out->undetected += isinf(trial->score) != 0;
        out->same += trial->same;
    }
    out->different = out->pairs - out->same;
    out->left_out = list->count - out->pairs;
    out->folds = list->folds;
    if (out->same < 2 || out->different < 2)
        return kith_fail(
            err, KITH_E_REFUSED, 0, study->folder,
            "too few pairs: %zu of one person and %zu of different persons have photos that can be "
            "read (at least 2 of each are needed)",
            out->same, out->different);
    kith_trials_sort(out->trials, out->pairs);
    return kith_roc_init(&out->roc, out->pairs) ? KITH_OK : no_memory(err);
}

/* ---- figures ---- */

/* Whether there are pairs enough for one of them to be accepted at this FAR. */
static bool allows(const kith_verification *v, size_t far) {
    return kith_events_at(kith_fars[far], v->different) > 0;
}

static void measure(double *values, const kith_verification *v, kith_roc *roc, const double *weights) {
    for (int i = 0; i < KITH_VERIFY_FIGURES; i++)
        values[i] = NAN;
    if (!kith_roc_fill(roc, v->trials, v->pairs, weights))
        return;
    values[KITH_VERIFY_ACCURACY] = kith_fold_accuracy(v->trials, v->pairs, weights, v->folds).mean;
    values[KITH_VERIFY_AUC] = kith_roc_auc(roc);
    values[KITH_VERIFY_EER] = kith_roc_eer(roc);
    for (size_t i = 0; i < KITH_FARS; i++)
        if (allows(v, i))
            values[KITH_VERIFY_TAR + i] = roc->tar[kith_roc_at(roc, kith_fars[i])];
}

/* The lowest threshold that keeps to the FAR: just above the next score that it refuses. */
static void find_thresholds(kith_verification *v) {
    for (size_t i = 0; i < KITH_FARS; i++) {
        size_t at = kith_roc_at(&v->roc, kith_fars[i]);
        v->thresholds[i] = !allows(v, i)           ? (double)NAN
                           : at + 1 < v->roc.count ? (double)nextafterf(v->roc.threshold[at + 1], INFINITY)
                                                   : -1;
    }
    v->threshold = (double)kith_best_threshold(v->trials, v->pairs, NULL, -1);
}

typedef struct sampling {
    const kith_verification *v;
    kith_roc roc;
    double *weights; /* of trials */
} sampling;

static void measure_sample(void *context, const double *persons, double *values) {
    sampling *s = context;
    for (size_t i = 0; i < s->v->pairs; i++) {
        const kith_trial *trial = &s->v->trials[i];
        s->weights[i] = trial->same ? persons[trial->a] : persons[trial->a] * persons[trial->b];
    }
    measure(values, s->v, &s->roc, s->weights);
}

static kith_status find_intervals(kith_verification *v, size_t persons, uint64_t seed, kith_error *err) {
    sampling s = {.v = v, .weights = calloc(v->pairs, sizeof *s.weights)};
    kith_status status = KITH_OK;
    if (!kith_roc_init(&s.roc, v->pairs) || !s.weights)
        status = no_memory(err);
    else
        status =
            kith_bootstrap(v->intervals, KITH_VERIFY_FIGURES, persons, ROUNDS, seed, measure_sample, &s, err);
    kith_roc_clear(&s.roc);
    free(s.weights);
    return status;
}

/* ---- errors and groups ---- */

/* Different pairs from the top of the scores, same ones from the bottom; pairs without a face are not shown.
 */
static void find_worst(kith_verification *v) {
    for (size_t i = 0; i < v->pairs && v->worst_different_count < KITH_WORST; i++) {
        const kith_trial *trial = &v->trials[i];
        if (!trial->same && (double)trial->score >= v->threshold)
            v->worst_different[v->worst_different_count++] = trial->number;
    }
    for (size_t i = v->pairs; i-- > 0 && v->worst_same_count < KITH_WORST;) {
        const kith_trial *trial = &v->trials[i];
        if (trial->same && (double)trial->score < v->threshold && !isinf(trial->score))
            v->worst_same[v->worst_same_count++] = trial->number;
    }
}

static void measure_group(kith_verify_group *out, const kith_verification *v, kith_trial *trials,
                          kith_roc *roc) {
    size_t count = out->same + out->different;
    for (size_t i = 0; i < count; i++) {
        bool accepted = (double)trials[i].score >= v->threshold;
        out->refused += trials[i].same && !accepted;
        out->accepted += !trials[i].same && accepted;
    }
    out->auc = kith_roc_fill(roc, trials, count, NULL) ? kith_roc_auc(roc) : (double)NAN;
}

/* The trials of a group, in the order of all. */
static void choose(kith_verify_group *out, kith_trial *chosen, const kith_verification *v,
                   const kith_pair_list *list, const kith_groups *groups, size_t group) {
    size_t count = 0;
    for (size_t i = 0; i < v->pairs; i++) {
        const kith_pair *pair = &list->items[v->trials[i].number];
        if (!kith_groups_has(groups, group, pair->a) || !kith_groups_has(groups, group, pair->b))
            continue;
        chosen[count++] = v->trials[i];
        out->same += pair->same;
    }
    out->different = count - out->same;
}

static kith_status find_groups(kith_verification *v, const kith_pair_list *list, const kith_groups *groups,
                               kith_error *err) {
    kith_roc roc = {0};
    kith_trial *chosen = calloc(v->pairs, sizeof *chosen);
    v->groups = calloc(groups->names.count, sizeof *v->groups);
    bool good = chosen && v->groups && kith_roc_init(&roc, v->pairs);
    for (size_t g = 0; good && g < groups->names.count; g++) {
        kith_verify_group *out = &v->groups[v->group_count++];
        out->name = groups->names.items[g];
        choose(out, chosen, v, list, groups, g);
        measure_group(out, v, chosen, &roc);
    }
    kith_roc_clear(&roc);
    free(chosen);
    return good ? KITH_OK : no_memory(err);
}

kith_status kith_verify(kith_verification *out, const kith_study *study, const kith_pair_list *list,
                        const kith_groups *groups, uint64_t seed, kith_error *err) {
    *out = (kith_verification){0};
    kith_status status = score_all(out, study, list, err);
    if (status == KITH_OK) {
        measure(out->values, out, &out->roc, NULL);
        out->deviation = kith_fold_accuracy(out->trials, out->pairs, NULL, out->folds).deviation;
        find_thresholds(out);
        find_worst(out);
        status = find_intervals(out, study->persons.count, seed, err);
    }
    if (status == KITH_OK && groups)
        status = find_groups(out, list, groups, err);
    if (status != KITH_OK)
        kith_verification_clear(out);
    return status;
}

void kith_verification_clear(kith_verification *v) {
    free(v->trials);
    free(v->groups);
    kith_roc_clear(&v->roc);
    *v = (kith_verification){0};
}
