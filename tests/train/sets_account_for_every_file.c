/* SPDX-License-Identifier: MIT
 *
 * A face set tells of everything that gives no face, its counts balance, persons are on one side of the
 * split, blends are averages of what is trained on, and what is wrong as a whole is refused with one line.
 */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/indexer/support/folder.h"
#include "tests/train/support/made.h"

static void counts_balance(const kith_face_set *set) {
    assert_int_equal(set->seen, set->count - set->blends + set->failed + set->faceless + set->ignored);
}

static void everything_is_told(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", (const int[]){3, 2, 1}, 3);
    make_picture("d/p0/small.png", 128, 1);
    make_picture("d/p1/unlisted.png", KITH_CHIP_SIDE, 2);
    write_text("d/p1/broken.jpg", "no picture");
    write_text("d/p2/note.txt", "no picture, and it does not look like one");
    make_picture("d/top.png", KITH_CHIP_SIDE, 3);
    assert_int_equal(symlink("nowhere.png", "d/p2/gone.png"), 0);
    assert_int_equal(symlink("..", "d/p2/loop"), 0);
    assert_int_equal(mkfifo("d/p2/pipe.png", 0600), 0);
    told t = {{0}, {{0}}, 0};
    kith_face_set *set = open_chips("d", 0.3, &t);
    assert_int_equal(set->count, 6);
    assert_int_equal(set->person_count, 3);
    assert_int_equal(set->labels, 3);
    assert_int_equal(set->failed, 6);
    assert_int_equal(set->ignored, 2);
    assert_int_equal(set->seen, 14);
    counts_balance(set);
    assert_int_equal(t.events[KITH_SET_FAILED], 6);
    assert_int_equal(t.events[KITH_SET_IGNORED], 2);
    assert_int_equal(t.events[KITH_SET_SINGLE], 1);
    assert_int_equal(t.events[KITH_SET_UNSPLIT], 1); /* three persons make no two sides */
    assert_false(set->validates);
    assert_true(was_told(&t, "d/p0/small.png: 128 x 128 pixels"));
    assert_true(was_told(&t, "d/p1/unlisted.png: has no row in a landmarks.csv"));
    assert_true(was_told(&t, "d/p1/broken.jpg: no picture"));
    assert_true(was_told(&t, "d/p2/gone.png: is a link to a file that does not exist"));
    assert_true(was_told(&t, "d/p2/loop/d: is a folder inside of itself") ||
                was_told(&t, "d/p2/loop: is a folder inside of itself"));
    kith_face_set_close(&set);
    assert_null(set);
    leave_folder(folder);
}

static void chips_keep_pixels_and_landmarks(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", (const int[]){2, 2}, 2);
    kith_face_set *set = open_chips("d", 0, NULL);
    assert_string_equal(set->faces[3].path, "d/p1/1.png");
    assert_string_equal(set->faces[3].name, "p1/1.png");
    assert_string_equal(set->persons[set->faces[3].person].name, "p1");
    make_picture("copy.png", KITH_CHIP_SIDE, 1001);
    int fd = open("copy.png", O_RDONLY);
    assert_true(fd >= 0);
    static char bytes[200000];
    ssize_t size = read(fd, bytes, sizeof bytes);
    close(fd);
    kith_picture picture;
    kith_error err = {0};
    assert_int_equal(kith_picture_decode(&picture, bytes, (size_t)size, NULL, "copy", &err), KITH_OK);
    assert_memory_equal(set->faces[3].chip->rgb, picture.rgb, sizeof set->faces[3].chip->rgb);
    assert_true(set->faces[3].chip->landmarks[1] == 10 + (7 + 1 + 1) % 120 + 0.5F);
    kith_picture_clear(&picture);
    kith_face_set_close(&set);
    leave_folder(folder);
}

static void persons_are_on_one_side(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", (const int[]){2, 3, 1, 2, 2, 4, 2, 2, 2, 2}, 10);
    kith_face_set *set = open_chips("d", 0.3, NULL), *again = open_chips("d", 0.3, NULL);
    size_t persons = 0, faces = 0;
    assert_true(set->validates);
    for (size_t p = 0; p < set->person_count; p++) {
        persons += set->persons[p].validation;
        assert_int_equal(set->persons[p].validation, set->persons[p].label < 0);
    }
    assert_int_equal(persons, 3);
    assert_int_equal(set->labels, 7);
    for (size_t i = 0; i < set->count; i++) {
        assert_int_equal(set->faces[i].validation, set->persons[set->faces[i].person].validation);
        faces += set->faces[i].validation;
    }
    assert_int_equal(kith_face_set_side(set, true, NULL), faces);
    assert_string_equal(set->digest, again->digest);
    make_picture("d/p9/1.png", KITH_CHIP_SIDE, 5);
    kith_face_set_close(&again);
    again = open_chips("d", 0.3, NULL);
    assert_string_not_equal(set->digest, again->digest);
    kith_face_set_close(&again);
    kith_face_set_close(&set);
    leave_folder(folder);
}

