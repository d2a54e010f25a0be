/* SPDX-License-Identifier: MIT
 *
 * Made persons of whom some faces have another's name and some persons two: what is found, in which order,
 * and what mending one does, against counting again without it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/likeness/linkage.h"
#include "indexer/likeness/suspects.h"
#include "tests/gallery/support/made.h"

enum { PERSONS = 40, EACH = 5, WRONG = 3, SPLIT = 2 };
#define THRESHOLD 0.45
#define ALIKE 0.4

static void unit(float *v) {
    float length = (float)sqrt(kith_dot(v, v));
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        v[k] /= length;
}

/* A face of a made person: scores with the person's other faces are about 0.6, with others about 0. */
static void face_of(float out[KITH_DIMENSION], unsigned person, unsigned number) {
    float own[KITH_DIMENSION];
    made_vector(out, 1000 + person);
    made_vector(own, 100000 + 100 * person + number);
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        out[k] += 0.8F * own[k];
    unit(out);
}

static const char *name_of(char out[32], unsigned person) {
    snprintf(out, 32, "person %02u", person);
    return out;
}

static void put_vector(kith_gallery *gallery, unsigned number, const char *name, float *vector) {
    kith_error err = {0};
    kith_point point = made_point(number, name);
    unit(vector);
    assert_int_equal(kith_gallery_put(gallery, &point, vector, 1, &err), KITH_OK);
    assert_no_error(err);
    kith_point_clear(&point);
}

static void put(kith_gallery *gallery, unsigned person, unsigned number, const char *name) {
    float vector[KITH_DIMENSION];
    face_of(vector, person, number);
    put_vector(gallery, 100 * person + number, name, vector);
}

/* The first faces of persons 0, 1, 2 are named after 20, 21, 22; half of persons 10 and 11 has a second name.
 * One face of person 30 is there twice, nearly.
 */
static void fill(kith_gallery *gallery) {
    char name[32];
    for (unsigned p = 0; p < PERSONS; p++)
        for (unsigned n = 0; n < EACH; n++) {
            bool second = p >= 10 && p < 10 + SPLIT && n < 2;
            put(gallery, p, n, name_of(name, p < WRONG && n == 0 ? p + 20 : second ? p + 80 : p));
        }
    float vector[KITH_DIMENSION];
    face_of(vector, 30, 0);
    vector[0] += 0.1F;
    put_vector(gallery, 99999, name_of(name, 30), vector);
}

static long number_of(const char *name) {
    return strtol(name + strlen("person "), NULL, 10);
}

typedef struct found {
    kith_face_list list;
    kith_compared compared;
    kith_suspects suspects;
} found;

static found look(kith_gallery *gallery) {
    found f = {.list = {.count = 0}};
    kith_error err = {0};
    kith_filter named = {0};
    assert_int_equal(kith_filter_text(&named, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, &err), KITH_OK);
    assert_int_equal(kith_face_list_load(&f.list, gallery, &named, &err), KITH_OK);
    assert_int_equal(kith_compare_all(&f.compared, &f.list, THRESHOLD, 2, &err), KITH_OK);
    assert_int_equal(kith_suspects_find(&f.suspects, &f.list, &f.compared, ALIKE, 2, &err), KITH_OK);
    assert_no_error(err);
    return f;
}

static void clear(found *f) {
    kith_suspects_clear(&f->suspects);
    kith_compared_clear(&f->compared);
    kith_face_list_clear(&f->list);
}

/* The chance that a stranger is named, counted plainly. skip: a face that is gone (or `count`); a and b: two
 * persons that count as one.
 */
static double plain_fpir(const kith_face_list *list, size_t skip, uint32_t a, uint32_t b) {
    double sums[2 * PERSONS] = {0}, faces[2 * PERSONS] = {0}, sum = 0;
    size_t persons = 0;
    for (size_t i = 0; i < list->count; i++) {
        uint32_t p = list->persons[i] == b ? a : list->persons[i];
        bool reaches = false;
        for (size_t k = 0; k < list->count && i != skip; k++)
            if ((list->persons[k] == b ? a : list->persons[k]) != p && k != skip)
                reaches |= kith_dot(list->vectors + i * KITH_DIMENSION, list->vectors + k * KITH_DIMENSION) >=
                           THRESHOLD;
        faces[p] += i != skip;
        sums[p] += reaches;
    }
    for (size_t p = 0; p < list->person_count; p++) {
        persons += faces[p] > 0;
        sum += faces[p] > 0 ? sums[p] / faces[p] : 0;
    }
    return sum / (double)persons;
}

