/* SPDX-License-Identifier: MIT
 *
 * kith_picture_write(): what is written reads back; a failure leaves the old file and no new one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/picture/support/samples.h"

enum { WIDTH = 120, HEIGHT = 90, BYTES = WIDTH * HEIGHT * 3 };

static char folder[] = KITH_BINARY_DIR "/written-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static const char *in_folder(const char *name) {
    static char path[sizeof folder + 40];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int count_files(void) {
    DIR *open = opendir(folder);
    assert_non_null(open);
    int count = -2; /* . and .. */
    while (readdir(open))
        count++;
    closedir(open);
    return count;
}

static kith_picture sample(void) {
    return (kith_picture){.width = WIDTH, .height = HEIGHT, .rgb = sample_rgb(WIDTH, HEIGHT)};
}

static void expect_read_back(const char *name, kith_format format, double most) {
    kith_picture picture = sample();
    kith_error err = {0};
    assert_int_equal(kith_picture_write(&picture, in_folder(name), &err), KITH_OK);
    assert_int_equal(count_files(), 1);
    bytes file = bytes_of_file(in_folder(name));
    assert_int_equal(kith_format_of_bytes(file.data, file.size), format);
    kith_picture read = decoded(file);
    assert_int_equal(read.width, WIDTH);
    assert_int_equal(read.height, HEIGHT);
    assert_true(mean_difference(read.rgb, picture.rgb, BYTES) <= most);
    struct stat there;
    assert_int_equal(stat(in_folder(name), &there), 0);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(there.st_mode & 0777, 0666 & ~mask);
    assert_int_equal(unlink(in_folder(name)), 0);
    kith_picture_clear(&read);
    kith_picture_clear(&picture);
    free(file.data);
}

static void names_choose_the_format(void **state) {
    (void)state;
    expect_read_back("a.png", KITH_FORMAT_PNG, 0);
    expect_read_back("a", KITH_FORMAT_PNG, 0);
    expect_read_back("a.jpg", KITH_FORMAT_JPEG, 2);
    expect_read_back("a.JPEG", KITH_FORMAT_JPEG, 2);
}

/* Files may not grow: as on a full disk. In a process of its own, for the limit stays. */
static int write_without_space(const char *name) {
    struct rlimit none = {.rlim_cur = 16, .rlim_max = 16};
    kith_picture picture = sample();
    kith_error err = {0};
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &none) != 0)
        return 1;
    kith_status status = kith_picture_write(&picture, in_folder(name), &err);
    kith_picture_clear(&picture);
    return status == KITH_E_IO && err.native == EFBIG && strcmp(err.where, in_folder(name)) == 0 ? 0 : 1;
}

static void a_failure_leaves_the_old_file(void **state) {
    (void)state;
    static const char *const names[] = {"old.png", "old.jpg"};
    for (int i = 0; i < 2; i++) {
        FILE *old = fopen(in_folder(names[i]), "w");
        assert_non_null(old);
        fputs("old", old);
        fclose(old);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(write_without_space(names[i]));
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(count_files(), 1);
        bytes kept = bytes_of_file(in_folder(names[i]));
        assert_int_equal(kept.size, 3);
        assert_memory_equal(kept.data, "old", 3);
        free(kept.data);
        assert_int_equal(unlink(in_folder(names[i])), 0);
    }
}

static void no_folder(void **state) {
    (void)state;
    kith_picture picture = sample();
    kith_error err = {0};
    assert_int_equal(kith_picture_write(&picture, in_folder("none/a.png"), &err), KITH_E_IO);
    assert_int_equal(err.native, ENOENT);
    assert_string_equal(err.where, in_folder("none/a.png"));
    kith_picture_clear(&picture);
}

/* Through links in the folder: what would replace a device replaces the link. */
static void a_device_is_written_to_not_replaced(void **state) {
    (void)state;
    kith_picture picture = sample();
    kith_error err = {0};
    struct stat there;
    static const char *const devices[] = {"/dev/null", "/dev/full"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(symlink(devices[i], in_folder("link")), 0);
        kith_status status = kith_picture_write(&picture, in_folder("link"), &err);
        assert_int_equal(lstat(in_folder("link"), &there), 0);
        assert_int_equal(unlink(in_folder("link")), 0);
        assert_true(S_ISLNK(there.st_mode));
        assert_int_equal(status, i == 0 ? KITH_OK : KITH_E_IO);
    }
    assert_int_equal(err.native, ENOSPC);
    kith_picture_clear(&picture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_choose_the_format),
        cmocka_unit_test(a_failure_leaves_the_old_file),
        cmocka_unit_test(no_folder),
        cmocka_unit_test(a_device_is_written_to_not_replaced),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
