/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

#include <math.h>

/* The naive answer: every point by kith_gallery_each(), scores in double, sorted by score, then id. */
struct naive {
    double score;
    const kith_point *point;
};

static int order(const void *a, const void *b) {
    const struct naive *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return strcmp(x->point->id, y->point->id);
}

static struct naive *rank(const made_list *list, const float *probe) {
    struct naive *ranked = calloc(list->count + 1, sizeof *ranked);
    assert_non_null(ranked);
    for (size_t i = 0; i < list->count; i++) {
        ranked[i].point = &list->points[i];
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            ranked[i].score += (double)list->vectors[i * KITH_DIMENSION + k] * (double)probe[k];
    }
    qsort(ranked, list->count, sizeof *ranked, order);
    return ranked;
}

static void assert_search_is_exact(kith_gallery *gallery, const kith_filter *filter, unsigned seed,
                                   size_t limit) {
    kith_error err = {0};
    kith_hits hits;
    float probe[KITH_DIMENSION];
    made_vector(probe, seed);
    made_list list = made_each(gallery, filter);
    struct naive *ranked = rank(&list, probe);
    kith_gallery_search(gallery, probe, filter, limit, &hits, &err);
    assert_no_error(err);
    assert_int_equal(hits.count, limit && limit < list.count ? limit : list.count);
    for (size_t i = 0; i < hits.count; i++) {
        assert_string_equal(hits.items[i].point.id, ranked[i].point->id);
        assert_true(fabs((double)hits.items[i].score - ranked[i].score) < 1e-5);
    }
    kith_hits_clear(&hits);
    free(ranked);
    made_list_clear(&list);
}

static void it_equals_the_naive_answer(void **state) {
    made_put(*state, 0, 700, NULL);
    for (unsigned again = 0; again < 4; again++) { /* the first from the file, later ones from memory */
        assert_search_is_exact(*state, NULL, again, 10);
        assert_search_is_exact(*state, NULL, 1000 + again, 0);
        assert_search_is_exact(*state, NULL, 2000 + again, 1);
        assert_search_is_exact(*state, NULL, 3000 + again, 701);
    }
}

static void it_keeps_to_the_filter(void **state) {
    kith_filter filter = {0}, none = {0};
    made_put(*state, 0, 600, NULL);
    kith_filter_number(&filter, KITH_FIELD_EYES, KITH_LESS, 10, NULL);
    kith_filter_text(&none, KITH_FIELD_PERSON, KITH_EQUAL, "Nobody", NULL);
    for (unsigned again = 0; again < 15; again++) {
        assert_search_is_exact(*state, &filter, again, 5);
        assert_search_is_exact(*state, &none, again, 5);
        if (again > 4)
            assert_search_is_exact(*state, NULL, again, 5);
    }
}

static void it_sees_changes_at_once(void **state) {
    made_put(*state, 0, 300, NULL);
    kith_gallery *other = made_gallery(kith_gallery_uri(*state));
    for (unsigned again = 0; again < 4; again++)
        assert_search_is_exact(*state, NULL, again, 300);
    made_put(*state, 300, 10, "Ann");
    assert_search_is_exact(*state, NULL, 305, 20);
    for (unsigned again = 0; again < 4; again++)
        assert_search_is_exact(*state, NULL, again, 400);
    made_put(other, 310, 10, "Bob");
    assert_search_is_exact(*state, NULL, 315, 20);
    for (unsigned again = 0; again < 4; again++)
        assert_search_is_exact(*state, NULL, again, 400);
    kith_filter ann = {0};
    kith_filter_text(&ann, KITH_FIELD_PERSON, KITH_EQUAL, "Ann", NULL);
    assert_int_equal(kith_gallery_remove(other, &ann, NULL, NULL), KITH_OK);
    assert_search_is_exact(*state, NULL, 305, 20);
    assert_int_equal(kith_gallery_purge(other, NULL), KITH_OK);
    assert_search_is_exact(*state, NULL, 305, 20);
    kith_gallery_close(&other);
}