static void all_that_is_wrong_comes_first(void **state) {
    fill(*state);
    found f = look(*state);
    size_t faces = 0, names = 0;
    assert_int_equal(f.suspects.count, WRONG + SPLIT + 1); /* each once, and the copies */
    for (size_t i = 0; i < WRONG + SPLIT; i++) {
        const kith_suspect *s = &f.suspects.items[i];
        const char *first = f.list.faces[s->faces[0]].name, *second = f.list.faces[s->faces[1]].name;
        long p = number_of(first), q = number_of(second);
        if (s->kind == KITH_SUSPECT_FACE) {
            faces++;
            assert_true(p >= 20 && p < 20 + WRONG && q == p - 20);
            assert_true(s->own < 0.15 && s->likeness > 0.5 && s->weight > 0.3);
        } else {
            names++;
            assert_int_equal(s->kind, KITH_SUSPECT_NAMES);
            assert_true(p >= 10 && p < 10 + SPLIT && q == p + 80);
            assert_true(s->likeness > 0.6);
        }
        assert_true(i == 0 || s->weight <= f.suspects.items[i - 1].weight);
    }
    assert_int_equal(faces, WRONG);
    assert_int_equal(names, SPLIT);
    clear(&f);
}

static void mending_one_does_what_is_said(void **state) {
    fill(*state);
    found f = look(*state);
    assert_true(fabs(f.suspects.fpir - plain_fpir(&f.list, f.list.count, 0, 0)) < 1e-12);
    assert_true(f.suspects.fpir > 0.1);
    for (size_t i = 0; i < f.suspects.count; i++) {
        const kith_suspect *s = &f.suspects.items[i];
        double plain =
            s->kind == KITH_SUSPECT_FACE ? plain_fpir(&f.list, s->faces[0], 0, 0)
            : s->kind == KITH_SUSPECT_COPIES
                ? plain_fpir(&f.list, s->faces[1], 0, 0)
                : plain_fpir(&f.list, f.list.count, f.list.persons[s->faces[0]], f.list.persons[s->faces[1]]);
        assert_true(fabs(s->without - plain) < 1e-12);
        assert_true(i >= WRONG + SPLIT || s->without < f.suspects.fpir);
    }
    clear(&f);
}

static double score(const kith_face_list *list, size_t a, size_t b) {
    return kith_dot(list->vectors + a * KITH_DIMENSION, list->vectors + b * KITH_DIMENSION);
}

/* Who reaches the threshold with a face: nobody, one face, one person or several. */
static void reach_equals_its_definition(void **state) {
    float between[KITH_DIMENSION], other[KITH_DIMENSION];
    fill(*state);
    face_of(between, 12, 0);
    face_of(other, 13, 0);
    for (size_t k = 0; k < KITH_DIMENSION; k++)
        between[k] += other[k];
    put_vector(*state, 99998, "between two", between);
    found f = look(*state);
    size_t kinds[3] = {0};
    for (size_t i = 0; i < f.list.count; i++) {
        size_t faces = 0, face = 0, person = UINT32_MAX;
        bool several = false;
        for (size_t k = 0; k < f.list.count; k++)
            if (f.list.persons[k] != f.list.persons[i] && score(&f.list, i, k) >= THRESHOLD) {
                several |= faces > 0 && f.list.persons[k] != person;
                person = f.list.persons[k];
                face = k;
                faces++;
            }
        const kith_reach *reach = &f.compared.reach[i];
        assert_int_equal(reach->any, faces > 0);
        assert_int_equal(reach->face, faces == 1 ? face : UINT32_MAX);
        assert_int_equal(reach->person, faces > 0 && !several ? person : UINT32_MAX);
        kinds[0] += faces == 1;
        kinds[1] += faces > 1 && !several;
        kinds[2] += several;
    }
    assert_true(kinds[0] > 0 && kinds[1] > 0 && kinds[2] > 0);
    clear(&f);
}

