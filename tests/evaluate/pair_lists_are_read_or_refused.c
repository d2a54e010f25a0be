/* SPDX-License-Identifier: MIT
 *
 * LFW's lists and CSV: photos, persons, folds; and what is no list is refused by its line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/evaluate/pairs.h"
#include "tests/evaluate/support/made.h"

typedef struct reading {
    kith_study study;
    kith_pair_list list;
    kith_error err;
} reading;

static kith_status read_text(reading *r, const char *text) {
    *r = (reading){.study = {.folder = "photos"}};
    return kith_pair_list_read(&r->list, &r->study, made_file("pairs", text), &r->err);
}

static void clear(reading *r) {
    kith_pair_list_clear(&r->list);
    kith_study_clear(&r->study);
}

static const char *name_of(const reading *r, uint32_t photo) {
    return r->study.names.items[photo];
}

static const char *person_of(const reading *r, uint32_t photo) {
    return r->study.persons.items[r->study.photos[photo].person];
}

static void lfw_lists_name_photos_and_folds(void **state) {
    (void)state;
    reading r;
    assert_int_equal(
        read_text(&r, "2\t1\nAnn_Lee\t1\t12\nAnn_Lee\t3\tBob\t1\nBob\t1\t2\nCy\t10001\tBob\t2\n"), KITH_OK);
    assert_int_equal(r.list.count, 4);
    assert_int_equal(r.list.folds, 2);
    assert_string_equal(name_of(&r, r.list.items[0].a), "Ann_Lee/Ann_Lee_0001.jpg");
    assert_string_equal(name_of(&r, r.list.items[0].b), "Ann_Lee/Ann_Lee_0012.jpg");
    assert_string_equal(name_of(&r, r.list.items[3].a), "Cy/Cy_10001.jpg");
    assert_true(r.list.items[0].same && !r.list.items[1].same && r.list.items[2].same &&
                !r.list.items[3].same);
    assert_int_equal(r.list.items[1].fold, 0);
    assert_int_equal(r.list.items[2].fold, 1);
    assert_int_equal(r.list.items[2].line, 4);
    assert_int_equal(r.study.persons.count, 3);
    assert_int_equal(r.study.names.count, 6); /* Bob's two photos occur twice */
    assert_string_equal(person_of(&r, r.list.items[1].a), "Ann_Lee");
    clear(&r);
}

static void one_block_is_cut_into_folds(void **state) {
    (void)state;
    reading r;
    char text[8192] = "30\n";
    for (int kind = 0; kind < 2; kind++)
        for (int i = 1; i <= 30; i++) {
            size_t end = strlen(text);
            snprintf(text + end, sizeof text - end, kind ? "A%d 1 B%d 1\n" : "A%d 1 2\n", i, i);
        }
    assert_int_equal(read_text(&r, text), KITH_OK);
    assert_int_equal(r.list.folds, 10);
    int same[10] = {0}, different[10] = {0};
    for (size_t i = 0; i < r.list.count; i++)
        (r.list.items[i].same ? same : different)[r.list.items[i].fold]++;
    for (int fold = 0; fold < 10; fold++)
        assert_true(same[fold] == 3 && different[fold] == 3);
    clear(&r);
}

static void csv_lists_connect_persons(void **state) {
    (void)state;
    reading r;
    assert_int_equal(
        read_text(&r, "\xef\xbb\xbf"
                      "a,b,same\r\nx/1.jpg,\"y, z.png\",1\n\r\n/abs/3.jpg,x/4.jpg,1\n\"y, z.png\",5.jpg,1\n"
                      "x/4.jpg,5.jpg,0\nx/1.jpg,6.jpg,0\n"),
        KITH_OK);
    assert_int_equal(r.list.count, 5);
    assert_int_equal(r.list.folds, 2); /* as few as the rarer kind */
    assert_string_equal(name_of(&r, r.list.items[0].b), "y, z.png");
    assert_int_equal(r.study.persons.count, 3);
    assert_string_equal(person_of(&r, r.list.items[2].b), "x/1.jpg"); /* 5.jpg, by way of "y, z.png" */
    assert_string_equal(person_of(&r, r.list.items[1].b), "/abs/3.jpg");
    char *path = kith_study_path(&r.study, r.list.items[1].a),
         *below = kith_study_path(&r.study, r.list.items[0].a);
    assert_string_equal(path, "/abs/3.jpg");
    assert_string_equal(below, "photos/x/1.jpg");
    free(path);
    free(below);
    clear(&r);
}

