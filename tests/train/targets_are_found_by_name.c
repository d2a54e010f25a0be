/* SPDX-License-Identifier: MIT
 *
 * Targets come back from a file by the names of the faces, whatever else it holds; what does not fit is
 * refused by name; a bank has only targets that are trained on. Turned targets stand to each other as before,
 * as near to a network's own vectors as a rotation brings them.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/network/safetensors.h"
#include "model/statistics/random.h"
#include "model/train/targets.h"
#include "proto/vector.h"
#include "tests/indexer/support/folder.h"
#include "tests/train/support/made.h"

enum { D = KITH_DIMENSION };

static char *folder;
static kith_face_set *set;

static int open_set(void **state) {
    (void)state;
    folder = enter_folder();
    make_people("d", (const int[]){2, 3, 2, 2, 3, 2}, 6);
    set = open_chips("d", 0.4, NULL);
    return 0;
}

static int close_set(void **state) {
    (void)state;
    kith_face_set_close(&set);
    leave_folder(folder);
    return 0;
}

static kith_targets *by_chance(uint64_t seed) {
    kith_targets *targets = NULL;
    kith_error err = {0};
    kith_random random = {seed};
    assert_int_equal(kith_targets_make(&targets, set->count, &err), KITH_OK);
    for (size_t i = 0; i < set->count * D; i++)
        targets->values[i] = (float)kith_random_normal(&random);
    for (size_t i = 0; i < set->count; i++)
        assert_true(kith_target_normalise(targets->values + i * D));
    return targets;
}

static void what_is_written_is_read(void **state) {
    (void)state;
    kith_targets *made = by_chance(1), *read = NULL;
    kith_error err = {0};
    assert_int_equal(kith_targets_write("t.safetensors", made, set, &err), KITH_OK);
    assert_int_equal(kith_targets_read(&read, "t.safetensors", set, &err), KITH_OK);
    assert_int_equal(read->count, set->count);
    for (size_t i = 0; i < set->count; i++) {
        assert_true(kith_is_unit(read->values + i * D));
        assert_true(kith_dot(made->values + i * D, read->values + i * D) > 0.999999);
    }
    kith_targets_free(&made);
    kith_targets_free(&read);
}

static void what_a_file_cannot_hold_is_known_before(void **state) {
    (void)state;
    kith_error err = {0};
    assert_int_equal(kith_targets_check(set, "t.safetensors", &err), KITH_OK);
    kith_set_face faces[] = {{.name = "one.png", .path = "d/one.png"},
                             {.name = "t\nwo.png", .path = "d/t\nwo.png"}};
    kith_face_set bad = {.faces = faces, .count = 2};
    assert_int_equal(kith_targets_check(&bad, "t.safetensors", &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "a line break in the name"));
    enum { MANY = 2100000 }; /* more than 1 GiB of F16 */
    kith_face_set large = {.faces = calloc(MANY, sizeof *large.faces), .count = MANY};
    assert_non_null(large.faces);
    for (size_t i = 0; i < MANY; i++)
        large.faces[i].name = "";
    kith_error_clear(&err);
    assert_int_equal(kith_targets_check(&large, "t.safetensors", &err), KITH_E_LIMIT);
    assert_string_equal(err.where, "t.safetensors");
    free(large.faces);
}

/* A file of `rows` targets of `width`; names: a text, its newlines as in the file. */
static void write_targets(int rows, int width, const char *names, const char *called) {
    size_t count = (size_t)rows * (size_t)width, length = strlen(names);
    float *values = calloc(count + 1, sizeof *values), *letters = calloc(length + 1, sizeof *letters);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(i / (size_t)width + 1) * (i % (size_t)width == i / (size_t)width ? 1 : 0);
    for (size_t i = 0; i < length; i++)
        letters[i] = (unsigned char)names[i];
    kith_tensor items[] = {
        {.name = "names", .rank = 1, .shape = {(int)length}, .count = length, .values = letters},
        {.name = called, .rank = 2, .shape = {rows, width}, .count = count, .values = values}};
    const kith_tensors file = {.items = items, .count = 2};
    kith_error err = {0};
    assert_int_equal(kith_tensors_write("made.safetensors", &file, false, &err), KITH_OK);
    free(values);
    free(letters);
}

