/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/digest.h"
#include "proto/ledger.h"
#include "tests/gallery/support/made.h"

#define RUN "00000000-0000-4000-8000-000000000001"

/* How often some bytes occur in a file; -1: there is no such file. */
static int occurrences(const char *path, const char *suffix, const void *bytes, size_t size) {
    char name[256];
    struct stat info;
    int found = 0;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    assert_int_equal(fstat(fd, &info), 0);
    char *content = malloc((size_t)info.st_size + 1), *from = content;
    assert_true(content && read(fd, content, (size_t)info.st_size) == info.st_size);
    char *end = content + info.st_size;
    for (; (from = memmem(from, (size_t)(end - from), bytes, size)); from++)
        found++;
    free(content);
    close(fd);
    return found;
}

/* In the file and in what SQLite keeps beside it. */
static int left(const char *path, const void *bytes, size_t size) {
    int sum = 0;
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        int found = occurrences(path, suffixes[i], bytes, size);
        sum += found > 0 ? found : 0;
    }
    return sum;
}

/* Everything that could tell of one made-up face, in all the forms in which it is stored. */
static int traces(const char *path, unsigned number, const char *person) {
    float vector[KITH_DIMENSION];
    unsigned char digest[32], id[16];
    kith_point point = made_point(number, person);
    made_vector(vector, number);
    kith_hex_bytes(digest, sizeof digest, point.sha256);
    kith_id_bytes(id, point.id);
    int found = left(path, vector, 64) + left(path, vector + KITH_DIMENSION - 8, 32) +
                left(path, digest, sizeof digest) + left(path, id, sizeof id) +
                left(path, point.paths[0], strlen(point.paths[0])) +
                (person ? left(path, person, strlen(person)) : 0);
    kith_point_clear(&point);
    return found;
}

static void record(kith_ledger *ledger, unsigned number, const char *person, const char *reason) {
    kith_error err = {0};
    kith_point point = made_point(number, person);
    kith_record record = {.path = point.paths[0],
                          .size = 1,
                          .pipeline = MADE_PIPELINE,
                          .outcome = reason ? KITH_FAILED : KITH_INDEXED,
                          .faces = !reason,
                          .person = person,
                          .reason = reason,
                          .run = RUN};
    memcpy(record.sha256, point.sha256, sizeof record.sha256);
    kith_ledger_put(ledger, &record, 1, &err);
    assert_no_error(err);
    kith_point_clear(&point);
}

static void forget(kith_gallery *gallery, kith_field field, const char *text) {
    kith_error err = {0};
    kith_filter filter = {0};
    kith_filter_text(&filter, field, KITH_EQUAL, text, &err);
    kith_gallery_remove(gallery, &filter, NULL, &err);
    kith_gallery_purge(gallery, &err);
    assert_no_error(err);
}

static void nothing_of_a_person_is_left(void **state) {
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    const char *path = kith_gallery_uri(*state);
    kith_ledger_open(&ledger, *state, NULL, &err);
    kith_ledger_begin_run(ledger, RUN, "{\"person\":\"Ann Who Leaves\",\"jobs\":2,\"path\":[\"/photos\"]}",
                          &err);
    for (unsigned i = 0; i < 300; i++) {
        const char *person = i % 3 ? "Bob Who Stays" : "Ann Who Leaves";
        made_put(*state, i, 1, person);
        record(ledger, i, person, NULL);
    }
    record(ledger, 900, "Ann Who Leaves", "the same bytes as /photos/0.jpg, which is of Ann Who Leaves");
    assert_no_error(err);
    assert_true(traces(path, 0, "Ann Who Leaves") >= 6); /* the search itself works */
    forget(*state, KITH_FIELD_PERSON, "Ann Who Leaves");
    for (unsigned i = 0; i < 300; i += 3)
        assert_int_equal(traces(path, i, "Ann Who Leaves"), 0);
    for (unsigned i = 1; i < 300; i += 3)
        assert_true(traces(path, i, "Bob Who Stays") >= 6);
    assert_int_equal(made_count(*state, NULL), 200);
    assert_true(left(path, "\"jobs\":2", 8) > 0); /* numbers name nobody */
    kith_ledger_close(&ledger);
}

static void nothing_of_a_photo_is_left_and_the_name_stays(void **state) {
    const char *path = kith_gallery_uri(*state);
    made_put(*state, 0, 20, "Ann");
    forget(*state, KITH_FIELD_PATH, "/photos/11.jpg");
    assert_int_equal(traces(path, 11, NULL), 0);
    assert_true(left(path, "Ann", 3) > 0);
    assert_true(traces(path, 12, NULL) >= 5);
}

static void replaced_and_renamed_things_go_as_well(void **state) {
    kith_error err = {0};
    const char *path = kith_gallery_uri(*state);
    float vector[KITH_DIMENSION];
    kith_filter everybody = {0};
    made_put(*state, 0, 50, "Ann Of Old");
    kith_point point = made_point(7, "Ann Of Old");
    kith_point_add_path(&point, "/newplace/7.jpg", &err);
    kith_point_drop_path(&point, "/photos/7.jpg");
    made_vector(vector, 1007);
    kith_gallery_put(*state, &point, vector, 1, &err);
    kith_gallery_name(*state, &everybody, "Ann Of New", NULL, &err);
    kith_gallery_purge(*state, &err);
    assert_no_error(err);
    made_vector(vector, 7);
    assert_int_equal(left(path, vector, 64), 0);
    assert_int_equal(left(path, "/photos/7.jpg", 13), 0);
    assert_int_equal(left(path, "Ann Of Old", 10), 0);
    assert_true(left(path, "Ann Of New", 10) > 0);
    kith_point_clear(&point);
}

static void forgetting_all_leaves_an_empty_file(void **state) {
    kith_error err = {0};
    const char *path = kith_gallery_uri(*state);
    made_put(*state, 0, 100, "Ann");
    kith_gallery_remove(*state, NULL, NULL, &err);
    kith_gallery_purge(*state, &err);
    assert_no_error(err);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(traces(path, i, "Ann"), 0);
    kith_identity stored;
    assert_int_equal(kith_gallery_identity(*state, &stored, NULL), KITH_OK);
    assert_string_equal(stored.pipeline, MADE_PIPELINE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_of_a_person_is_left, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(nothing_of_a_photo_is_left_and_the_name_stays, made_setup,
                                        made_teardown),
        cmocka_unit_test_setup_teardown(replaced_and_renamed_things_go_as_well, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(forgetting_all_leaves_an_empty_file, made_setup, made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
