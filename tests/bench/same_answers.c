/* SPDX-License-Identifier: MIT
 *
 * Do two galleries of the same faces answer alike? `bench-same_answers URI URI`: every face of the first is a
 * probe in both: the ten nearest faces and the three nearest persons. Prints how many answers are the same
 * (faces whose scores are nearer than 1e-6 may change places), the largest difference of scores, and ends
 * with 1 when one differs.
 */
#include <math.h>
#include <stdint.h>

#include "proto/gallery.h"

enum { FACES = 10, PERSONS = 3 };

struct comparison {
    kith_gallery *other, *same; /* `same`: the first gallery again, for a walk must not be disturbed */
    size_t probes, different;
    double apart; /* largest difference of scores at one place */
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

static kith_status compare(void *context, const kith_point *point, const float *vector, kith_error *err) {
    struct comparison *comparison = context;
    kith_hits a = {0}, b = {0}, c = {0}, d = {0};
    (void)point;
    kith_status status = kith_gallery_search(comparison->same, vector, NULL, FACES, &a, err);
    if (status == KITH_OK)
        status = kith_gallery_search(comparison->other, vector, NULL, FACES, &b, err);
    if (status == KITH_OK)
        status = kith_gallery_search_persons(comparison->same, vector, NULL, PERSONS, 1, &c, err);
    if (status == KITH_OK)
        status = kith_gallery_search_persons(comparison->other, vector, NULL, PERSONS, 1, &d, err);
    comparison->probes++;
    comparison->different += !is_alike(&a, &b, &comparison->apart) || !is_alike(&c, &d, &comparison->apart);
    kith_hits_clear(&a);
    kith_hits_clear(&b);
    kith_hits_clear(&c);
    kith_hits_clear(&d);
    return status;
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
        status = kith_gallery_open(&comparison.same, argv[1], KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status = kith_gallery_open(&comparison.other, argv[2], KITH_GALLERY_READ, &err);
    if (status == KITH_OK)
        status = kith_gallery_each(first, NULL, true, compare, &comparison, &err);
    kith_gallery_close(&first);
    kith_gallery_close(&comparison.same);
    kith_gallery_close(&comparison.other);
    if (status != KITH_OK) {
        fprintf(stderr, "%s: %s\n", err.where, err.text);
        return kith_exit_code(&err);
    }
    printf("%zu probes, %zu with different answers, scores at most %.1e apart\n", comparison.probes,
           comparison.different, comparison.apart);
    return comparison.different > 0;
}
