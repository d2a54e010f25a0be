/* SPDX-License-Identifier: MIT
 *
 * The ledger of a gallery on a server lies in the state folder and is found again by everybody who means the
 * same collection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/ledger.h"
#include "tests/gallery/support/made.h"
#include "tests/qdrant/support/fake.h"

/* Whether the ledger of a URI knows /a.jpg; it does afterwards. */
static bool knows(const char *uri) {
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    kith_record found, record = {.path = "/a.jpg", .pipeline = MADE_PIPELINE, .outcome = KITH_NO_FACE};
    bool is = false;
    kith_gallery *gallery = made_gallery(uri);
    kith_run_id(record.run);
    kith_ledger_open(&ledger, gallery, NULL, &err);
    assert_string_equal(err.text, "");
    kith_ledger_find(ledger, record.path, &found, &is, &err);
    kith_ledger_put(ledger, &record, 1, &err);
    assert_string_equal(err.text, "");
    kith_ledger_close(&ledger);
    kith_gallery_close(&gallery);
    return is;
}

static void each_collection_has_its_own(void **state) {
    fake server = {0};
    char other[128];
    (void)state;
    setenv("XDG_STATE_HOME", fake_folder(), 1);
    fake_start(&server, NULL);
    snprintf(other, sizeof other, "qdrant+%s/other", server.origin);
    assert_false(knows(server.uri));
    assert_true(knows(server.uri));
    assert_false(knows(other));
    assert_true(knows(other));
    fake_stop(&server);
}

/* And an alias has that of the collection that it means at the moment. */
static void an_alias_has_that_of_its_collection(void **state) {
    fake server = {0};
    kith_error err = {0};
    char alias[128], other[128];
    (void)state;
    setenv("XDG_STATE_HOME", fake_folder(), 1);
    fake_start(&server, NULL);
    snprintf(alias, sizeof alias, "qdrant+%s/mine", server.origin);
    snprintf(other, sizeof other, "qdrant+%s/other", server.origin);
    assert_false(knows(server.uri));
    kith_gallery *from = made_gallery(server.uri), *to = made_gallery(other);
    assert_false(kith_gallery_is_alias(from));
    fake_alias(&server, "mine", "faces");
    assert_true(knows(alias));
    kith_gallery *mine = made_gallery(alias);
    assert_true(kith_gallery_is_alias(mine));
    assert_int_equal(kith_gallery_check_place(mine, &err), KITH_OK);
    assert_int_equal(kith_gallery_check_place(from, &err), KITH_OK);
    assert_int_equal(kith_gallery_switch(mine, to, &err), KITH_OK);
    assert_string_equal(err.text, "");
    /* What is open stays with the collection that was meant, and can tell that it is no longer. */
    made_put(mine, 0, 5, NULL);
    assert_int_equal(made_count(mine, NULL), 5);
    assert_int_equal(fake_points(&server, "faces"), 5);
    assert_int_equal(fake_points(&server, "other"), 0);
    assert_int_equal(kith_gallery_check_place(mine, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "all this was of faces (run the same command again)"));
    assert_false(knows(alias));
    assert_true(knows(other));
    kith_gallery_close(&mine);
    kith_gallery_close(&from);
    kith_gallery_close(&to);
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

/* Whatever the server is called: one that writes its address in another way, one that has another name for
 * it, and one that makes the collection again, at the same address.
 */
static void one_gallery_has_one_ledger(void **state) {
    fake server = {0};
    char other[128];
    (void)state;
    setenv("XDG_STATE_HOME", fake_folder(), 1);
    fake_start(&server, NULL);
    assert_false(knows(server.uri));
    snprintf(other, sizeof other, "QDRANT+HTTP://127.0.0.1:%d/faces/", server.port);
    assert_true(knows(other));
    snprintf(other, sizeof other, "qdrant+http://LocalHost:%d/faces", server.port);
    assert_true(knows(other));
    snprintf(other, sizeof other, "qdrant+http://127.1:%d/faces", server.port);
    assert_true(knows(other));
    fake_collection(&server, "faces", "{'vectors': {'size': 256, 'distance': 'Cosine'}}");
    assert_true(knows(server.uri)); /* so that verify finds what is missing */
    assert_true(knows(other));
    fake_assert_no_violations(&server);
    fake_stop(&server);
}

/* Recovered from a snapshot of the other, it says of itself what that one says. */
static void a_copy_has_its_own(void **state) {
    static const char config[] =
        "{'vectors': {'size': 256, 'distance': 'Cosine'}, 'metadata': {'kith_format': 1, "
        "'kith_gallery': '00000000-0000-4000-8000-000000000001'}}";
    fake server = {0};
    char other[128];
    (void)state;
    setenv("XDG_STATE_HOME", fake_folder(), 1);
    fake_start(&server, NULL);
    fake_collection(&server, "faces", config);
    fake_collection(&server, "copy", config);
    snprintf(other, sizeof other, "qdrant+%s/copy", server.origin);
    assert_false(knows(server.uri));
    assert_false(knows(other));
    fake_stop(&server);
}

/* What is no ledger, or a damaged one, is somebody else's matter; what cannot be read may be the one that is
 * meant: it is told, and no second one begins.
 */
static void a_ledger_that_cannot_be_read_is_told(void **state) {
    fake server = {0};
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    char path[512];
    (void)state;
    setenv("XDG_STATE_HOME", fake_folder(), 1);
    fake_start(&server, NULL);
    assert_false(knows(server.uri));
    snprintf(path, sizeof path, "%s/kith/0.ledger", getenv("XDG_STATE_HOME"));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("no database, whatever its name says", file);
    assert_int_equal(fclose(file), 0);
    assert_true(knows(server.uri));
    char other[128];
    snprintf(other, sizeof other, "qdrant+%s/other", server.origin);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0777), 0);
    kith_gallery *gallery = made_gallery(other);
    assert_int_equal(kith_ledger_open(&ledger, gallery, NULL, &err), KITH_E_IO);
    assert_null(ledger);
    assert_string_equal(err.where, path);
    kith_gallery_close(&gallery);
    assert_int_equal(rmdir(path), 0);
    assert_false(knows(other));
    fake_stop(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_collection_has_its_own), cmocka_unit_test(an_alias_has_that_of_its_collection),
        cmocka_unit_test(one_gallery_has_one_ledger), cmocka_unit_test(a_copy_has_its_own),
        cmocka_unit_test(a_ledger_that_cannot_be_read_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
