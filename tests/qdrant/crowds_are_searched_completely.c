/* SPDX-License-Identifier: MIT
 *
 * Persons with very many faces, many persons, many equal scores: the answers are still complete, and those of
 * a gallery in a file.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

static fake server;
static kith_gallery *remote, *local;
static char *path;

static int start(void **state) {
    (void)state;
    fake_start(&server, (const char *[]){"--strict", NULL});
    remote = made_gallery(server.uri);
    path = made_uri();
    local = made_gallery(path);
    return 0;
}

static int stop(void **state) {
    (void)state;
    kith_gallery_close(&remote);
    kith_gallery_close(&local);
    made_remove_uri(path);
    fake_assert_no_violations(&server);
    fake_stop(&server);
    return 0;
}

static void put_both(unsigned first, unsigned count, const char *person) {
    made_put(remote, first, count, person);
    made_put(local, first, count, person);
}

/* `count` faces of one person within a narrow cone around the vector of number `around`. */
static void put_cluster(unsigned first, unsigned count, const char *person, unsigned around, float width) {
    kith_error err = {0};
    float centre[KITH_DIMENSION];
    made_vector(centre, around);
    for (unsigned i = 0; i < count; i++) {
        float vector[KITH_DIMENSION];
        double square = 0;
        made_vector(vector, first + i);
        for (int k = 0; k < KITH_DIMENSION; k++) {
            vector[k] = centre[k] + width * vector[k];
            square += (double)vector[k] * (double)vector[k];
        }
        for (int k = 0; k < KITH_DIMENSION; k++)
            vector[k] = (float)((double)vector[k] / sqrt(square));
        kith_point point = made_point(first + i, person);
        kith_gallery_put(remote, &point, vector, 1, &err);
        kith_gallery_put(local, &point, vector, 1, &err);
        assert_string_equal(err.text, "");
        kith_point_clear(&point);
    }
}

static void assert_same_persons(unsigned probe_seed, size_t persons, size_t each) {
    kith_error err = {0};
    kith_hits a, b;
    float probe[KITH_DIMENSION];
    made_vector(probe, probe_seed);
    kith_gallery_search_persons(remote, probe, NULL, persons, each, &a, &err);
    kith_gallery_search_persons(local, probe, NULL, persons, each, &b, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(a.count, b.count);
    for (size_t i = 0; i < a.count; i++) {
        float apart = fabsf(a.items[i].score - b.items[i].score);
        assert_true(apart < 1e-5F);
        if (apart > 1e-6F) /* nearer ones may change places: sums are rounded in another order */
            assert_string_equal(a.items[i].point.id, b.items[i].point.id);
        assert_string_equal(a.items[i].point.person, b.items[i].point.person);
    }
    kith_hits_clear(&a);
    kith_hits_clear(&b);
}

/* Seven persons whose faces are all nearer than any face of the others: the server's own grouping gives up.
 */
static void persons_with_many_faces(void **state) {
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G"};
    (void)state;
    for (unsigned i = 0; i < 7; i++)
        put_cluster(1000 * (i + 1), 120, names[i], 5, 0.2F + 0.05F * (float)i);
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "far %u", i);
        put_both(20000 + i, 1, name);
    }
    put_both(30000, 30, NULL);
    assert_same_persons(5, 10, 1);
    assert_same_persons(5, 10, 3);
    assert_same_persons(5, 27, 200);
    assert_same_persons(5, 100, 1);
    assert_same_persons(5, SIZE_MAX, 2);
    assert_same_persons(5, 4, SIZE_MAX);
}

/* The same vector many times: the cut goes by id. */
static void equal_scores(void **state) {
    kith_error err = {0};
    kith_hits a, b;
    float probe[KITH_DIMENSION];
    (void)state;
    put_cluster(50000, 90, "Twin", 7, 0);
    made_vector(probe, 7);
    for (size_t limit = 1; limit < 90; limit += 11) {
        kith_gallery_search(remote, probe, NULL, limit, &a, &err);
        kith_gallery_search(local, probe, NULL, limit, &b, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(a.count, limit);
        for (size_t i = 0; i < limit; i++)
            assert_string_equal(a.items[i].point.id, b.items[i].point.id);
        kith_hits_clear(&a);
        kith_hits_clear(&b);
    }
    assert_same_persons(7, 3, 5);
}

/* More names than one facet gives, more faces than come with their points at once. */
static void many_names(void **state) {
    kith_error err = {0};
    kith_people people;
    kith_hits hits;
    float probe[KITH_DIMENSION];
    (void)state;
    for (unsigned i = 0; i < 1100; i++) {
        char name[16];
        snprintf(name, sizeof name, "name %u", i);
        made_put(remote, 60000 + i, 1, name);
    }
    long before = fake_number(&server, "requests");
    kith_gallery_people(remote, &people, &err);
    assert_string_equal(err.text, "");
    assert_in_range(fake_number(&server, "requests") - before, 1, 3); /* not one for each person */
    assert_int_equal(people.count, 1100 + 7 + 20 + 1);
    for (size_t i = 0; i < people.count; i++) {
        assert_int_equal(people.items[i].faces, people.items[i].photos);
        assert_true(i == 0 || strcmp(people.items[i - 1].name, people.items[i].name) < 0);
    }
    kith_people_clear(&people);
    made_vector(probe, 1);
    kith_gallery_search(remote, probe, NULL, 0, &hits, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(hits.count, made_count(remote, NULL));
    for (size_t i = 0; i < hits.count; i++) {
        assert_int_equal(hits.items[i].point.path_count, 1);
        assert_true(i == 0 || hits.items[i - 1].score >= hits.items[i].score);
    }
    kith_hits_clear(&hits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(persons_with_many_faces),
        cmocka_unit_test(equal_scores),
        cmocka_unit_test(many_names),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
