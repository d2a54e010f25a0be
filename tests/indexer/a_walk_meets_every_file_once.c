/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "indexer/files/walk.h"
#include "tests/indexer/support/folder.h"

/* What a walk says, one line an entry: "f path", "o path reason", "x path reason"; paths below `folder`. */
static void expect(const char *folder, const kith_walk_options *options, const char *expected) {
    kith_walk *walk;
    kith_error err = {0};
    char seen[4096] = "";
    assert_int_equal(kith_walk_open(&walk, options, &err), KITH_OK);
    for (;;) {
        kith_walk_entry entry;
        assert_int_equal(kith_walk_next(walk, &entry, &err), KITH_OK);
        if (entry.kind == KITH_WALK_END)
            break;
        if (entry.kind == KITH_WALK_LATER)
            continue;
        const char *path = entry.path;
        if (strncmp(path, folder, strlen(folder)) == 0)
            path += strlen(folder) + (path[strlen(folder)] == '/');
        const char *reason = entry.kind == KITH_WALK_OTHER ? entry.reason : entry.err.text;
        size_t used = strlen(seen);
        snprintf(seen + used, sizeof seen - used, "%c %s%s%s\n",
                 entry.kind == KITH_WALK_FILE    ? 'f'
                 : entry.kind == KITH_WALK_OTHER ? 'o'
                                                 : 'x',
                 path, *(reason ? reason : "") ? ": " : "", reason ? reason : "");
        if (entry.kind == KITH_WALK_FILE)
            assert_true(entry.stamp.inode > 0 && entry.stamp.modified > 0);
    }
    assert_string_equal(seen, expected);
    kith_walk_close(&walk);
    assert_null(walk);
}

static void operands(kith_walk_options *options, const char *const *paths, size_t count) {
    options->operands = paths;
    options->operand_count = count;
}

