/* SPDX-License-Identifier: MIT
 *
 * After a removal a search with a removed face is made, and one that finds it is an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/store/removal.h"
#include "tests/gallery/support/made.h"

static void a_face_that_is_still_found_is_an_error(void **state) {
    kith_removal removal = {0};
    kith_error err = {0};
    made_put(*state, 0, 20, NULL);
    kith_point gone = made_point(0, NULL);
    kith_filter filter = {0};
    assert_int_equal(kith_filter_text(&filter, KITH_FIELD_ID, KITH_EQUAL, gone.id, &err), KITH_OK);
    assert_int_equal(kith_removal_remove(&removal, *state, &filter, &err), KITH_OK);
    assert_int_equal(removal.faces, 1);
    assert_string_equal(removal.id, gone.id);
    assert_int_equal(kith_removal_search(&removal, *state, &err), KITH_OK);
    made_put(*state, 0, 1, NULL);
    assert_int_equal(kith_removal_search(&removal, *state, &err), KITH_E_REFUSED);
    kith_point_clear(&gone);
}

static void nothing_removed_is_nothing_to_search(void **state) {
    kith_removal removal = {0};
    kith_error err = {0};
    assert_int_equal(kith_removal_remove(&removal, *state, NULL, &err), KITH_OK);
    assert_int_equal(removal.faces, 0);
    made_put(*state, 0, 1, NULL);
    assert_int_equal(kith_removal_search(&removal, *state, &err), KITH_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_face_that_is_still_found_is_an_error, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(nothing_removed_is_nothing_to_search, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
