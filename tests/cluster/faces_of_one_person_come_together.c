/* SPDX-License-Identifier: MIT
 *
 * Groups of made faces: those of one person, the same as a plain computation makes, and never against a name.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/likeness/grouping.h"
#include "proto/vector.h"
#include "tests/gallery/support/made.h"

enum { MOST = 400 };

/* A face of a made person: with `noise` 0.8 scores with the person's others are about 0.6, with others 0. */
static void face_of(float out[KITH_DIMENSION], unsigned person, unsigned number, float noise) {
    float own[KITH_DIMENSION];
    made_vector(out, 1000 + person);
    made_vector(own, 100000 + 100 * person + number);
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        out[k] += noise * own[k];
    float length = (float)sqrt(kith_dot(out, out));
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        out[k] /= length;
}

static void put_vector(kith_gallery *gallery, unsigned number, const char *name, const float *vector) {
    kith_error err = {0};
    kith_point point = made_point(number, name);
    assert_int_equal(kith_gallery_put(gallery, &point, vector, 1, &err), KITH_OK);
    assert_no_error(err);
    kith_point_clear(&point);
}

static void put(kith_gallery *gallery, unsigned person, unsigned number, const char *name, float noise) {
    float vector[KITH_DIMENSION];
    face_of(vector, person, number, noise);
    put_vector(gallery, 100 * person + number, name, vector);
}

/* Which made person a listed face is of. */
static unsigned person_of(const kith_face_list *list, uint32_t face) {
    return (unsigned)strtoul(list->faces[face].path + strlen("/photos/"), NULL, 10) / 100;
}

typedef struct made_groups {
    kith_face_list list;
    kith_grouping groups;
} made_groups;

static made_groups group(kith_gallery *gallery, double threshold, size_t least) {
    made_groups made = {.list = {.count = 0}};
    kith_error err = {0};
    assert_int_equal(kith_face_list_load(&made.list, gallery, NULL, &err), KITH_OK);
    assert_int_equal(kith_grouping_make(&made.groups, &made.list, threshold, least, 2, &err), KITH_OK);
    assert_no_error(err);
    return made;
}

static void clear(made_groups *made) {
    kith_grouping_clear(&made->groups);
    kith_face_list_clear(&made->list);
}

static void each_person_is_a_group(void **state) {
    for (unsigned p = 0; p < 30; p++)
        for (unsigned n = 0; n < 1 + p % 10; n++)
            put(*state, p, n, NULL, 0.8F);
    made_groups made = group(*state, 0.45, 2);
    assert_int_equal(made.groups.count, 27); /* three persons have one face */
    for (size_t g = 0; g < made.groups.count; g++) {
        const kith_group *at = &made.groups.items[g];
        unsigned person = person_of(&made.list, at->faces[0]);
        assert_int_equal(at->count, 1 + person % 10);
        assert_int_equal(at->person, UINT32_MAX);
        for (size_t i = 0; i < at->count; i++)
            assert_int_equal(person_of(&made.list, at->faces[i]), person);
        assert_true(g == 0 || at->count <= made.groups.items[g - 1].count);
    }
    clear(&made);
    made = group(*state, 0.45, 5);
    assert_int_equal(made.groups.count, 18);
    clear(&made);
}

/* New photos of persons who have a name are listed with it; the others among themselves. */
static void faces_of_known_persons_are_told(void **state) {
    for (unsigned n = 0; n < 4; n++) {
        put(*state, 1, n, "Ann", 0.8F);
        put(*state, 2, n, "Bob", 0.8F);
        put(*state, 1, 10 + n, NULL, 0.8F);
        put(*state, 3, n, NULL, 0.8F);
    }
    put(*state, 2, 10, NULL, 0.8F);
    made_groups made = group(*state, 0.45, 2);
    assert_int_equal(made.groups.count, 3);
    for (size_t g = 0; g < 3; g++) {
        const kith_group *at = &made.groups.items[g];
        unsigned person = person_of(&made.list, at->faces[0]);
        assert_int_equal(at->count, person == 2 ? 1 : 4);
        if (person == 3) {
            assert_int_equal(at->person, UINT32_MAX);
            continue;
        }
        assert_string_equal(kith_face_list_name(&made.list, at->person), person == 1 ? "Ann" : "Bob");
        assert_true(at->likeness > 0.45 && at->likeness < 1);
    }
    clear(&made);
}

/* Two names that are alike enough to become one, and photos like one of them: they join that one alone. */
static void names_never_become_one(void **state) {
    for (unsigned n = 0; n < 15; n++) {
        float vector[KITH_DIMENSION], side[KITH_DIMENSION], own[KITH_DIMENSION];
        made_vector(vector, 1);
        made_vector(side, 2);
        made_vector(own, 10 + n);
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            vector[k] += (n < 5 ? -0.6F : 0.6F) * side[k] + 0.3F * own[k];
        float length = (float)sqrt(kith_dot(vector, vector));
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            vector[k] /= length;
        put_vector(*state, n, n < 5 ? "Ann" : n < 10 ? "Other Ann" : NULL, vector);
    }
    made_groups made = group(*state, 0.3, 2);
    assert_int_equal(made.groups.count, 1);
    assert_int_equal(made.groups.items[0].count, 5);
    assert_string_equal(kith_face_list_name(&made.list, made.groups.items[0].person), "Other Ann");
    clear(&made);
}

