/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

static int open_one(void **state) {
    char *uri = made_uri();
    *state = made_gallery(uri);
    free(uri);
    return 0;
}

static int close_one(void **state) {
    kith_gallery *gallery = *state;
    char *uri = strdup(kith_gallery_uri(gallery));
    kith_gallery_close(&gallery);
    made_remove_uri(uri);
    return 0;
}

static uint64_t count(kith_gallery *gallery, const kith_filter *filter) {
    kith_error err = {0};
    uint64_t number = 0;
    kith_gallery_count(gallery, filter, &number, &err);
    assert_string_equal(err.text, "");
    return number;
}

static void a_search_finds_the_point_itself_first(void **state) {
    kith_error err = {0};
    float probe[KITH_DIMENSION];
    kith_hits hits;
    made_put(*state, 0, 700, NULL);
    made_put(*state, 700, 5, "Ann");
    assert_int_equal(count(*state, NULL), 705);
    made_vector(probe, 345);
    for (int again = 0; again < 4; again++) {
        assert_int_equal(kith_gallery_search(*state, probe, NULL, 10, &hits, &err), KITH_OK);
        assert_int_equal(hits.count, 10);
        assert_string_equal(hits.items[0].point.paths[0], "/photos/345.jpg");
        assert_true(hits.items[0].score > 0.9999F);
        kith_hits_clear(&hits);
        assert_int_equal(kith_gallery_search_persons(*state, probe, NULL, 3, 2, &hits, &err), KITH_OK);
        assert_int_equal(hits.count, 2);
        assert_string_equal(hits.items[0].point.person, "Ann");
        kith_hits_clear(&hits);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_search_finds_the_point_itself_first, open_one, close_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
