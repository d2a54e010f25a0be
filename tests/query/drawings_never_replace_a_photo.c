/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "query/target.h"

static char folder[] = "/tmp/kith-target-XXXXXX";

static int enter_folder(void **state) {
    (void)state;
    return !mkdtemp(folder) || chdir(folder) != 0 || mkdir("out", 0700) != 0;
}

static int leave_folder(void **state) {
    (void)state;
    unlink("photo.jpg");
    rmdir("out");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static kith_status opened(kith_target *target, const char *path, bool several) {
    kith_error err = {0};
    return kith_target_open(target, path, several, &err);
}

static void gives(kith_target *target, const char *photo, const char *file) {
    char *path = NULL;
    kith_error err = {0};
    assert_int_equal(kith_target_for(&path, target, photo, &err), KITH_OK);
    assert_string_equal(path, file);
    free(path);
}

static void one_photo_goes_to_the_file(void **state) {
    (void)state;
    kith_target target;
    assert_int_equal(opened(&target, "named.png", false), KITH_OK);
    gives(&target, "photo.jpg", "named.png");
    kith_target_close(&target);
    assert_int_equal(opened(&target, "named.JPEG", false), KITH_OK);
    kith_target_close(&target);
}

static void other_kinds_and_standard_output_are_refused(void **state) {
    (void)state;
    kith_target target;
    assert_int_equal(opened(&target, "named.gif", false), KITH_E_USAGE);
    assert_int_equal(opened(&target, "named", false), KITH_E_USAGE);
    assert_int_equal(opened(&target, "a.jpg/named", false), KITH_E_USAGE);
    assert_int_equal(opened(&target, "-", false), KITH_E_USAGE);
}

static void several_photos_need_a_folder(void **state) {
    (void)state;
    kith_target target;
    assert_int_equal(opened(&target, "named.png", true), KITH_E_USAGE);
    assert_int_equal(opened(&target, "out", true), KITH_OK);
    gives(&target, "a/photo.jpg", "out/photo.jpg");
    gives(&target, "b/photo.jpg", "out/photo-2.jpg");
    gives(&target, "photo.jpg", "out/photo-3.jpg");
    gives(&target, "c/photo.JPEG", "out/photo-4.jpg");
    gives(&target, "photo.png", "out/photo.png");
    gives(&target, "scan.d/photo", "out/photo-2.png");
    gives(&target, "-", "out/standard-input.png");
    kith_target_close(&target);
}

static void the_photo_itself_is_refused(void **state) {
    (void)state;
    kith_target target;
    char *path = NULL;
    kith_error err = {0};
    FILE *file = fopen("photo.jpg", "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(opened(&target, "./photo.jpg", false), KITH_OK);
    assert_int_equal(kith_target_for(&path, &target, "photo.jpg", &err), KITH_E_IO);
    assert_null(path);
    kith_target_close(&target);
    kith_error_clear(&err);
    assert_int_equal(opened(&target, ".", true), KITH_OK);
    assert_int_equal(kith_target_for(&path, &target, "photo.jpg", &err), KITH_E_IO);
    kith_target_close(&target);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_photo_goes_to_the_file),
        cmocka_unit_test(other_kinds_and_standard_output_are_refused),
        cmocka_unit_test(several_photos_need_a_folder),
        cmocka_unit_test(the_photo_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
