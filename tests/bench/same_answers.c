/* SPDX-License-Identifier: MIT
 *
 * Do two galleries of the same faces answer alike? `bench-same_answers URI URI`: every face of the first is a
 * probe in both: the ten nearest faces and the three nearest persons (faces whose scores are nearer than 1e-6
 * may change places), and the verdict of identify, when its photo is left out: decision, person and T. Prints
 * how many answers are the same, the largest difference of scores, the verdicts, and ends with 1 when
 * anything differs.
 */
#include <math.h>
#include <stdint.h>

#include "query/ask.h"
#include "query/decide.h"
#include "query/rank.h"

enum { FACES = 10, PERSONS = 3, DECISIONS = KITH_UNKNOWN + 1 };

struct comparison {
    kith_asking one, other; /* the walk over the first gallery has a handle of its own */
    size_t probes, different, verdicts[DECISIONS], right, different_verdicts;
    double apart; /* largest difference of scores at one place */
};

/* What identify says about a face that is asked about for the first time. */
struct opinion {
    kith_verdict verdict;
    kith_threshold threshold;
    kith_ranking ranking;
};

static bool is_alike(const kith_hits *a, const kith_hits *b, double *apart) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        double difference = fabs((double)a->items[i].score - (double)b->items[i].score);
        if (difference > *apart)
            *apart = difference;
        bool tied = (i > 0 && fabsf(a->items[i - 1].score - a->items[i].score) < 1e-6F) ||
                    (i + 1 < a->count ? fabsf(a->items[i + 1].score - a->items[i].score) < 1e-6F : true);
        if (difference > 1e-5 || (strcmp(a->items[i].point.id, b->items[i].point.id) != 0 && !tied))
            return false;
    }
    return true;
}

static kith_status compare_nearest(struct comparison *comparison, const float *vector, kith_error *err) {
    kith_hits a = {0}, b = {0}, c = {0}, d = {0};
    kith_gallery *one = comparison->one.gallery, *other = comparison->other.gallery;
    kith_status status = kith_gallery_search(one, vector, NULL, FACES, &a, err);
    if (status == KITH_OK)
        status = kith_gallery_search(other, vector, NULL, FACES, &b, err);
    if (status == KITH_OK)
        status = kith_gallery_search_persons(one, vector, NULL, PERSONS, 1, &c, err);
    if (status == KITH_OK)
        status = kith_gallery_search_persons(other, vector, NULL, PERSONS, 1, &d, err);
    comparison->different += !is_alike(&a, &b, &comparison->apart) || !is_alike(&c, &d, &comparison->apart);
    kith_hits_clear(&a);
    kith_hits_clear(&b);
    kith_hits_clear(&c);
    kith_hits_clear(&d);
    return status;
}

static kith_status form(struct opinion *out, const kith_asking *asking, const kith_point *point,
                        const float *vector, kith_error *err) {
    kith_filter filter = {0};
    uint64_t named;
    *out = (struct opinion){0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_SHA256, KITH_NOT_EQUAL, point->sha256, err);
    if (status == KITH_OK)
        status = kith_rank_persons(&out->ranking, asking->gallery, vector, &filter, KITH_SCORE_BEST, 2, err);
    if (status == KITH_OK)
        status = kith_filter_text(&filter, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, err);
    if (status == KITH_OK)
        status = kith_gallery_count(asking->gallery, &filter, &named, err);
    if (status != KITH_OK)
        return status;
    kith_certainty_at(&out->threshold, &asking->certainty, named);
    kith_decide(&out->verdict, out->ranking.items, out->ranking.count, &out->threshold);
    return KITH_OK;
}

static const char *best_of(const struct opinion *opinion) {
    return opinion->ranking.count > 0 ? opinion->ranking.items[0].person : "nobody";
}

static kith_status compare_verdicts(struct comparison *comparison, const kith_point *point,
                                    const float *vector, kith_error *err) {
    struct opinion a, b = {0};
    kith_status status = form(&a, &comparison->one, point, vector, err);
    if (status == KITH_OK)
        status = form(&b, &comparison->other, point, vector, err);
    if (status == KITH_OK) {
        bool same = a.verdict.decision == b.verdict.decision && strcmp(best_of(&a), best_of(&b)) == 0 &&
                    fabs(a.threshold.value - b.threshold.value) == 0;
        comparison->different_verdicts += !same;
        comparison->verdicts[a.verdict.decision]++;
        comparison->right +=
            a.verdict.decision == KITH_MATCH && point->person && strcmp(best_of(&a), point->person) == 0;
        if (!same)
            printf("%s: %s (%s), %s (%s)\n", point->paths[0], kith_decision_name(a.verdict.decision),
                   best_of(&a), kith_decision_name(b.verdict.decision), best_of(&b));
    }
    kith_ranking_clear(&a.ranking);
    kith_ranking_clear(&b.ranking);
    return status;
}

static kith_status compare(void *context, const kith_point *point, const float *vector, kith_error *err) {
    struct comparison *comparison = context;
    comparison->probes++;
    kith_status status = compare_nearest(comparison, vector, err);
    return status == KITH_OK ? compare_verdicts(comparison, point, vector, err) : status;
}

static kith_status ask(kith_asking *out, const char *uri, kith_error *err) {
    kith_gallery_choice gallery = KITH_GALLERY_CHOICE;
    kith_model_choice model = KITH_MODEL_DEFAULTS;
    kith_finding_choice finding = KITH_FINDING_DEFAULTS;
    kith_deciding_choice deciding = KITH_DECIDING_DEFAULTS;
    gallery.gallery = uri;
    return kith_asking_open(out, &gallery, &model, &finding, &deciding, err);
}

int main(int argc, char **argv) {
    kith_error err = {0};
    struct comparison comparison = {0};
    kith_gallery *first = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: bench-same_answers URI URI\n");
        return 2;
    }
    kith_status status = kith_gallery_open(&first, argv[1], KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status = ask(&comparison.one, argv[1], &err);
    if (status == KITH_OK)
        status = ask(&comparison.other, argv[2], &err);
    if (status == KITH_OK)
        status = kith_gallery_each(first, NULL, true, compare, &comparison, &err);
    kith_gallery_close(&first);
    kith_asking_close(&comparison.one);
    kith_asking_close(&comparison.other);
    if (status != KITH_OK) {
        fprintf(stderr, "%s: %s\n", err.where, err.text);
        return kith_exit_code(&err);
    }
    printf("%zu probes, %zu with different answers, scores at most %.1e apart\n", comparison.probes,
           comparison.different, comparison.apart);
    printf("verdicts without the probe's photo: %zu match (%zu of them the probe's own name), %zu ambiguous, "
           "%zu unknown; %zu differ\n",
           comparison.verdicts[KITH_MATCH], comparison.right, comparison.verdicts[KITH_AMBIGUOUS],
           comparison.verdicts[KITH_UNKNOWN], comparison.different_verdicts);
    return comparison.different + comparison.different_verdicts > 0;
}