static void names_and_kinds(void **state) {
    (void)state;
    char *folder = enter_folder();
    assert_int_equal(mkdir("tree", 0777) | mkdir("tree/b", 0777) | mkdir("tree/empty", 0777), 0);
    write_text("tree/b/deep.jpg", "1");
    write_text("tree/b.jpg", "22");
    write_text("tree/-dash", "");
    write_text("tree/new\nline", "");
    write_text("tree/bad\xff\xfe", "");
    write_text("tree/.hidden", "");
    assert_int_equal(mkfifo("tree/fifo", 0666), 0);
    assert_int_equal(symlink("nowhere", "tree/dangling") | symlink("nowhere", "tree/dangling.jpg") |
                         symlink("b.jpg", "tree/link") | symlink("loop", "tree/loop") |
                         symlink("..", "tree/up"),
                     0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "tree/socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    kith_walk_options options = {0};
    operands(&options, (const char *const[]){"tree"}, 1);
    expect(folder, &options,
           "f tree/-dash\n"
           "f tree/.hidden\n"
           "f tree/b/deep.jpg\n"
           "f tree/b.jpg\n"
           "f tree/bad\xff\xfe\n"
           "o tree/dangling: a link to a file that does not exist\n"
           "x tree/dangling.jpg: is a link to a file that does not exist\n"
           "o tree/fifo: a FIFO\n"
           "f tree/link\n"
           "x tree/loop: is a link to itself\n"
           "f tree/new\nline\n"
           "o tree/socket: a socket\n"
           "o tree/up: a link to a folder\n");
    operands(&options, (const char *const[]){"tree/fifo", "/dev/null", "missing", "tree/up", "tree/none"}, 5);
    expect(folder, &options,
           "o /dev/null: a device\n"
           "f tree/-dash\n"
           "f tree/.hidden\n"
           "f tree/b/deep.jpg\n"
           "f tree/b.jpg\n"
           "f tree/bad\xff\xfe\n"
           "o tree/dangling: a link to a file that does not exist\n"
           "x tree/dangling.jpg: is a link to a file that does not exist\n"
           "o tree/fifo: a FIFO\n"
           "f tree/link\n"
           "x tree/loop: is a link to itself\n"
           "f tree/new\nline\n"
           "o tree/socket: a socket\n"
           "o tree/up: a link to a folder\n"
           "x missing: No such file or directory\n"
           "x tree/none: No such file or directory\n");
    leave_folder(folder);
}

static void operands_do_not_overlap(void **state) {
    (void)state;
    char *folder = enter_folder();
    assert_int_equal(mkdir("a", 0777) | mkdir("a/b", 0777) | mkdir("a-b", 0777), 0);
    write_text("a/b/1", "");
    write_text("a/2", "");
    write_text("a-b/3", "");
    kith_walk_options options = {0};
    operands(&options, (const char *const[]){"a/b/1", "a-b", "a/b", "./a//", "a/../a", "a/2", "a-b/3"}, 7);
    expect(folder, &options,
           "f a/2\n"
           "f a/b/1\n"
           "f a-b/3\n");
    leave_folder(folder);
}

static void links_given_as_operands_are_followed(void **state) {
    (void)state;
    char *folder = enter_folder();
    assert_int_equal(mkdir("real", 0777) | symlink("real", "link"), 0);
    write_text("real/1", "");
    assert_int_equal(symlink("1", "real/2"), 0);
    kith_walk_options options = {0};
    operands(&options, (const char *const[]){"link", "real/2"}, 2);
    expect(folder, &options,
           "f real/1\n"
           "f real/2\n");
    leave_folder(folder);
}

static void exclude_meets_names_and_paths(void **state) {
    (void)state;
    char *folder = enter_folder();
    assert_int_equal(mkdir("t", 0777) | mkdir("t/cache", 0777) | mkdir("t/keep", 0777), 0);
    write_text("t/cache/1.jpg", "");
    write_text("t/keep/1.jpg", "");
    write_text("t/keep/2.png", "");
    write_text("t/keep/bad\xff.png", "");
    write_text("t/x.tmp", "");
    kith_walk_options options = {0};
    operands(&options, (const char *const[]){"t"}, 1);
    options.exclude.items = (const char *[]){"cache", "*.tmp", "keep/*.png"};
    options.exclude.count = 3;
    expect(folder, &options, "f t/keep/1.jpg\n");
    operands(&options, (const char *const[]){"t/x.tmp", "t/cache"}, 2); /* what is named is meant */
    expect(folder, &options,
           "f t/cache/1.jpg\n"
           "f t/x.tmp\n");
    leave_folder(folder);
}

static void lists_are_walked_line_by_line(void **state) {
    (void)state;
    char *folder = enter_folder();
    assert_int_equal(mkdir("d", 0777) | mkfifo("fifo", 0666), 0);
    write_text("d/1", "");
    write_text("d/new\nline", "");
    write_text("lines", "d/1\n\nd\nfifo\nnone\nd/../d/1");
    kith_walk_options options = {.list = "lines", .delimiter = '\n'};
    expect(folder, &options,
           "f d/1\n"
           "o d: a folder; those of a list are not walked\n"
           "o fifo: a FIFO\n"
           "x none: No such file or directory\n"
           "f d/1\n");
    write_file("zeros", "d/new\nline\0d/1\0", 15);
    options = (kith_walk_options){.list = "zeros", .delimiter = 0};
    expect(folder, &options,
           "f d/new\nline\n"
           "f d/1\n");
    options = (kith_walk_options){.list = "zeros", .delimiter = '\n'};
    expect(folder, &options,
           "x d/new: No such file or directory\n"
           "x list of files: line 2 is no path (a zero byte in it; say -0)\n");
    kith_error err = {0};
    kith_walk *walk;
    options.list = "missing";
    assert_int_equal(kith_walk_open(&walk, &options, &err), KITH_E_IO);
    assert_null(walk);
    leave_folder(folder);
}

static void a_folder_that_cannot_be_read_is_named(void **state) {
    (void)state;
    char *folder = enter_folder();
    assert_int_equal(mkdir("d", 0777) | mkdir("d/closed", 0), 0);
    write_text("d/1", "");
    kith_walk_options options = {0};
    char *path = absolute(folder, "d");
    operands(&options, (const char *const[]){path}, 1);
    assert_int_equal(chmod(folder, 0755), 0);
    if (geteuid() == 0) /* whom nothing is closed to */
        assert_int_equal(seteuid(65534), 0);
    kith_walk *walk;
    kith_walk_entry entry;
    kith_error err = {0};
    assert_int_equal(kith_walk_open(&walk, &options, &err), KITH_OK);
    bool failed = false;
    do {
        assert_int_equal(kith_walk_next(walk, &entry, &err), KITH_OK);
        failed |= entry.kind == KITH_WALK_FAILED && strcmp(entry.err.text, "Permission denied") == 0;
    } while (entry.kind != KITH_WALK_END);
    assert_true(failed);
    kith_walk_close(&walk);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    free(path);
    leave_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_kinds),
        cmocka_unit_test(operands_do_not_overlap),
        cmocka_unit_test(links_given_as_operands_are_followed),
        cmocka_unit_test(exclude_meets_names_and_paths),
        cmocka_unit_test(lists_are_walked_line_by_line),
        cmocka_unit_test(a_folder_that_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