/* Of two names that reach it the two faces that are most alike, each two names once. */
static void names_are_shown_by_their_most_alike_faces(void **state) {
    fill(*state);
    found f = look(*state);
    size_t pairs = 0;
    for (uint32_t a = 0; a < f.list.person_count; a++)
        for (uint32_t b = a + 1; b < f.list.person_count; b++) {
            double highest = -1;
            for (size_t i = f.list.begins[a]; i < f.list.begins[a + 1]; i++)
                for (size_t k = f.list.begins[b]; k < f.list.begins[b + 1]; k++)
                    highest = fmax(highest, score(&f.list, i, k));
            if (highest < THRESHOLD)
                continue;
            const kith_alike *pair = &f.compared.names[pairs++];
            assert_int_equal(f.list.persons[pair->faces[0]], a);
            assert_int_equal(f.list.persons[pair->faces[1]], b);
            assert_true(fabs((double)pair->score - highest) < 1e-6);
        }
    assert_int_equal(pairs, f.compared.name_count);
    assert_true(pairs >= WRONG + SPLIT);
    clear(&f);
}

static void copies_come_last(void **state) {
    fill(*state);
    found f = look(*state);
    const kith_suspect *s = &f.suspects.items[f.suspects.count - 1];
    assert_int_equal(s->kind, KITH_SUSPECT_COPIES);
    assert_string_equal(f.list.faces[s->faces[0]].name, "person 30");
    assert_true(s->likeness >= KITH_COPY_SCORE);
    assert_true(f.suspects.count < 2 || s[-1].kind != KITH_SUSPECT_COPIES);
    clear(&f);
}

/* Two names of which no two faces reach the threshold are told once, when they are alike as a whole. */
static void names_may_be_alike_as_a_whole(void **state) {
    char name[32];
    for (unsigned p = 0; p < 10; p++)
        for (unsigned n = 0; n < EACH; n++)
            put(*state, p, n, name_of(name, p));
    for (unsigned n = 0; n < 2 * EACH; n++) {
        float vector[KITH_DIMENSION], own[KITH_DIMENSION];
        made_vector(vector, 7000);
        made_vector(own, 7001 + n);
        for (size_t k = 0; k < KITH_DIMENSION; k++)
            vector[k] += 1.4F * own[k]; /* scores of about a third */
        put_vector(*state, 5000 + n, n < EACH ? "North" : "South", vector);
    }
    found f = look(*state);
    assert_int_equal(f.compared.name_count, 0);
    assert_int_equal(f.suspects.count, 1);
    const kith_suspect *s = &f.suspects.items[0];
    assert_int_equal(s->kind, KITH_SUSPECT_NAMES);
    assert_string_equal(f.list.faces[s->faces[0]].name, "North");
    assert_string_equal(f.list.faces[s->faces[1]].name, "South");
    assert_true(s->likeness >= ALIKE);
    clear(&f);
}

/* Without anything wrong nothing reaches the threshold and nobody is suspect. */
static void right_names_are_left_alone(void **state) {
    char name[32];
    for (unsigned p = 0; p < PERSONS; p++)
        for (unsigned n = 0; n < 1 + p % EACH; n++)
            put(*state, p, n, name_of(name, p));
    found f = look(*state);
    assert_int_equal(f.suspects.count, 0);
    assert_true(f.suspects.fpir == 0);
    clear(&f);
}

static void faces_without_a_name_take_no_part(void **state) {
    put(*state, 1, 0, "one");
    put(*state, 1, 1, NULL);
    put(*state, 2, 0, "two");
    kith_error err = {0};
    kith_face_list list = {0};
    assert_int_equal(kith_face_list_load(&list, *state, NULL, &err), KITH_OK);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.named, 2);
    assert_int_equal(list.person_count, 2);
    assert_null(list.faces[2].name);
    assert_string_equal(kith_face_list_name(&list, 0), "one");
    float expected[KITH_DIMENSION];
    face_of(expected, 1, 1);
    assert_memory_equal(list.vectors + 2 * KITH_DIMENSION, expected, sizeof expected);
    kith_compared compared = {0};
    assert_int_equal(kith_compare_all(&compared, &list, THRESHOLD, 1, &err), KITH_OK);
    assert_false(compared.reach[0].any || compared.reach[1].any);
    kith_compared_clear(&compared);
    kith_face_list_clear(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_is_wrong_comes_first, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(mending_one_does_what_is_said, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(reach_equals_its_definition, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(names_are_shown_by_their_most_alike_faces, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(copies_come_last, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(names_may_be_alike_as_a_whole, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(right_names_are_left_alone, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(faces_without_a_name_take_no_part, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
