/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/digest.h"
#include "proto/ledger.h"
#include "tests/gallery/support/made.h"

#define RUN "00000000-0000-4000-8000-000000000001"

/* All bytes on disk: the file and what SQLite keeps beside it. */
struct disk {
    char *bytes;
    size_t size;
};

static void append_file(struct disk *disk, const char *path, const char *suffix) {
    char name[256];
    struct stat info;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    assert_int_equal(fstat(fd, &info), 0);
    disk->bytes = realloc(disk->bytes, disk->size + (size_t)info.st_size + 1);
    assert_non_null(disk->bytes);
    assert_int_equal(read(fd, disk->bytes + disk->size, (size_t)info.st_size), info.st_size);
    disk->size += (size_t)info.st_size;
    close(fd);
}

static struct disk read_disk(kith_gallery *gallery) {
    struct disk disk = {0};
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        append_file(&disk, kith_gallery_uri(gallery), suffixes[i]);
    return disk;
}

static bool has(const struct disk *disk, const void *bytes, size_t size) {
    return memmem(disk->bytes, disk->size, bytes, size) != NULL;
}

/* How many of the things that could tell of one made-up face are there, each in the form in which it is
 * stored: both ends of the vector, digest, id, path.
 */
static int traces(const struct disk *disk, unsigned number) {
    float vector[KITH_DIMENSION];
    unsigned char digest[32], id[16];
    kith_point point = made_point(number, NULL);
    made_vector(vector, number);
    kith_hex_bytes(digest, sizeof digest, point.sha256);
    kith_id_bytes(id, point.id);
    int found = has(disk, vector, 64) + has(disk, vector + KITH_DIMENSION - 8, 32) +
                has(disk, digest, sizeof digest) + has(disk, id, sizeof id) +
                has(disk, point.paths[0], strlen(point.paths[0]));
    kith_point_clear(&point);
    return found;
}

enum { ALL_TRACES = 5 };

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

static const char ann[] = "Ann Who Leaves", bob[] = "Bob Who Stays";

/* So many that pages were split and joined, which may leave copies of rows behind. */
static void nothing_of_a_person_is_left(void **state) {
    enum { FACES = 3000, EACH = 10 };
    kith_error err = {0};
    kith_ledger *ledger = NULL;
    kith_ledger_open(&ledger, *state, NULL, &err);
    kith_ledger_begin_run(ledger, RUN, "{\"person\":\"Ann Who Leaves\",\"jobs\":2,\"path\":[\"/photos\"]}",
                          &err);
    for (unsigned i = 0; i < FACES; i += EACH)
        made_put(*state, i, EACH, i / EACH % 3 ? bob : ann);
    for (unsigned i = 0; i < FACES; i += 7)
        record(ledger, i, i / EACH % 3 ? bob : ann, NULL);
    record(ledger, FACES, ann, "the same bytes as /photos/0.jpg, which is of Ann Who Leaves");
    assert_no_error(err);
    struct disk before = read_disk(*state);
    assert_int_equal(traces(&before, 0), ALL_TRACES); /* the search itself works */
    assert_true(has(&before, ann, strlen(ann)));
    forget(*state, KITH_FIELD_PERSON, ann);
    struct disk after = read_disk(*state);
    for (unsigned i = 0; i < FACES; i += 3)
        assert_int_equal(traces(&after, i), i / EACH % 3 ? ALL_TRACES : 0);
    assert_false(has(&after, ann, strlen(ann)));
    assert_true(has(&after, bob, strlen(bob)));
    assert_true(has(&after, "\"jobs\":2", 8)); /* numbers name nobody */
    assert_int_equal(made_count(*state, NULL), FACES / 3 * 2);
    assert_in_range(after.size, 1, FACES / 3 * 2 * 1700); /* and the file is compact */
    free(before.bytes);
    free(after.bytes);
    kith_ledger_close(&ledger);
}

static void nothing_of_a_photo_is_left_and_the_name_stays(void **state) {
    made_put(*state, 0, 20, bob);
    forget(*state, KITH_FIELD_PATH, "/photos/11.jpg");
    struct disk disk = read_disk(*state);
    assert_int_equal(traces(&disk, 11), 0);
    assert_int_equal(traces(&disk, 12), ALL_TRACES);
    assert_true(has(&disk, bob, strlen(bob)));
    free(disk.bytes);
}

static void replaced_and_renamed_things_go_as_well(void **state) {
    kith_error err = {0};
    float vector[KITH_DIMENSION];
    made_put(*state, 0, 50, ann);
    kith_point point = made_point(7, ann);
    kith_point_add_path(&point, "/newplace/7.jpg", &err);
    kith_point_drop_path(&point, "/photos/7.jpg");
    made_vector(vector, 1007);
    kith_gallery_put(*state, &point, vector, 1, &err);
    kith_gallery_name(*state, NULL, bob, NULL, &err);
    kith_gallery_purge(*state, &err);
    assert_no_error(err);
    struct disk disk = read_disk(*state);
    made_vector(vector, 7);
    assert_false(has(&disk, vector, 64));
    assert_false(has(&disk, "/photos/7.jpg", 13));
    assert_false(has(&disk, ann, strlen(ann)));
    assert_true(has(&disk, bob, strlen(bob)));
    free(disk.bytes);
    kith_point_clear(&point);
}

static void forgetting_all_leaves_an_empty_gallery(void **state) {
    kith_error err = {0};
    kith_identity stored;
    made_put(*state, 0, 100, ann);
    kith_gallery_remove(*state, NULL, NULL, &err);
    kith_gallery_purge(*state, &err);
    kith_gallery_identity(*state, &stored, &err);
    assert_no_error(err);
    struct disk disk = read_disk(*state);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(traces(&disk, i), 0);
    assert_false(has(&disk, ann, strlen(ann)));
    assert_string_equal(stored.pipeline, MADE_PIPELINE);
    free(disk.bytes);
}

/* As on a full disk: VACUUM needs room for a second file. */
static void a_purge_without_room_says_what_is_done_and_what_not(void **state) {
    kith_error err = {0};
    kith_filter filter = {0};
    struct rlimit limit, low;
    made_put(*state, 0, 1000, ann);
    kith_filter_text(&filter, KITH_FIELD_PATH, KITH_EQUAL, "/photos/11.jpg", &err);
    kith_gallery_remove(*state, &filter, NULL, &err);
    assert_no_error(err);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    low = limit;
    low.rlim_cur = 300 * 1024; /* enough for the ledger's share */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    assert_int_equal(kith_gallery_purge(*state, &err), KITH_E_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_non_null(strstr(err.text, "removed, but the file is not rewritten, so bytes of it may be left: "));
    kith_error_clear(&err);
    assert_int_equal(made_count(*state, NULL), 999);
    kith_gallery_purge(*state, &err);
    assert_no_error(err);
    struct disk disk = read_disk(*state);
    assert_int_equal(traces(&disk, 11), 0);
    free(disk.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_of_a_person_is_left, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(nothing_of_a_photo_is_left_and_the_name_stays, made_setup,
                                        made_teardown),
        cmocka_unit_test_setup_teardown(replaced_and_renamed_things_go_as_well, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(forgetting_all_leaves_an_empty_gallery, made_setup, made_teardown),
        cmocka_unit_test_setup_teardown(a_purge_without_room_says_what_is_done_and_what_not, made_setup,
                                        made_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