/* Copies of one face under many ids score alike. */
static void equal_scores_come_in_the_order_of_ids(void **state) {
    kith_error err = {0};
    float vectors[20 * KITH_DIMENSION];
    kith_point points[20];
    for (unsigned i = 0; i < 20; i++) {
        points[i] = made_point(i, i % 2 ? "Ann" : "Bob");
        made_vector(vectors + (size_t)i * KITH_DIMENSION, 5);
    }
    kith_gallery_put(*state, points, vectors, 20, &err);
    for (unsigned again = 0; again < 4; again++)
        for (size_t limit = 1; limit < 21; limit++)
            assert_search_is_exact(*state, NULL, 5, limit);
    kith_hits hits;
    const char *lowest = points[0].id;
    const char *person = points[0].person;
    for (unsigned i = 1; i < 20; i++)
        if (strcmp(points[i].id, lowest) < 0) {
            lowest = points[i].id;
            person = points[i].person;
        }
    kith_gallery_search_persons(*state, vectors, NULL, 2, 3, &hits, &err);
    assert_no_error(err);
    assert_int_equal(hits.count, 6);
    assert_string_equal(hits.items[0].point.id, lowest);
    assert_string_equal(hits.items[0].point.person, person);
    kith_hits_clear(&hits);
    for (unsigned i = 0; i < 20; i++)
        kith_point_clear(&points[i]);
}

static size_t faces_before(const struct naive *ranked, size_t end, const char *person) {
    size_t faces = 0;
    for (size_t i = 0; i < end; i++)
        faces += ranked[i].point->person && strcmp(ranked[i].point->person, person) == 0;
    return faces;
}

/* Every hit is its person's next best face, and the groups follow their best faces. */
static void assert_persons_are_exact(kith_gallery *gallery, const kith_filter *filter, unsigned seed,
                                     size_t persons, size_t each) {
    kith_error err = {0};
    kith_hits hits;
    float probe[KITH_DIMENSION];
    made_vector(probe, seed);
    made_list list = made_each(gallery, filter);
    struct naive *ranked = rank(&list, probe);
    kith_gallery_search_persons(gallery, probe, filter, persons, each, &hits, &err);
    assert_no_error(err);
    size_t at = 0, groups = 0;
    for (size_t i = 0; i < list.count && groups < persons; i++) {
        const char *person = ranked[i].point->person;
        if (!person || faces_before(ranked, i, person) > 0)
            continue;
        groups++;
        for (size_t k = i, faces = 0; k < list.count && faces < each; k++) {
            if (!ranked[k].point->person || strcmp(ranked[k].point->person, person) != 0)
                continue;
            faces++;
            assert_true(at < hits.count);
            assert_string_equal(hits.items[at++].point.id, ranked[k].point->id);
        }
    }
    assert_int_equal(at, hits.count);
    kith_hits_clear(&hits);
    free(ranked);
    made_list_clear(&list);
}

static void persons_are_ranked_by_their_best_face(void **state) {
    kith_filter filter = {0};
    kith_filter_number(&filter, KITH_FIELD_EYES, KITH_LESS, 50, NULL);
    made_put(*state, 0, 100, NULL);
    for (unsigned i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        made_put(*state, 100 + 10 * i, 1 + i % 10, name);
    }
    for (unsigned again = 0; again < 3; again++) {
        assert_persons_are_exact(*state, NULL, again, 5, 3);
        assert_persons_are_exact(*state, NULL, 130 + again, 1, 1);
        assert_persons_are_exact(*state, NULL, 140 + again, 1000, 1000);
        assert_persons_are_exact(*state, &filter, 150 + again, 4, 2);
    }
}

static void an_empty_gallery_finds_nothing(void **state) {
    kith_error err = {0};
    kith_hits hits;
    float probe[KITH_DIMENSION];
    made_vector(probe, 1);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(kith_gallery_search(*state, probe, NULL, 0, &hits, &err), KITH_OK);
        assert_int_equal(hits.count, 0);
        assert_int_equal(kith_gallery_search_persons(*state, probe, NULL, 5, 1, &hits, &err), KITH_OK);
        assert_int_equal(hits.count, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_equals_the_naive_answer, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(it_keeps_to_the_filter, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(it_sees_changes_at_once, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(equal_scores_come_in_the_order_of_ids, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(persons_are_ranked_by_their_best_face, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(an_empty_gallery_finds_nothing, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
