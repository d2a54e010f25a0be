/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/made.h"

static kith_status bind(kith_gallery *gallery, const kith_identity *identity, const char *expected) {
    kith_error err = {0};
    kith_status status = kith_gallery_bind(gallery, identity, &err);
    if (!strstr(err.text, expected))
        fail_msg("\"%s\" does not say \"%s\"", err.text, expected);
    return status;
}

static void a_new_gallery_takes_the_first_pipeline(void **state) {
    kith_error err = {0};
    kith_identity stored;
    (void)state;
    char *uri = made_uri();
    kith_gallery *gallery = NULL, *other = NULL;
    assert_int_equal(kith_gallery_open(&gallery, uri, KITH_GALLERY_CREATE, &err), KITH_OK);
    assert_int_equal(kith_gallery_identity(gallery, &stored, &err), KITH_OK);
    assert_string_equal(stored.pipeline, "");
    assert_int_equal(kith_gallery_open(&other, uri, KITH_GALLERY_READ, &err), KITH_OK);
    assert_int_equal(bind(other, &made_identity, ""), KITH_OK); /* nothing is there to contradict */
    assert_int_equal(bind(gallery, &made_identity, ""), KITH_OK);
    assert_int_equal(kith_gallery_identity(other, &stored, &err), KITH_OK);
    assert_string_equal(stored.pipeline, MADE_PIPELINE);
    assert_string_equal(stored.network, "mobileface");
    assert_string_equal(stored.detector, "yunet");
    assert_false(stored.has_canary);
    kith_gallery_close(&other);
    kith_gallery_close(&gallery);
    made_remove_uri(uri);
}

static void another_pipeline_is_refused_with_both_ids(void **state) {
    kith_identity other = made_identity;
    memcpy(other.pipeline, "fedcba9876543210", KITH_PIPELINE_SIZE);
    assert_int_equal(bind(*state, &other, MADE_PIPELINE), KITH_E_REFUSED);
    assert_int_equal(bind(*state, &other, "fedcba9876543210"), KITH_E_REFUSED);
    assert_int_equal(bind(*state, &made_identity, ""), KITH_OK);
}

static void a_canary_is_kept_and_compared(void **state) {
    kith_identity with = made_identity, stored;
    with.has_canary = true;
    made_vector(with.canary, 1);
    assert_int_equal(bind(*state, &with, ""), KITH_OK);
    assert_int_equal(bind(*state, &made_identity, ""), KITH_OK); /* without one: nothing to compare */
    assert_int_equal(kith_gallery_identity(*state, &stored, NULL), KITH_OK);
    assert_true(stored.has_canary);
    assert_memory_equal(stored.canary, with.canary, sizeof with.canary);
    with.canary[0] += 0.001F; /* cosine above 0.9999: another processor's rounding */
    assert_int_equal(bind(*state, &with, ""), KITH_OK);
    made_vector(with.canary, 2);
    assert_int_equal(bind(*state, &with, "test picture agrees"), KITH_E_REFUSED);
    memset(with.canary, 0xff, sizeof with.canary); /* NaN */
    assert_int_equal(bind(*state, &with, "test picture agrees"), KITH_E_REFUSED);
}

static void notes_are_kept_by_name(void **state) {
    kith_error err = {0};
    char *text;
    kith_gallery *other = made_gallery(kith_gallery_uri(*state));
    kith_gallery_note(*state, "calibration", &text, &err);
    assert_null(text);
    kith_gallery_set_note(*state, "calibration", "{\"a\": 1}", &err);
    kith_gallery_set_note(*state, "calibration", "{\"a\": 2}", &err);
    kith_gallery_set_note(*state, "else", "x", &err);
    kith_gallery_note(other, "calibration", &text, &err);
    assert_no_error(err);
    assert_string_equal(text, "{\"a\": 2}");
    free(text);
    kith_gallery_set_note(*state, "calibration", NULL, &err);
    kith_gallery_note(other, "calibration", &text, &err);
    assert_no_error(err);
    assert_null(text);
    kith_gallery_close(&other);
}

static kith_status join_note(void *context, const char *name, const char *text, kith_error *err) {
    char *all = context;
    size_t length = strlen(all);
    (void)err;
    snprintf(all + length, 200 - length, "%s=%s;", name, text);
    return strcmp(name, "stop") == 0 ? KITH_E_REFUSED : KITH_OK;
}

static void notes_are_listed(void **state) {
    kith_error err = {0};
    char all[200] = "";
    assert_int_equal(kith_gallery_notes(*state, join_note, all, &err), KITH_OK);
    assert_string_equal(all, "");
    kith_gallery_set_note(*state, "one", "1", &err);
    kith_gallery_set_note(*state, "two", "2", &err);
    kith_gallery_set_note(*state, "gone", "x", &err);
    kith_gallery_set_note(*state, "gone", NULL, &err);
    assert_int_equal(kith_gallery_notes(*state, join_note, all, &err), KITH_OK);
    assert_no_error(err);
    assert_true(strcmp(all, "one=1;two=2;") == 0 || strcmp(all, "two=2;one=1;") == 0);
    kith_gallery_set_note(*state, "one", NULL, &err);
    kith_gallery_set_note(*state, "two", NULL, &err);
    kith_gallery_set_note(*state, "stop", "", &err);
    assert_int_equal(kith_gallery_notes(*state, join_note, all, &err), KITH_E_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_gallery_takes_the_first_pipeline),
        cmocka_unit_test_setup_teardown(another_pipeline_is_refused_with_both_ids, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_canary_is_kept_and_compared, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(notes_are_kept_by_name, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(notes_are_listed, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
