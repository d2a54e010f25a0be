/* SPDX-License-Identifier: MIT
 *
 * A gallery whose test picture gave another vector than this machine's takes no faces, however often it is
 * tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/store/store.h"
#include "tests/indexer/support/folder.h"

static void canaries_must_agree(void **state) {
    (void)state;
    char *folder = enter_folder();
    kith_identity identity = {.pipeline = "0123456789abcdef", .network = "n", .detector = "d"};
    const kith_gallery_choice gallery = {.gallery = "g.kith"};
    kith_store_settings settings = {.gallery = &gallery, .identity = &identity, .text = "{}"};
    const float ours[KITH_DIMENSION] = {1}, others[KITH_DIMENSION] = {0.99F, 0.141F};
    kith_store *store;
    kith_error err = {0};
    assert_int_equal(kith_store_open(&store, &settings, &err), KITH_OK);
    assert_int_equal(kith_store_canary(store, ours, &err), KITH_OK);
    assert_int_equal(kith_store_canary(store, ours, &err), KITH_OK);
    kith_store_close(&store);
    assert_int_equal(kith_store_open(&store, &settings, &err), KITH_OK);
    for (int i = 0; i < 2; i++) {
        kith_error_clear(&err);
        assert_int_equal(kith_store_canary(store, others, &err), KITH_E_REFUSED);
    }
    kith_store_close(&store);
    leave_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canaries_must_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
