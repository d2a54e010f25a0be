/* SPDX-License-Identifier: MIT
 *
 * Triplets are of the persons and sides that they should be, and a CSV file gives back what was written; one
 * made elsewhere is read as far as it goes, and what is wrong in it is told by line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/train/triplets.h"
#include "tests/indexer/support/folder.h"
#include "tests/train/support/made.h"

enum { COUNT = 200 };

static const int people[] = {5, 4, 3, 1, 2, 2, 4, 5, 3, 2};

static void tell_row(void *context, const kith_error *err) {
    tell_set(context, KITH_SET_FAILED, NULL, err);
}

static kith_triplets *make(const kith_face_set *set, uint64_t seed) {
    kith_triplets *triplets = NULL;
    kith_error err = {0};
    if (kith_triplets_make(&triplets, set, COUNT, seed, &err) != KITH_OK)
        fail_msg("%s", err.text);
    return triplets;
}

static void sides_and_persons_do_not_mix(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", people, 10);
    kith_face_set *set = open_chips("d", 0.3, NULL);
    kith_triplets *triplets = make(set, 1), *again = make(set, 1), *other = make(set, 2);
    size_t validation = 0, anchors[64] = {0}, most = 0, least = COUNT;
    assert_int_equal(triplets->count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const kith_triplet *t = &triplets->items[i];
        const kith_set_face *a = &set->faces[t->face[0]], *p = &set->faces[t->face[1]],
                            *n = &set->faces[t->face[2]];
        assert_true(t->face[0] != t->face[1] && a->person == p->person && a->person != n->person);
        assert_true(a->validation == t->validation && n->validation == t->validation);
        validation += t->validation;
        anchors[t->face[0]]++;
    }
    assert_true(validation > COUNT / 10 && validation < COUNT / 2);
    for (size_t i = 0; i < set->count; i++) {
        if (set->faces[i].validation || set->persons[set->faces[i].person].count == 1)
            continue;
        most = anchors[i] > most ? anchors[i] : most;
        least = anchors[i] < least ? anchors[i] : least;
    }
    assert_true(most - least <= 1); /* anchors in turn */
    assert_memory_equal(triplets->items, again->items, COUNT * sizeof *again->items);
    assert_memory_not_equal(triplets->items, other->items, COUNT * sizeof *other->items);
    kith_triplets_free(&triplets);
    kith_triplets_free(&again);
    kith_triplets_free(&other);
    kith_face_set_close(&set);
    leave_folder(folder);
}

/* Opens the faces of triplets that were read. */
static kith_face_set *bind(kith_triplets *triplets, told *t) {
    const kith_set_options options = {.files = (const char *const *)triplets->files,
                                      .file_count = triplets->file_count,
                                      .kind = KITH_SET_CHIPS,
                                      .landmarks = true,
                                      .scratch = "."};
    kith_face_set *set = NULL;
    kith_error err = {0};
    assert_int_equal(kith_face_set_open(&set, &options, &err), KITH_OK);
    if (kith_triplets_bind(triplets, set, t ? tell_row : NULL, t, &err) != KITH_OK)
        fail_msg("%s", err.text);
    return set;
}

/* The paths that a file names first in its rows are below its folder, or absolute. */
static void check_paths(const char *file, bool below) {
    char *line = NULL;
    size_t room = 0;
    FILE *in = fopen(file, "rb");
    assert_non_null(in);
    assert_true(getline(&line, &room, in) > 0); /* the header */
    while (getline(&line, &room, in) > 0)
        assert_int_equal(line[line[0] == '"'] != '/', below);
    free(line);
    fclose(in);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", people, 10);
    make_people("d, \"with\" commas", people, 10);
    assert_int_equal(symlink("../d/p0/0.png", "d/p0/link.png"), 0);
    mkdir("elsewhere", 0777);
    static const char *const places[][2] = {
        {"d", "here.csv"}, {"d", "d/in.csv"}, {"d", "elsewhere/out.csv"}, {"d, \"with\" commas", "here.csv"}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        kith_face_set *set = open_chips(places[i][0], 0.3, NULL);
        kith_triplets *made = make(set, i), *read = NULL;
        kith_error err = {0};
        told t = {{0}, {{0}}, 0};
        assert_int_equal(kith_triplets_write(places[i][1], made, set, &err), KITH_OK);
        check_paths(places[i][1], i != 2);
        assert_int_equal(kith_triplets_read(&read, places[i][1], tell_row, &t, &err), KITH_OK);
        kith_face_set *bound = bind(read, &t);
        assert_int_equal(t.count, 0);
        assert_int_equal(read->count, COUNT);
        for (size_t k = 0; k < COUNT; k++)
            for (int role = 0; role < KITH_TRIPLET; role++) {
                const kith_triplet *a = &made->items[k], *b = &read->items[k];
                assert_memory_equal(set->faces[a->face[role]].chip, bound->faces[b->face[role]].chip,
                                    sizeof(kith_chip));
                assert_memory_equal(&a->augmentation[role], &b->augmentation[role], sizeof *a->augmentation);
                assert_int_equal(a->validation, b->validation);
            }
        kith_face_set_close(&bound);
        kith_face_set_close(&set);
        kith_triplets_free(&made);
        kith_triplets_free(&read);
    }
    leave_folder(folder);
}

