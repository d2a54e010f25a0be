/* SPDX-License-Identifier: MIT
 *
 * Points that are damaged, or of somebody else: whatever reads one of them says so, and what to do; a walk
 * that looks for them finds all of them and every good point; discarding them leaves the good ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gallery/support/damage.h"

enum { FACES = 7, FOREIGN = 600 /* more than any page has */ };

struct found {
    char good[FACES][KITH_ID_SIZE];
    size_t good_count;
    char *names[FACES + FOREIGN];
    size_t name_count;
    size_t still_named; /* of the damaged ones, Ann */
};

static kith_status take_good(void *context, const kith_point *point, const float *vector, kith_error *err) {
    struct found *found = context;
    (void)err;
    assert_non_null(vector);
    assert_true(found->good_count < FACES);
    snprintf(found->good[found->good_count++], KITH_ID_SIZE, "%s", point->id);
    return KITH_OK;
}

static kith_status take_damaged(void *context, const kith_damage *damage, kith_error *err) {
    struct found *found = context;
    (void)err;
    assert_true(found->name_count < FACES + FOREIGN);
    assert_true(damage->why[0] != 0);
    if (found->name_count < FACES)
        print_message("%s: %s\n", damage->name, damage->why);
    found->still_named += damage->person && strcmp(damage->person, "Ann") == 0;
    assert_non_null(found->names[found->name_count++] = strdup(damage->name));
    return KITH_OK;
}

static void clear(struct found *found) {
    for (size_t i = 0; i < found->name_count; i++)
        free(found->names[i]);
    *found = (struct found){0};
}

static void inspect(kith_gallery *gallery, struct found *found) {
    kith_error err = {0};
    *found = (struct found){0};
    kith_gallery_inspect(gallery, take_good, take_damaged, found, &err);
    assert_no_error(err);
}

static kith_status pass(void *context, const kith_point *point, const float *vector, kith_error *err) {
    (void)context;
    (void)point;
    (void)vector;
    (void)err;
    return KITH_OK;
}

/* Reading all faces is refused, by a text that says how to be rid of the damaged one. */
static void assert_refused(kith_gallery *gallery) {
    kith_error err = {0};
    assert_int_equal(kith_gallery_each(gallery, NULL, true, pass, NULL, &err), KITH_E_REFUSED);
    print_message("%s\n", err.text);
    assert_non_null(strstr(err.text, "damaged"));
    assert_non_null(strstr(err.text, "(kith-index verify lists what is damaged, --repair removes it)"));
}

static void each_kind_is_told(void **state) {
    kith_gallery *gallery = *state;
    struct found found;
    made_put(gallery, 0, FACES, "Ann");
    inspect(gallery, &found);
    assert_int_equal(found.good_count, FACES);
    assert_int_equal(found.name_count, 0);
    for (int what = 0; what < DAMAGES; what++)
        damage_point(gallery, (unsigned)what, (damage_kind)what);
    assert_refused(gallery);
    inspect(gallery, &found);
    assert_int_equal(found.good_count, FACES - DAMAGES);
    assert_int_equal(found.name_count, DAMAGES);
    assert_int_equal(found.still_named, DAMAGES);
    for (int what = 0; what < DAMAGES; what++) {
        kith_point point = made_point((unsigned)what, NULL);
        size_t at = 0;
        while (at < found.name_count && strcmp(found.names[at], point.id) != 0)
            at++;
        assert_true(at < found.name_count);
        kith_point_clear(&point);
    }
    clear(&found);
}

static void discarding_leaves_the_good_ones(void **state) {
    kith_gallery *gallery = *state;
    kith_error err = {0};
    struct found found;
    made_put(gallery, 0, FACES, "Ann");
    damage_add_foreign(gallery, FOREIGN);
    assert_refused(gallery);
    inspect(gallery, &found);
    assert_int_equal(found.good_count, FACES);
    assert_int_equal(found.name_count, FOREIGN);
    kith_gallery_discard(gallery, (const char *const *)found.names, found.name_count, &err);
    assert_no_error(err);
    kith_gallery_discard(gallery, (const char *const *)found.names, 1, &err); /* it is gone already */
    assert_no_error(err);
    clear(&found);
    inspect(gallery, &found);
    assert_int_equal(found.good_count, FACES);
    assert_int_equal(found.name_count, 0);
    assert_int_equal(made_count(gallery, NULL), FACES);
    made_list all = made_each(gallery, NULL);
    assert_int_equal(all.count, FACES);
    made_list_clear(&all);
}

/* Searches do not pass over a damaged face, which could be the one that is looked for. */
static void searches_are_refused(void **state) {
    kith_gallery *gallery = *state;
    kith_error err = {0};
    kith_hits hits;
    float probe[KITH_DIMENSION] = {1};
    made_put(gallery, 0, FACES, "Ann");
    damage_add_foreign(gallery, 1);
    for (int all = 0; all < 2; all++) {
        kith_error_clear(&err);
        assert_int_equal(kith_gallery_search(gallery, probe, NULL, all ? 0 : 3, &hits, &err), KITH_E_REFUSED);
        assert_int_equal(hits.count, 0);
        assert_non_null(strstr(err.text, "kith-index verify lists what is damaged"));
    }
}

static void a_read_only_handle_discards_nothing(void **state) {
    const char *name = "00000000-0000-4000-8000-000000000001";
    kith_error err = {0};
    kith_gallery *reader = NULL;
    kith_gallery_open(&reader, kith_gallery_uri(*state), KITH_GALLERY_READ, &err);
    assert_no_error(err);
    assert_int_equal(kith_gallery_discard(reader, &name, 1, &err), KITH_E_IO);
    kith_gallery_close(&reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_is_told, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(discarding_leaves_the_good_ones, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(searches_are_refused, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_read_only_handle_discards_nothing, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