/* All names of the set in turned order, with a stranger between. */
static char *turned_names(void) {
    char *out = calloc(set->count + 2, 64), *to = out;
    for (size_t i = set->count; i-- > 0;)
        to += snprintf(to, 64, "%s\n%s", set->faces[i].name, i == 3 ? "stranger\n" : "");
    return out;
}

static void names_decide(void **state) {
    (void)state;
    kith_targets *read = NULL;
    kith_error err = {0};
    char *names = turned_names();
    int rows = (int)set->count + 1;
    write_targets(rows, D, names, "targets");
    if (kith_targets_read(&read, "made.safetensors", set, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    for (size_t i = 0; i < set->count; i++) { /* row r is 1 at r; the stranger comes before the last three */
        size_t row = set->count - 1 - i + (i < 3);
        assert_true(read->values[i * D + row] == 1);
    }
    kith_targets_free(&read);
    names[strlen(names) - 1] = 0; /* the last newline may be missing */
    write_targets(rows, D, names, "targets");
    assert_int_equal(kith_targets_read(&read, "made.safetensors", set, &err), KITH_OK);
    kith_targets_free(&read);
    free(names);
}

static void refused(int rows, int width, const char *names, const char *called, const char *why) {
    kith_targets *read = NULL;
    kith_error err = {0};
    write_targets(rows, width, names, called);
    assert_int_equal(kith_targets_read(&read, "made.safetensors", set, &err), KITH_E_REFUSED);
    assert_null(read);
    assert_string_equal(err.where, "made.safetensors");
    if (!strstr(err.text, why))
        fail_msg("'%s' where '%s' was expected", err.text, why);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    char *names = turned_names();
    int rows = (int)set->count + 1;
    refused(rows, 128, names, "targets", "128 wide, where embeddings have 256");
    refused(rows, D, names, "target", "no tensor 'targets'");
    refused(rows - 1, D, names, "targets", "names");
    refused(rows + 1, D, names, "targets", "names");
    refused(1, D, set->faces[0].name, "targets", "no target for 'p0/1.png'");
    refused(2, D, "same\nsame\n", "targets", "two targets are called 'same'");
    free(names);
    kith_targets *read = NULL;
    kith_error err = {0};
    assert_int_equal(kith_targets_read(&read, "nowhere.safetensors", set, &err), KITH_E_IO);
}

static void banks_are_trained_on(void **state) {
    (void)state;
    kith_targets *targets = by_chance(2);
    kith_error err = {0};
    float *bank = NULL;
    size_t got = 0, training = kith_face_set_side(set, false, NULL);
    assert_true(set->validates && training < set->count);
    assert_int_equal(kith_targets_bank(&bank, &got, targets, set, 1000, 1, &err), KITH_OK);
    assert_int_equal(got, training);
    for (size_t i = 0; i < set->count; i++) {
        size_t met = 0;
        for (size_t b = 0; b < got; b++)
            met += memcmp(bank + b * D, targets->values + i * D, D * sizeof *bank) == 0;
        assert_int_equal(met, !set->faces[i].validation);
    }
    free(bank);
    assert_int_equal(kith_targets_bank(&bank, &got, targets, set, 3, 1, &err), KITH_OK);
    assert_int_equal(got, 3);
    free(bank);
    kith_targets_free(&targets);
}

static void folders_may_have_files_of_one_name(void **state) {
    (void)state;
    make_people("f", (const int[]){3}, 1);
    make_people("g", (const int[]){2}, 1);
    const kith_set_source sources[] = {{"d", true}, {"f/p0", false}, {"g/p0", false}};
    const kith_set_options options = {
        .sources = sources, .source_count = 3, .kind = KITH_SET_CHIPS, .jobs = 1, .scratch = "."};
    kith_face_set *set_of_one = set;
    kith_error err = {0};
    assert_int_equal(kith_face_set_open(&set, &options, &err), KITH_OK);
    assert_int_equal(set->count, 14 + 3 + 2);
    assert_string_equal(set->faces[0].name, "p0/0.png");
    assert_string_equal(set->faces[14].name, "0.png");
    assert_string_equal(set->faces[16].name, "2.png");
    assert_string_equal(set->faces[17].name, "0.png#2");
    assert_string_equal(set->faces[18].name, "1.png#2");
    what_is_written_is_read(state);
    kith_face_set_close(&set);
    set = set_of_one;
}

/* Mirrors all targets in three planes: another space with the same cosines. */
static void mirror(kith_targets *targets) {
    kith_random random = {9};
    for (int plane = 0; plane < 3; plane++) {
        float normal[D];
        for (size_t j = 0; j < D; j++)
            normal[j] = (float)kith_random_normal(&random);
        assert_true(kith_target_normalise(normal));
        for (size_t i = 0; i < targets->count; i++) {
            double twice = 2 * kith_dot(normal, targets->values + i * D);
            for (size_t j = 0; j < D; j++)
                targets->values[i * D + j] -= (float)(twice * normal[j]);
        }
    }
}

static double alike(const kith_targets *a, const kith_targets *b) {
    double sum = 0;
    for (size_t i = 0; i < a->count; i++)
        sum += kith_dot(a->values + i * D, b->values + i * D);
    return sum / (double)a->count;
}

static void a_turned_space_is_turned_back(void **state) {
    (void)state;
    kith_targets *own = by_chance(3), *targets = by_chance(3);
    kith_error err = {0};
    mirror(targets);
    assert_true(alike(own, targets) < 0.99);
    assert_int_equal(kith_targets_turn(targets, own, 0, set, &err), KITH_OK);
    assert_true(alike(own, targets) > 0.999999);
    kith_targets_free(&targets);
    kith_targets_free(&own);
}

static void turned_targets_keep_their_cosines(void **state) {
    (void)state;
    kith_targets *own = by_chance(4), *before = by_chance(5), *turned = by_chance(5), *mixed = by_chance(5);
    kith_error err = {0};
    assert_int_equal(kith_targets_turn(turned, own, 0, set, &err), KITH_OK);
    assert_int_equal(kith_targets_turn(mixed, own, 2, set, &err), KITH_OK);
    assert_true(alike(own, turned) > alike(own, before) + 0.1);
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; k < set->count; k++)
            assert_float_equal(kith_dot(turned->values + i * D, turned->values + k * D),
                               kith_dot(before->values + i * D, before->values + k * D), 1e-5);
        float wanted[D];
        for (size_t j = 0; j < D; j++)
            wanted[j] = 2 * own->values[i * D + j] + turned->values[i * D + j];
        assert_true(kith_target_normalise(wanted));
        assert_float_equal(kith_dot(wanted, mixed->values + i * D), 1, 1e-6);
    }
    kith_targets_free(&mixed);
    kith_targets_free(&turned);
    kith_targets_free(&before);
    kith_targets_free(&own);
}

static void vectors_that_cancel_are_named(void **state) {
    (void)state;
    kith_targets *own = by_chance(6), *targets = by_chance(6);
    kith_error err = {0};
    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < D; j++) {
            own->values[i * D + j] = own->values[j];
            targets->values[i * D + j] = i == 2 ? -own->values[j] : own->values[j];
        }
    assert_int_equal(kith_targets_turn(targets, own, 1, set, &err), KITH_E_REFUSED);
    assert_string_equal(err.where, set->faces[2].path);
    kith_targets_free(&targets);
    kith_targets_free(&own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_a_file_cannot_hold_is_known_before),
        cmocka_unit_test(names_decide),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(banks_are_trained_on),
        cmocka_unit_test(folders_may_have_files_of_one_name),
        cmocka_unit_test(a_turned_space_is_turned_back),
        cmocka_unit_test(turned_targets_keep_their_cosines),
        cmocka_unit_test(vectors_that_cancel_are_named),
    };
    return cmocka_run_group_tests(tests, open_set, close_set);
}