/* As many as the list's folders, although no row connects Ann's photos; unless a row or a path says
 * otherwise. */
static void folders_of_csv_lists_are_persons(void **state) {
    (void)state;
    static const struct {
        const char *rows;
        size_t persons;
    } lists[] = {
        {"Ann/1.jpg,Bob/1.jpg,0\nAnn/2.jpg,Bob/2.jpg,0\nBob/1.jpg,Bob/sub/2.jpg,1\n", 2},
        {"Ann/1.jpg,Ann/2.jpg,0\nAnn/1.jpg,Ann/3.jpg,1\n", 2},
        {"Ann/1.jpg,Bob/1.jpg,1\nAnn/2.jpg,Bob/2.jpg,0\n", 3},
        {"Ann/1.jpg,2.jpg,0\nAnn/2.jpg,Ann/3.jpg,1\n", 3},
        {"/Ann/1.jpg,/Bob/1.jpg,0\n/Ann/2.jpg,/Bob/2.jpg,0\n", 4},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        reading r;
        assert_int_equal(read_text(&r, lists[i].rows), KITH_OK);
        assert_int_equal(r.study.persons.count, lists[i].persons);
        assert_string_equal(person_of(&r, r.list.items[0].a), i == 0   ? "Ann"
                                                              : i == 4 ? "/Ann/1.jpg"
                                                                       : "Ann/1.jpg");
        clear(&r);
    }
}

static void csv_lists_may_name_folds(void **state) {
    (void)state;
    reading r;
    assert_int_equal(read_text(&r, "1,2,1,b\n1,3,0,a\n3,4,1,b\n5,6,0,c\n"), KITH_OK);
    assert_int_equal(r.list.folds, 3);
    assert_int_equal(r.list.items[0].fold, r.list.items[2].fold);
    assert_int_not_equal(r.list.items[0].fold, r.list.items[1].fold);
    clear(&r);
    assert_int_equal(read_text(&r, "1,2,1,b\n1,3,0,b\n3,4,1,b\n5,6,0,b\n"), KITH_OK);
    assert_int_equal(r.list.folds, 2); /* one fold is none */
    clear(&r);
}

static void what_is_no_list_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "has no pairs"},
        {"a,b,same\n", "has no pairs"},
        {"1,2\n", "line 1 "},
        {"1,2,yes\n", "line 1 "},
        {"1,2,1\n3,4,2\n", "line 2 "},
        {"1,2,1\n3,4,1,fold\n", "line 2 "},
        {"1,2,1\n\"3,4,1\n", "line 2 "},
        {"1,,1\n", "line 1 "},
        {"1,1,1\n", "pairs a photo with itself"},
        {"1,2,1\n2,3,1\n1,3,0\n", "line 3 calls two photos different"},
        {"1\t1\nAnn\t1\t2\n", "promises 2 pairs, and there are 1"},
        {"1\t1\nAnn\t1\t2\nAnn\t1\tBob\t1\nAnn\t1\tBob\t2\n", "promises 2 pairs, and there are 3"},
        {"1\t1\nAnn\t1\t2\nAnn\t1\tAnn\t2\n", "line 3 calls two photos different"},
        {"1\t1\nAnn\t1\n", "line 2 is neither"},
        {"1\t1\nAnn\tone\t2\n", "line 2 is neither"},
        {"1\t1\nAnn 1 Bob 2 3\n", "line 2 is neither"},
        {"99999999999999999999\n", "line 1 "},
        {"0\t300\n", "line 1 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        reading r;
        assert_int_equal(read_text(&r, cases[i].text), KITH_E_REFUSED);
        if (!strstr(r.err.text, cases[i].said))
            fail_msg("%s: %s", cases[i].text, r.err.text);
        assert_null(r.list.items);
        clear(&r);
    }
}

static void missing_lists_are_named(void **state) {
    (void)state;
    reading r = {.study = {.folder = "photos"}};
    assert_int_equal(kith_pair_list_read(&r.list, &r.study, "/no/such/list", &r.err), KITH_E_IO);
    assert_string_equal(r.err.where, "/no/such/list");
    clear(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lfw_lists_name_photos_and_folds),  cmocka_unit_test(one_block_is_cut_into_folds),
        cmocka_unit_test(csv_lists_connect_persons),        cmocka_unit_test(csv_lists_may_name_folds),
        cmocka_unit_test(folders_of_csv_lists_are_persons), cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(missing_lists_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