static void faces_without_names_are_split_one_by_one(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", (const int[]){10, 10}, 2);
    const kith_set_source sources[] = {{"d/", false}};
    kith_set_options options = {.sources = sources,
                                .source_count = 1,
                                .kind = KITH_SET_CHIPS,
                                .validation = 0.25,
                                .seed = 4,
                                .scratch = "."};
    kith_face_set *set = NULL;
    kith_error err = {0};
    assert_int_equal(kith_face_set_open(&set, &options, &err), KITH_OK);
    assert_int_equal(set->person_count, 0);
    assert_int_equal(kith_face_set_side(set, true, NULL), 5);
    assert_string_equal(set->faces[0].name, "p0/0.png");
    assert_true(set->validates);
    kith_face_set_close(&set);
    options.validation = 0;
    assert_int_equal(kith_face_set_open(&set, &options, &err), KITH_OK);
    assert_false(set->validates);
    kith_face_set_close(&set);
    leave_folder(folder);
}

static kith_set_options with_blends(const kith_set_source *source, size_t blends) {
    return (kith_set_options){.sources = source,
                              .source_count = 1,
                              .kind = KITH_SET_CHIPS,
                              .landmarks = true,
                              .validation = 0.3,
                              .seed = 4,
                              .blends = blends,
                              .scratch = "."};
}

static const kith_set_face *face_of(const kith_face_set *set, const char *name) {
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->faces[i].name, name) == 0)
            return &set->faces[i];
    fail_msg("no face is called '%s'", name);
    return NULL;
}

/* As its name says. */
static void check_blend(const kith_face_set *set, const kith_set_face *blend) {
    char one[40], other[40];
    int number, share, rest;
    assert_int_equal(
        sscanf(blend->name, "blend %d: %d %% %39[^,], %d %% %39s", &number, &share, one, &rest, other), 5);
    const kith_set_face *a = face_of(set, one), *b = face_of(set, other);
    assert_int_equal(share + rest, 100);
    assert_in_range(share, 30, 70);
    assert_int_equal(blend->person, -1);
    assert_false(a->validation || b->validation || blend->validation);
    assert_int_not_equal(a->person, b->person);
    for (size_t i = 0; i < sizeof blend->chip->rgb; i += 97) {
        double wanted = (a->chip->rgb[i] * share + b->chip->rgb[i] * rest) / 100.0;
        assert_true(fabs(blend->chip->rgb[i] - wanted) <= 0.501);
    }
    for (int i = 0; i < 2 * KITH_LANDMARKS; i++) {
        double wanted = ((double)a->chip->landmarks[i] * share + (double)b->chip->landmarks[i] * rest) / 100;
        assert_true(fabs((double)blend->chip->landmarks[i] - wanted) < 1e-4);
    }
}

static void blends_are_averages_of_two_that_are_trained_on(void **state) {
    (void)state;
    char *folder = enter_folder();
    const kith_set_source source = {"d", true};
    kith_set_options without = with_blends(&source, 0), with = with_blends(&source, 50);
    kith_face_set *plain = NULL, *set = NULL, *again = NULL;
    kith_error err = {0};
    make_people("d", (const int[]){2, 3, 1, 2, 2, 4}, 6);
    assert_int_equal(kith_face_set_open(&plain, &without, &err), KITH_OK);
    assert_int_equal(kith_face_set_open(&set, &with, &err), KITH_OK);
    assert_int_equal(kith_face_set_open(&again, &with, &err), KITH_OK);
    assert_int_equal(set->blends, 50);
    assert_int_equal(set->count, plain->count + 50);
    counts_balance(set);
    assert_int_equal(kith_face_set_side(set, true, NULL), kith_face_set_side(plain, true, NULL));
    for (size_t i = plain->count; i < set->count; i++) {
        check_blend(set, &set->faces[i]);
        assert_string_equal(set->faces[i].name, again->faces[i].name);
    }
    assert_string_equal(set->digest, again->digest);
    assert_string_not_equal(set->digest, plain->digest);
    kith_face_set_close(&plain);
    kith_face_set_close(&set);
    kith_face_set_close(&again);
    const kith_set_source lonely = {"e", true};
    with = with_blends(&lonely, 1);
    make_people("e", (const int[]){3}, 1);
    assert_int_equal(kith_face_set_open(&set, &with, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "two persons"));
    leave_folder(folder);
}

