/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query/threshold.h"
#include "tests/gallery/support/made.h"

#define assert_close(a, b) assert_true(fabs((a) - (b)) < 1e-9)

enum { NO_THRESHOLD = -2 };

#define GOOD                                                                                                 \
    "{\"data\":\"half A\",\"pairs\":1000,\"fmr\":[0.1,0.01,0.0001],\"threshold\":[0.2,0.3,0.45],"            \
    "\"supported\":0.001,\"margin\":0.07}"

static const kith_gallery_calibration own = {
    .tables = {{.count = 3, .rate = {0.1, 0.01, 0.001}, .threshold = {0.4, 0.5, 0.6}, .supported = 0.01},
               {.count = 2, .rate = {0.1, 0.001}, .threshold = {0.3, 0.5}, .supported = 0.001}},
    .margins = {0.08, 0.06},
    .faces = 210,
    .persons = 21,
    .compared = 200,
    .made = "2026-11-26T05:00:00Z",
};

static kith_certainty certainty(double given, const char *calibration, kith_gallery *gallery) {
    kith_certainty out;
    kith_error err = {0};
    assert_int_equal(kith_certainty_open(&out, given, 0.01, "mobileface", calibration, gallery, &err),
                     KITH_OK);
    assert_no_error(err);
    return out;
}

static kith_certainty calibrated(kith_gallery *gallery) {
    kith_error err = {0};
    assert_int_equal(kith_gallery_calibration_store(gallery, &own, &err), KITH_OK);
    return certainty(NO_THRESHOLD, GOOD, gallery);
}

static void a_threshold_says_where_it_came_from(void **state) {
    (void)state;
    kith_certainty c = certainty(NO_THRESHOLD, GOOD, NULL);
    kith_threshold t;
    kith_certainty_at(&t, &c, 1);
    assert_close(t.value, 0.3);
    assert_close(t.margin, 0.07);
    assert_false(t.extrapolated);
    assert_string_equal(t.source, "calibration of mobileface");
    double one = t.value;
    kith_certainty_at(&t, &c, 1000);
    assert_true(t.value > one && t.extrapolated && t.named == 1000);
    assert_close(t.fmr, kith_rate_of_one(0.01, 1000));
    char words[256];
    kith_threshold_words(words, sizeof words, &t);
    assert_non_null(strstr(words, "1 in 100 "));
    assert_non_null(strstr(words, "1000 faces"));
    assert_non_null(strstr(words, "beyond"));
}

static void a_given_threshold_is_taken_as_it_is(void **state) {
    kith_threshold t;
    kith_certainty c = calibrated(*state);
    c = certainty(0.42, GOOD, NULL);
    kith_certainty_at(&t, &c, 7);
    assert_close(t.value, 0.42);
    assert_close(t.margin, 0.07);
    c = certainty(0.42, GOOD, *state);
    kith_certainty_at(&t, &c, 7);
    assert_close(t.value, 0.42);
    assert_close(t.margin, 0.08);
    c = certainty(-1, NULL, NULL);
    kith_certainty_at(&t, &c, 7);
    assert_close(t.value, -1);
    assert_close(t.margin, KITH_MARGIN);
    assert_close(t.fpir, 0);
    assert_int_equal(t.named, 7);
    assert_string_equal(t.source, "given");
}

static void the_gallerys_own_comes_first(void **state) {
    kith_certainty c = calibrated(*state);
    kith_threshold t;
    kith_certainty_at(&t, &c, 200);
    assert_close(t.value, 0.5);
    assert_close(t.margin, 0.08);
    assert_close(t.fmr, 0);
    assert_false(t.extrapolated);
    assert_string_equal(t.source, "the gallery's calibration of 2026-11-26");
    c.scoring = KITH_SCORE_MEAN3;
    kith_certainty_at(&t, &c, 200);
    assert_close(t.value, 0.4);
    assert_close(t.margin, 0.06);
}

