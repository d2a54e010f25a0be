/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/gallery/support/made.h"

static void expect(const char *uri, kith_gallery_mode mode, kith_status status, const char *text) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_open(&gallery, uri, mode, &err);
    if (err.code != status || !strstr(err.text, text))
        fail_msg("%s: %d \"%s\", not %d \"%s\"", uri ? uri : "the default", (int)err.code, err.text,
                 (int)status, text);
    if (status != KITH_OK)
        assert_null(gallery);
    kith_gallery_close(&gallery);
}

static void write_file(const char *path, const char *bytes, size_t size) {
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static void run_sql(const char *path, const char *sql) {
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void files_that_are_no_gallery(void **state) {
    (void)state;
    char *path = made_uri();
    expect(path, KITH_GALLERY_READ, KITH_E_IO, "no such gallery");
    expect(path, KITH_GALLERY_WRITE, KITH_E_IO, "no such gallery");
    write_file(path, "", 0);
    expect(path, KITH_GALLERY_READ, KITH_E_REFUSED, "not a kith gallery");
    expect(path, KITH_GALLERY_CREATE, KITH_E_REFUSED, "not a kith gallery");
    write_file(path,
               "Dear diary, SQLite format 3 is not what this is. It is long enough for a header, though, "
               "and a little more, so that it is looked at.",
               130);
    expect(path, KITH_GALLERY_READ, KITH_E_REFUSED, "not a kith gallery");
    expect(path, KITH_GALLERY_CREATE, KITH_E_REFUSED, "not a kith gallery");
    unlink(path);
    run_sql(path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)");
    expect(path, KITH_GALLERY_READ, KITH_E_REFUSED, "not a kith gallery");
    expect(path, KITH_GALLERY_CREATE, KITH_E_REFUSED, "not a kith gallery");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect(path, KITH_GALLERY_READ, KITH_E_IO, "a folder");
    expect(path, KITH_GALLERY_CREATE, KITH_E_IO, "a folder");
    rmdir(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect(path, KITH_GALLERY_READ, KITH_E_IO, "not a file");
    unlink(path);
    made_remove_uri(path);
}

static void another_version_is_refused(void **state) {
    (void)state;
    char *path = made_uri();
    kith_gallery *gallery = made_gallery(path);
    kith_gallery_close(&gallery);
    run_sql(path, "PRAGMA user_version = 2");
    expect(path, KITH_GALLERY_READ, KITH_E_REFUSED, "format 2; this kith reads format 1");
    expect(path, KITH_GALLERY_CREATE, KITH_E_REFUSED, "format 2");
    made_remove_uri(path);
}

static void uris_name_their_backend(void **state) {
    char uri[256], relative[256];
    (void)state;
    char *path = made_uri();
    expect("ftp://somewhere/x", KITH_GALLERY_READ, KITH_E_USAGE, "no such kind of gallery");
    expect("sqlite:", KITH_GALLERY_READ, KITH_E_USAGE, "no gallery named");
    expect("", KITH_GALLERY_READ, KITH_E_USAGE, "no gallery named");
    snprintf(uri, sizeof uri, "sqlite:%s", path);
    expect(uri, KITH_GALLERY_CREATE, KITH_OK, "");
    expect(path, KITH_GALLERY_WRITE, KITH_OK, "");
    assert_int_equal(access(path, R_OK), 0);
    setenv("KITH_GALLERY", uri, 1);
    expect(NULL, KITH_GALLERY_WRITE, KITH_OK, "");
    unsetenv("KITH_GALLERY");
    *strrchr(path, '/') = 0;
    assert_int_equal(chdir(path), 0);
    snprintf(relative, sizeof relative, "gallery.kith");
    expect(relative, KITH_GALLERY_WRITE, KITH_OK, "");
    expect("./file:odd?name=1#%20", KITH_GALLERY_CREATE, KITH_OK, "");
    expect("sqlite:file:odd?name=1#%20", KITH_GALLERY_READ, KITH_OK, "");
    assert_int_equal(unlink("file:odd?name=1#%20"), 0);
    setenv("XDG_DATA_HOME", path, 1);
    expect(NULL, KITH_GALLERY_READ, KITH_E_IO, "no such gallery");
    expect(NULL, KITH_GALLERY_CREATE, KITH_OK, "");
    assert_int_equal(unlink("kith/gallery.kith"), 0);
    assert_int_equal(rmdir("kith"), 0);
    assert_int_equal(chdir("/"), 0);
    path[strlen(path)] = '/';
    made_remove_uri(path);
}

static void new_galleries_are_private_and_whole(void **state) {
    struct stat info;
    (void)state;
    char *path = made_uri();
    kith_gallery *gallery = made_gallery(path);
    made_put(gallery, 0, 1, NULL);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    kith_gallery_close(&gallery);
    assert_int_equal(access(path, R_OK), 0);
    char beside[256];
    snprintf(beside, sizeof beside, "%s-wal", path); /* the last one out leaves one file */
    assert_int_equal(access(beside, F_OK), -1);
    expect(path, KITH_GALLERY_READ, KITH_OK, "");
    assert_int_equal(access(beside, F_OK), -1);
    made_remove_uri(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_no_gallery),
        cmocka_unit_test(another_version_is_refused),
        cmocka_unit_test(uris_name_their_backend),
        cmocka_unit_test(new_galleries_are_private_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