/* ---- against a plain computation ---- */

/* Likeness of two sets of faces by its definition: the mean of all scores, divided by the geometric mean of
 * the lengths of both mean vectors.
 */
static double plain_likeness(const kith_face_list *list, const int *of, int a, int b) {
    double means[2][KITH_DIMENSION] = {{0}}, counts[2] = {0}, lengths[2] = {0}, sum = 0;
    for (size_t i = 0; i < list->count; i++) {
        int side = of[i] == a ? 0 : of[i] == b ? 1 : -1;
        if (side < 0)
            continue;
        counts[side]++;
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            means[side][k] += (double)list->vectors[i * KITH_DIMENSION + k];
    }
    for (int side = 0; side < 2; side++) {
        for (size_t k = 0; k < KITH_DIMENSION; k++) {
            means[side][k] /= counts[side];
            lengths[side] += means[side][k] * means[side][k];
        }
        lengths[side] = sqrt(lengths[side]);
    }
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        sum += means[0][k] * means[1][k];
    return sum / sqrt(lengths[0] * lengths[1]);
}

static bool touch(const kith_face_list *list, const int *of, int a, int b, double threshold) {
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < list->count; j++)
            if (of[i] == a && of[j] == b &&
                kith_dot(list->vectors + i * KITH_DIMENSION, list->vectors + j * KITH_DIMENSION) >= threshold)
                return true;
    return false;
}

/* The most alike two groups become one, as long as there are any; every step looks at all. Persons with a
 * name are groups from the beginning, and no two of them become one.
 */
static void plain_groups(int *of, const kith_face_list *list, double threshold) {
    int count = (int)list->count;
    for (int i = 0; i < count; i++)
        of[i] = i < (int)list->named ? (int)list->begins[list->persons[i]] : i;
    for (;;) {
        double best = -1;
        int from = -1, to = -1;
        for (int a = 0; a < count; a++)
            for (int b = a + 1; b < count; b++) {
                if (of[a] != a || of[b] != b || b < (int)list->named || !touch(list, of, a, b, threshold))
                    continue;
                double likeness = plain_likeness(list, of, a, b);
                if (likeness >= threshold && likeness > best) {
                    best = likeness;
                    from = b;
                    to = a;
                }
            }
        if (from < 0)
            return;
        for (int i = 0; i < count; i++)
            of[i] = of[i] == from ? to : of[i];
    }
}

/* Faces anywhere on a sphere of few dimensions: there are no persons, and each step decides the next. */
static void scatter(kith_gallery *gallery, unsigned first, unsigned count, const char *name) {
    enum { DIMENSIONS = 5 };
    for (unsigned i = first; i < first + count; i++) {
        float vector[KITH_DIMENSION];
        made_vector(vector, 5000 + i);
        for (size_t k = DIMENSIONS; k < KITH_DIMENSION; k++)
            vector[k] = 0;
        float length = (float)sqrt(kith_dot(vector, vector));
        for (size_t k = 0; k < DIMENSIONS; k++)
            vector[k] /= length;
        put_vector(gallery, i, name, vector);
    }
}

static void groups_equal_a_plain_computation(void **state) {
    static const double thresholds[] = {0.5, 0.6, 0.7, 0.8};
    scatter(*state, 0, 60, NULL);
    scatter(*state, 60, 5, "Ann");
    scatter(*state, 65, 5, "Bob");
    scatter(*state, 70, 1, "Cy");
    for (size_t t = 0; t < sizeof thresholds / sizeof thresholds[0]; t++) {
        made_groups made = group(*state, thresholds[t], 2);
        int of[MOST], got[MOST];
        size_t together = 0, known = 0;
        plain_groups(of, &made.list, thresholds[t]);
        for (size_t i = 0; i < made.list.count; i++)
            got[i] = i < made.list.named ? (int)made.list.begins[made.list.persons[i]] : -1 - (int)i;
        for (size_t g = 0; g < made.groups.count; g++)
            for (size_t i = 0; i < made.groups.items[g].count; i++) {
                uint32_t person = made.groups.items[g].person;
                got[made.groups.items[g].faces[i]] =
                    person == UINT32_MAX ? 1000 + (int)g : (int)made.list.begins[person];
                known += person != UINT32_MAX;
            }
        for (size_t i = 0; i < made.list.count; i++)
            for (size_t j = i + 1; j < made.list.count; j++) {
                assert_int_equal(of[i] == of[j], got[i] == got[j]);
                together += of[i] == of[j];
            }
        assert_true(made.groups.count > 5 && together > 40 && together < 700); /* not all or nothing */
        assert_true(known > 0);
        clear(&made);
    }
}

static void without_faces_there_are_no_groups(void **state) {
    made_groups made = group(*state, 0.4, 2);
    assert_int_equal(made.groups.count, 0);
    clear(&made);
    put(*state, 1, 0, "Ann", 0.8F);
    made = group(*state, 0.4, 2);
    assert_int_equal(made.groups.count, 0);
    clear(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_person_is_a_group, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(faces_of_known_persons_are_told, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(names_never_become_one, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(groups_equal_a_plain_computation, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(without_faces_there_are_no_groups, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