static void a_gallery_that_grew_shares_the_chance(void **state) {
    kith_certainty c = calibrated(*state);
    kith_threshold t;
    bool beyond;
    kith_certainty_at(&t, &c, 400);
    assert_close(t.value, kith_rate_table_threshold(&own.tables[0], 1 - sqrt(0.99), &beyond));
    assert_true(t.value > 0.5 && t.extrapolated);
    kith_certainty_at(&t, &c, 20); /* a filter leaves few: no lower than in the whole gallery */
    assert_close(t.value, 0.5);
}

static void a_network_without_a_table_is_enough_in_a_calibrated_gallery(void **state) {
    kith_threshold t;
    kith_error err = {0};
    assert_int_equal(kith_gallery_calibration_store(*state, &own, &err), KITH_OK);
    kith_certainty c = certainty(NO_THRESHOLD, NULL, *state);
    kith_certainty_at(&t, &c, 200);
    assert_close(t.value, 0.5);
}

static void without_table_and_threshold_it_is_refused(void **state) {
    kith_certainty c;
    kith_error err = {0};
    assert_int_equal(kith_certainty_open(&c, NO_THRESHOLD, 0.01, "siamese", NULL, *state, &err),
                     KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "--threshold"));
    kith_error_clear(&err);
    assert_int_equal(kith_certainty_open(&c, 0.4, 0.01, "siamese", "{}", NULL, &err), KITH_E_REFUSED);
    kith_error_clear(&err);
    assert_int_equal(kith_gallery_set_note(*state, "calibration", "{}", &err), KITH_OK);
    assert_int_equal(kith_certainty_open(&c, 0.4, 0.01, "siamese", GOOD, *state, &err), KITH_E_REFUSED);
}

/* ---- in words ---- */

typedef struct gathered {
    char text[8192];
    size_t used;
} gathered;

static void gather(void *context, const char *sentence) {
    gathered *all = context;
    all->used += (size_t)snprintf(all->text + all->used, sizeof all->text - all->used, "%s\n", sentence);
    assert_true(all->used < sizeof all->text);
}

static char *explained(gathered *all, const kith_certainty *c, uint64_t named) {
    kith_threshold t;
    *all = (gathered){.used = 0};
    kith_certainty_at(&t, c, named);
    kith_certainty_explain(c, &t, gather, all);
    return all->text;
}

static void every_way_is_explained(void **state) {
    gathered all;
    kith_certainty c = certainty(NO_THRESHOLD, GOOD, NULL);
    explained(&all, &c, 1000);
    assert_non_null(strstr(all.text, "1 in 100 strangers is taken for one of 1000 faces"));
    assert_non_null(strstr(all.text, "1 in 99500 comparisons"));
    assert_non_null(strstr(all.text, "1000 pairs (half A)"));
    assert_non_null(strstr(all.text, "only down to 1 in 1000)"));
    assert_non_null(strstr(all.text, "kith-index calibrate"));
    assert_null(strstr(explained(&all, &c, 1), "kith-index calibrate"));
    assert_null(strstr(all.text, "only down to"));
    c = calibrated(*state);
    explained(&all, &c, 1000);
    assert_non_null(strstr(all.text, "in this gallery on 2026-11-26: each of 210 faces of 21 persons"));
    assert_non_null(strstr(all.text, "There are 1000 faces now"));
    assert_non_null(strstr(all.text, "down to 1 in 100)"));
    assert_null(strstr(explained(&all, &c, 200), "now"));
    c.scoring = KITH_SCORE_MEAN3;
    assert_non_null(strstr(explained(&all, &c, 200), "mean of three"));
    c = certainty(0.4, GOOD, *state);
    assert_non_null(strstr(explained(&all, &c, 200), "as given"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threshold_says_where_it_came_from),
        cmocka_unit_test_setup_teardown(a_given_threshold_is_taken_as_it_is, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(the_gallerys_own_comes_first, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_gallery_that_grew_shares_the_chance, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_network_without_a_table_is_enough_in_a_calibrated_gallery,
                                        made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(without_table_and_threshold_it_is_refused, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(every_way_is_explained, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
