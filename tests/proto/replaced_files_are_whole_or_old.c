/* SPDX-License-Identifier: MIT
 *
 * kith_replace_begin() and kith_replace_end(): the new file, with the access of the old one or that the umask
 * leaves, or the old one; nothing beside it; never in the place of a link, of something else than a file, or
 * of one that may not be written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/replace.h"

static char folder[] = "/tmp/kith-replace-XXXXXX", path[sizeof folder + 8];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

/* Only an empty folder goes: nothing may be left behind. */
static int drop_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static void write_text(const char *text, kith_status how) {
    kith_replacement to;
    kith_error err = {0};
    assert_int_equal(kith_replace_begin(&to, path, &err), KITH_OK);
    fputs(text, to.file);
    assert_int_equal(kith_replace_end(&to, how, &err), how);
    assert_int_equal(err.code, KITH_OK);
}

static void expect_text(const char *wanted) {
    char text[16] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, wanted);
}

static void the_umask_decides_the_access(void **state) {
    (void)state;
    static const mode_t masks[] = {0022, 0077, 0};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        struct stat made;
        mode_t before = umask(masks[i]);
        write_text("new", KITH_OK);
        assert_int_equal(umask(before), masks[i]);
        assert_int_equal(stat(path, &made), 0);
        assert_int_equal(made.st_mode & 0777, 0666 & ~masks[i]);
        assert_int_equal(unlink(path), 0);
    }
}

static void the_old_files_access_stays(void **state) {
    (void)state;
    struct stat made;
    write_text("old", KITH_OK);
    assert_int_equal(chmod(path, 0640), 0);
    bool root = geteuid() == 0;
    assert_int_equal(root ? chown(path, 65534, 65534) : 0, 0);
    write_text("new", KITH_OK);
    assert_int_equal(stat(path, &made), 0);
    assert_int_equal(made.st_mode & 0777, 0640);
    assert_int_equal(made.st_uid, root ? 65534 : geteuid());
    assert_int_equal(unlink(path), 0);
}

static void a_link_leads_to_the_new_file(void **state) {
    (void)state;
    char target[sizeof path + 8], told[16] = "";
    snprintf(target, sizeof target, "%s-target", path);
    assert_int_equal(symlink("file-target", path), 0);
    for (int there = 0; there < 2; there++) /* first a link to nothing, which a file replaces */
        write_text(there ? "new" : "old", KITH_OK);
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink("file-target", path), 0);
    write_text("newer", KITH_OK);
    assert_int_equal(readlink(path, told, sizeof told - 1), 11);
    assert_string_equal(told, "file-target");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(target, path), 0);
    expect_text("newer");
    assert_int_equal(unlink(path), 0);
}

static void what_may_not_be_written_stays(void **state) {
    (void)state;
    kith_replacement to;
    kith_error err = {0};
    write_text("old", KITH_OK);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(folder, 0777), 0); /* it may be made anew there */
    uid_t me = geteuid();
    if (me == 0)
        assert_int_equal(seteuid(65534), 0);
    assert_int_equal(kith_replace_begin(&to, path, &err), KITH_E_IO);
    assert_int_equal(err.native, EACCES);
    assert_int_equal(seteuid(me), 0);
    expect_text("old");
    assert_int_equal(unlink(path), 0);
}

static void what_is_not_good_leaves_the_old_file(void **state) {
    (void)state;
    write_text("old", KITH_OK);
    write_text("new", KITH_E_MEMORY);
    expect_text("old");
    write_text("new", KITH_OK);
    expect_text("new");
    assert_int_equal(unlink(path), 0);
}

static void what_does_not_arrive_leaves_the_old_file(void **state) {
    (void)state;
    kith_replacement to;
    kith_error err = {0};
    write_text("old", KITH_OK);
    assert_int_equal(kith_replace_begin(&to, path, &err), KITH_OK);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0 && dup2(full, fileno(to.file)) >= 0);
    close(full);
    fputs("new", to.file);
    assert_int_equal(kith_replace_end(&to, KITH_OK, &err), KITH_E_IO);
    assert_int_equal(err.native, ENOSPC);
    assert_string_equal(err.where, path);
    expect_text("old");
    assert_int_equal(unlink(path), 0);
}

static void a_killed_process_leaves_the_old_file_alone(void **state) {
    (void)state;
    int nameless = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (nameless < 0)
        skip();
    close(nameless);
    write_text("old", KITH_OK);
    pid_t child = fork();
    if (child == 0) {
        kith_replacement to;
        kith_error err = {0};
        kith_replace_begin(&to, path, &err);
        fputs("new", to.file);
        fflush(to.file);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    expect_text("old");
    assert_int_equal(unlink(path), 0); /* and the folder will be empty */
}

static void a_fifo_is_not_replaced(void **state) {
    (void)state;
    kith_replacement to;
    kith_error err = {0};
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(kith_replace_begin(&to, path, &err), KITH_E_IO);
    assert_int_equal(unlink(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_umask_decides_the_access),
        cmocka_unit_test(the_old_files_access_stays),
        cmocka_unit_test(a_link_leads_to_the_new_file),
        cmocka_unit_test(what_may_not_be_written_stays),
        cmocka_unit_test(what_is_not_good_leaves_the_old_file),
        cmocka_unit_test(what_does_not_arrive_leaves_the_old_file),
        cmocka_unit_test(a_killed_process_leaves_the_old_file_alone),
        cmocka_unit_test(a_fifo_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
