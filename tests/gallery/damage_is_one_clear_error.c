/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/ledger.h"
#include "tests/gallery/support/made.h"

static kith_status ignore_record(void *context, const kith_record *record, kith_error *err) {
    (void)context;
    (void)record;
    (void)err;
    return KITH_OK;
}

static kith_status ignore_point(void *context, const kith_point *point, const float *vector,
                                kith_error *err) {
    (void)context;
    (void)point;
    (void)vector;
    (void)err;
    return KITH_OK;
}

/* Everything that reads or writes; the first error, or none. */
static void use_everything(const char *path, kith_error *err) {
    kith_gallery *gallery = NULL;
    kith_ledger *ledger = NULL;
    kith_hits hits = {0};
    kith_people people = {0};
    kith_filter filter = {0};
    kith_point point = made_point(1, "Zoe");
    float vector[KITH_DIMENSION];
    made_vector(vector, 1);
    kith_filter_text(&filter, KITH_FIELD_PATH, KITH_UNDER, "/photos", NULL);
    (void)(kith_gallery_open(&gallery, path, KITH_GALLERY_WRITE, err) ||
           kith_gallery_bind(gallery, &made_identity, err) ||
           kith_gallery_each(gallery, NULL, true, ignore_point, NULL, err) ||
           kith_gallery_search(gallery, vector, &filter, 5, &hits, err) ||
           kith_gallery_people(gallery, &people, err) || kith_ledger_open(&ledger, gallery, NULL, err) ||
           kith_ledger_under(ledger, NULL, ignore_record, NULL, err) ||
           kith_gallery_put(gallery, &point, vector, 1, err) ||
           kith_gallery_remove(gallery, &filter, NULL, err) || kith_gallery_purge(gallery, err));
    kith_point_clear(&point);
    kith_hits_clear(&hits);
    kith_people_clear(&people);
    kith_ledger_close(&ledger);
    kith_gallery_close(&gallery);
}

struct file {
    unsigned char *bytes;
    size_t size;
};

static struct file make(const char *path) {
    struct stat info;
    kith_gallery *gallery = made_gallery(path);
    for (unsigned i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        made_put(gallery, 30 * i, 30, name);
    }
    kith_gallery_close(&gallery);
    assert_int_equal(stat(path, &info), 0);
    struct file file = {malloc((size_t)info.st_size), (size_t)info.st_size};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file.bytes && read(fd, file.bytes, file.size) == info.st_size);
    close(fd);
    return file;
}

static void write_back(const char *path, const unsigned char *bytes, size_t size) {
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

/* Damaged data may go unnoticed (a bit in a vector, in free space); whatever is noticed is one clear error.
 */
static bool is_clean(const kith_error *err, const char *path) {
    if (err->code == KITH_OK)
        return true;
    return (err->code == KITH_E_REFUSED || err->code == KITH_E_LIMIT) && strcmp(err->where, path) == 0 &&
           err->text[0] != 0;
}

static void cut_short(void **state) {
    (void)state;
    char *path = made_uri();
    struct file file = make(path);
    for (size_t size = 1; size < file.size; size += size < 512 ? 37 : 7777) {
        kith_error err = {0};
        write_back(path, file.bytes, size);
        use_everything(path, &err);
        if (err.code != KITH_E_REFUSED || !is_clean(&err, path))
            fail_msg("%zu bytes: %d %s: %s", size, (int)err.code, err.where, err.text);
    }
    free(file.bytes);
    made_remove_uri(path);
}

static void header_bytes_changed(void **state) {
    (void)state;
    char *path = made_uri();
    struct file file = make(path);
    size_t refused = 0;
    for (size_t at = 0; at < 100; at++) {
        kith_error err = {0};
        file.bytes[at] ^= 0x55;
        write_back(path, file.bytes, file.size);
        file.bytes[at] ^= 0x55;
        use_everything(path, &err);
        refused += err.code != KITH_OK;
        if (!is_clean(&err, path))
            fail_msg("byte %zu: %d %s: %s", at, (int)err.code, err.where, err.text);
    }
    assert_true(refused >= 30); /* the magic, page size, versions, application id ... */
    free(file.bytes);
    made_remove_uri(path);
}

/* A whole block of noise in each page, then single bytes all over the file. */
static void pages_overwritten(void **state) {
    (void)state;
    char *path = made_uri();
    struct file file = make(path);
    size_t refused = 0;
    uint64_t seed = 1;
    for (size_t round = 0; round < 150; round++) {
        kith_error err = {0};
        unsigned char *bytes = malloc(file.size);
        assert_non_null(bytes);
        memcpy(bytes, file.bytes, file.size);
        size_t from = round < 50 ? (round * 16384) % file.size : 0;
        for (size_t i = 0; i < (round < 50 ? 64 : 300); i++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            bytes[round < 50 ? from + i : (seed >> 20) % file.size] = (unsigned char)(seed >> 56);
        }
        write_back(path, bytes, file.size);
        free(bytes);
        use_everything(path, &err);
        refused += err.code != KITH_OK;
        if (!is_clean(&err, path))
            fail_msg("round %zu: %d %s: %s", round, (int)err.code, err.where, err.text);
    }
    assert_true(refused >= 50);
    free(file.bytes);
    made_remove_uri(path);
}

static void replace_vector(const char *path, const float *vector) {
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database, "UPDATE face SET vector = ?1 WHERE id = 7", -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_blob(statement, 1, vector, KITH_DIMENSION * sizeof *vector, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    assert_int_equal(sqlite3_changes(database), 1);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

/* SQLite sees nothing of it: damage inside of a vector would only change answers. */
static void a_number_of_a_vector_changed(void **state) {
    (void)state;
    static const float numbers[] = {0.5F, -1e30F, NAN, INFINITY};
    char *path = made_uri();
    free(make(path).bytes);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        kith_error err = {0};
        kith_gallery *gallery;
        kith_hits hits;
        float probe[KITH_DIMENSION], vector[KITH_DIMENSION];
        made_vector(probe, 1);
        made_vector(vector, 6);
        vector[100] = numbers[i];
        replace_vector(path, vector);
        assert_int_equal(kith_gallery_open(&gallery, path, KITH_GALLERY_READ, &err), KITH_OK);
        assert_int_equal(kith_gallery_search(gallery, probe, NULL, 5, &hits, &err), KITH_E_REFUSED);
        assert_non_null(strstr(err.text, "damaged: a vector whose length is not 1"));
        kith_error_clear(&err);
        assert_int_equal(kith_gallery_each(gallery, NULL, true, ignore_point, NULL, &err), KITH_E_REFUSED);
        kith_gallery_close(&gallery);
    }
    made_remove_uri(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_short),
        cmocka_unit_test(header_bytes_changed),
        cmocka_unit_test(pages_overwritten),
        cmocka_unit_test(a_number_of_a_vector_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