/* Under another name, too, a file is one face: else it were learned from and validated on. */
static void a_file_that_is_there_twice_counts_once(void **state) {
    (void)state;
    char *folder = enter_folder();
    make_people("d", (const int[]){2, 2}, 2);
    assert_int_equal(mkdir("e", 0777), 0);
    assert_int_equal(symlink("../d/p0", "e/friends"), 0);
    assert_int_equal(link("d/p1/1.png", "d/p0/twin.png"), 0);
    const kith_set_source sources[] = {{"d", true}, {"e", true}, {"d/p1", false}};
    told t = {{0}, {{0}}, 0};
    const kith_set_options options = {.sources = sources,
                                      .source_count = 3,
                                      .kind = KITH_SET_CHIPS,
                                      .scratch = ".",
                                      .tell = tell_set,
                                      .context = &t};
    kith_face_set *set = NULL;
    kith_error err = {0};
    assert_int_equal(kith_face_set_open(&set, &options, &err), KITH_OK);
    assert_int_equal(set->count, 4);
    assert_int_equal(set->failed, 6); /* the twin or its other name, three of e/friends, two of d/p1 */
    counts_balance(set);
    assert_true(was_told(&t, "e/friends/0.png: is a file that was listed already"));
    assert_true(was_told(&t, "d/p1/0.png: is a file that was listed already"));
    kith_face_set_close(&set);
    leave_folder(folder);
}

static kith_status open_status(const char *folder, bool landmarks, kith_error *err) {
    const kith_set_source source = {folder, true};
    const kith_set_options options = {.sources = &source,
                                      .source_count = 1,
                                      .kind = KITH_SET_CHIPS,
                                      .landmarks = landmarks,
                                      .scratch = "."};
    kith_face_set *set = NULL;
    kith_error_clear(err);
    kith_status status = kith_face_set_open(&set, &options, err);
    if (status != KITH_OK)
        assert_null(set);
    kith_face_set_close(&set);
    return status;
}

static void what_is_wrong_as_a_whole_is_refused(void **state) {
    (void)state;
    char *folder = enter_folder();
    kith_error err;
    make_people("d", (const int[]){2, 2}, 2);
    assert_int_equal(open_status("nowhere", true, &err), KITH_E_IO);
    assert_string_equal(err.where, "nowhere");
    assert_int_equal(open_status("d/p0/0.png", true, &err), KITH_E_IO);
    mkdir("empty", 0777);
    assert_int_equal(open_status("empty", true, &err), KITH_E_REFUSED);
    write_text("empty/p.jpg", "no picture");
    assert_int_equal(open_status("empty", true, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "no face in 1 files (empty/p.jpg: no picture"));
    write_text("d/landmarks.csv", "p0/0.png,1,2\n");
    assert_int_equal(open_status("d", true, &err), KITH_E_REFUSED);
    assert_string_equal(err.where, "d/landmarks.csv");
    assert_non_null(strstr(err.text, "line 1"));
    FILE *rows = fopen("d/landmarks.csv", "w");
    for (int i = 0; i < 2; i++) {
        fprintf(rows, "p0/0.png,%d", i);
        for (int value = 1; value < 2 * KITH_LANDMARKS; value++)
            fputs(",1", rows);
        fputs("\r\n", rows);
    }
    fclose(rows);
    assert_int_equal(open_status("d", true, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "two rows of 'p0/0.png' differ"));
    assert_int_equal(open_status("d", false, &err), KITH_OK); /* nobody asks for them */
    leave_folder(folder);
}

static void a_full_disk_is_said(void **state) {
    (void)state;
    char *folder = enter_folder();
    kith_error err;
    make_people("d", (const int[]){2, 2}, 2);
    const struct rlimit little = {3 * sizeof(kith_chip) + 100, RLIM_INFINITY};
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &little);
    assert_int_equal(open_status("d", true, &err), KITH_E_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_non_null(strstr(err.text, "for the decoded faces"));
    const struct rlimit more = {20 * sizeof(kith_chip), RLIM_INFINITY};
    const kith_set_source source = {"d", true};
    const kith_set_options blends = with_blends(&source, 100);
    kith_face_set *set = NULL;
    setrlimit(RLIMIT_FSIZE, &more);
    assert_int_equal(kith_face_set_open(&set, &blends, &err), KITH_E_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    leave_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_told),
        cmocka_unit_test(chips_keep_pixels_and_landmarks),
        cmocka_unit_test(persons_are_on_one_side),
        cmocka_unit_test(faces_without_names_are_split_one_by_one),
        cmocka_unit_test(blends_are_averages_of_two_that_are_trained_on),
        cmocka_unit_test(a_file_that_is_there_twice_counts_once),
        cmocka_unit_test(what_is_wrong_as_a_whole_is_refused),
        cmocka_unit_test(a_full_disk_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
