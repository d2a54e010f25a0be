/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/face/landmarks.h"
#include "tests/face/support/golden.h"

static char path[] = "/tmp/kith-landmarks-XXXXXX";

/* The first `size` bytes of the true file, with one byte changed when at < size. */
static void make_file(long size, long at, int byte) {
    FILE *from = fopen(LANDMARK_FILE, "rb"), *to = fopen(path, "wb");
    static unsigned char block[1 << 20];
    assert_non_null(from);
    assert_non_null(to);
    for (long done = 0; done < size;) {
        size_t want = size - done < (long)sizeof block ? (size_t)(size - done) : sizeof block;
        size_t got = fread(block, 1, want, from);
        if (got == 0)
            break;
        if (at >= done && at < done + (long)got)
            block[at - done] = (unsigned char)byte;
        assert_int_equal(fwrite(block, 1, got, to), got);
        done += (long)got;
    }
    fclose(from);
    assert_int_equal(fclose(to), 0);
}

static kith_status open_file(const char *name, kith_error *err) {
    kith_landmarks *landmarks = NULL;
    *err = (kith_error){0};
    kith_status status = kith_landmarks_open(&landmarks, name, err);
    if (status == KITH_OK)
        kith_landmarks_close(&landmarks);
    assert_null(landmarks);
    return status;
}

static void a_missing_file_names_the_package(void **state) {
    (void)state;
    kith_error err;
    assert_int_equal(open_file("/nowhere/at/all.dat", &err), KITH_E_IO);
    assert_string_equal(err.where, "/nowhere/at/all.dat");
    assert_non_null(strstr(err.text, "libdlib-data"));
    assert_non_null(strstr(err.text, "--landmarks"));
}

static void a_file_cut_short_is_refused(void **state) {
    (void)state;
    const long sizes[] = {0, 1, 2, 5, 1000, 2000, 70000, 5000000, 99693936};
    kith_error err;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        make_file(sizes[i], -1, 0);
        assert_int_equal(open_file(path, &err), KITH_E_REFUSED);
        assert_string_equal(err.where, path);
    }
}

/* Counts that ask for more memory than the file bears, indices outside, numbers that are none. */
static void changed_bytes_are_refused_or_harmless(void **state) {
    (void)state;
    kith_error err;
    for (long at = 0; at < 2600; at += at < 24 ? 1 : 131) {
        for (int byte = 0; byte < 256; byte += 255) {
            make_file(60000, at, byte);
            assert_int_equal(truncate(path, 99693937),
                             0); /* the size bears all counts, zeros are no numbers */
            assert_int_equal(open_file(path, &err), KITH_E_REFUSED);
        }
    }
}

static void other_files_are_refused(void **state) {
    (void)state;
    kith_error err;
    assert_int_equal(open_file("/", &err), KITH_E_REFUSED);
    assert_int_equal(open_file("/dev/zero", &err), KITH_E_REFUSED);
    assert_int_equal(open_file(KITH_SOURCE_DIR "/LICENSE", &err), KITH_E_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_file_names_the_package),
        cmocka_unit_test(a_file_cut_short_is_refused),
        cmocka_unit_test(changed_bytes_are_refused_or_harmless),
        cmocka_unit_test(other_files_are_refused),
    };
    if (!landmarks_installed())
        return 77;
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
