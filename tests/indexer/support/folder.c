/* SPDX-License-Identifier: MIT */
#include "tests/indexer/support/folder.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char *enter_folder(void) {
    char pattern[32];
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* syncing costs nothing there */
    snprintf(pattern, sizeof pattern, "%s/kith-test-XXXXXX", place);
    assert_non_null(mkdtemp(pattern));
    assert_int_equal(chdir(pattern), 0);
    char *folder = realpath(".", NULL);
    assert_non_null(folder);
    return folder;
}

static int remove_one(const char *path, const struct stat *seen, int kind, struct FTW *place) {
    (void)seen;
    (void)kind;
    (void)place;
    return remove(path);
}

void leave_folder(char *folder) {
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(folder);
}

void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void write_text(const char *path, const char *text) {
    write_file(path, text, strlen(text));
}

char *absolute(const char *folder, const char *name) {
    char *path = NULL;
    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}