static void files_made_elsewhere_are_read(void **state) {
    (void)state;
    char *folder = enter_folder();
    static const struct {
        const char *text;
        size_t count;
    } files[] = {
        {"a.png,b.png,c.png\na.png,c.png,b.png\n", 2},
        {"a.png,b.png,c.png,whatever,else\r\n\r\n", 1},
        {"anchor,positive,negative\na.png,b.png,c.png\n", 1},
        {"\xef\xbb\xbf"
         "id,Negative,Anchor,Positive\n7,c.png,a.png,b.png",
         1},
        {"split,anchor,positive,negative\nvalidation,a.png,b.png,c.png\n", 1},
        {"\xef\xbb\xbf"
         "a.png,b.png,c.png\n",
         1},
        {"\r\nanchor,positive,negative\r\na.png,b.png,c.png\r\n", 1},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        kith_triplets *read = NULL;
        kith_error err = {0};
        write_text("t.csv", files[i].text);
        if (kith_triplets_read(&read, "t.csv", NULL, NULL, &err) != KITH_OK)
            fail_msg("%zu: %s", i, err.text);
        assert_int_equal(read->count, files[i].count);
        assert_int_equal(read->file_count, 3);
        assert_string_equal(read->files[read->items[0].face[KITH_ANCHOR]], "a.png");
        assert_string_equal(read->files[read->items[0].face[KITH_POSITIVE]], "b.png");
        assert_string_equal(read->files[read->items[0].face[KITH_NEGATIVE]], "c.png");
        assert_int_equal(read->items[0].validation, i == 4);
        kith_triplets_free(&read);
    }
    leave_folder(folder);
}

static void wrong_rows_are_told_by_line(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", (const int[]){2, 1}, 2);
    told t = {{0}, {{0}}, 0};
    kith_triplets *read = NULL;
    kith_error err = {0};
    write_text("t.csv", "anchor,positive,negative,anchor_augmentation,split\n"
                        "d/p0/0.png,d/p0/1.png,d/p1/0.png,mirror,train\n"
                        "d/p0/0.png,d/p0/1.png\n"
                        "d/p0/0.png,,d/p1/0.png\n"
                        "d/p0/0.png,d/p0/1.png,d/p1/0.png,sideways,train\n"
                        "d/p0/0.png,d/p0/1.png,d/p1/0.png,,tomorrow\n"
                        "\"d/p0/0.png,d/p0/1.png,d/p1/0.png\n"
                        "d/p0/0.png,d/p0/1.png,d/p1/missing.png\n"
                        "d/p0/1.png,d/p0/0.png,d/p1/missing.png\n"
                        "d/p0/1.png,d/p0/0.png,d/p1/0.png\n"
                        "d/p0/1.png,d/p0/0.png,d/p0/1.png\n");
    assert_int_equal(kith_triplets_read(&read, "t.csv", tell_row, &t, &err), KITH_OK);
    assert_int_equal(read->count, 4);
    assert_int_equal(t.count, 6);
    assert_true(was_told(&t, "t.csv: line 3 is no row of anchor, positive and negative"));
    assert_true(was_told(&t, "line 4 has an empty column: 'positive'"));
    assert_true(was_told(&t, "line 5 has an unknown augmentation: 'sideways'"));
    assert_true(was_told(&t, "line 6 has a split that is neither train nor validation: 'tomorrow'"));
    assert_true(was_told(&t, "line 7 is no row"));
    assert_true(was_told(&t, "line 11 calls a picture another person than itself: 'd/p0/1.png'"));
    kith_face_set *set = bind(read, &t);
    assert_int_equal(t.count, 7);
    assert_true(
        was_told(&t, "d/p1/missing.png: gives no face; 2 triplets with it left out (the first in line 8)"));
    assert_int_equal(read->count, 2);
    assert_string_equal(set->faces[read->items[1].face[KITH_ANCHOR]].path, "d/p0/1.png");
    assert_true(read->items[0].augmentation[KITH_ANCHOR].mirror);
    kith_face_set_close(&set);
    kith_triplets_free(&read);
    leave_folder(folder);
}

static void what_gives_nothing_is_refused(void **state) {
    (void)state;
    char *folder = enter_folder();
    kith_triplets *triplets = NULL;
    kith_error err = {0};
    make_people("d", (const int[]){2}, 1);
    make_people("e", (const int[]){1, 1, 1}, 3);
    for (int i = 0; i < 2; i++) {
        kith_face_set *set = open_chips(i ? "d" : "e", 0, NULL);
        kith_error_clear(&err);
        assert_int_equal(kith_triplets_make(&triplets, set, 10, 1, &err), KITH_E_REFUSED);
        assert_null(triplets);
        kith_face_set_close(&set);
    }
    static const char *const texts[] = {"", "anchor,positive\na,b\n", "a,b\n", "anchor,positive,negative\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_text("t.csv", texts[i]);
        kith_error_clear(&err);
        assert_int_equal(kith_triplets_read(&triplets, "t.csv", NULL, NULL, &err), KITH_E_REFUSED);
        assert_null(triplets);
        assert_string_equal(err.where, "t.csv");
    }
    kith_error_clear(&err);
    assert_int_equal(kith_triplets_read(&triplets, "nowhere.csv", NULL, NULL, &err), KITH_E_IO);
    leave_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_and_persons_do_not_mix),  cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(files_made_elsewhere_are_read), cmocka_unit_test(wrong_rows_are_told_by_line),
        cmocka_unit_test(what_gives_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
