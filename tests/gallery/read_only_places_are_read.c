/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gallery/support/made.h"

enum { NOBODY = 65534 };

/* Runs `check` as somebody who may read but not write; root may write everywhere. */
static void as_nobody(void (*check)(const char *path), const char *path) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            _exit(99);
        check(path);
        _exit(0); /* a failed assertion has ended the process with another code */
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* cmocka's assertions jump out of the test, which a child must not: plain exits. */
static void must(bool good, int line) {
    if (!good) {
        fprintf(stderr, "line %d\n", line);
        _exit(1);
    }
}
#define MUST(condition) must(condition, __LINE__)

static bool is_beside(const char *path, const char *suffix) {
    char name[256];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

static void reads_fifty(const char *path) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_hits hits;
    float probe[KITH_DIMENSION];
    uint64_t count;
    made_vector(probe, 7);
    MUST(kith_gallery_open(&gallery, path, KITH_GALLERY_READ, &err) == KITH_OK);
    for (int again = 0; again < 3; again++) {
        MUST(kith_gallery_count(gallery, NULL, &count, &err) == KITH_OK && count == 50);
        MUST(kith_gallery_search(gallery, probe, NULL, 1, &hits, &err) == KITH_OK && hits.count == 1);
        MUST(strcmp(hits.items[0].point.paths[0], "/photos/7.jpg") == 0);
        kith_hits_clear(&hits);
    }
    kith_gallery_close(&gallery);
    MUST(kith_gallery_open(&gallery, path, KITH_GALLERY_WRITE, &err) == KITH_E_IO);
    MUST(strstr(err.text, "cannot be written") != NULL);
}

static char *fifty_faces(mode_t file, mode_t folder) {
    char *path = made_uri(), *slash = strrchr(path, '/');
    kith_gallery *gallery = made_gallery(path);
    made_put(gallery, 0, 50, NULL);
    kith_gallery_close(&gallery);
    assert_int_equal(chmod(path, file), 0);
    *slash = 0;
    assert_int_equal(chmod(path, folder), 0);
    *slash = '/';
    return path;
}

static void remove_it(char *path) {
    char *slash = strrchr(path, '/');
    *slash = 0;
    assert_int_equal(chmod(path, 0700), 0);
    *slash = '/';
    made_remove_uri(path);
}

static void a_folder_that_cannot_be_written(void **state) {
    (void)state;
    char *path = fifty_faces(0644, 0555);
    as_nobody(reads_fifty, path);
    assert_false(is_beside(path, "-wal") || is_beside(path, "-shm"));
    remove_it(path);
}

static void a_file_that_cannot_be_written(void **state) {
    (void)state;
    char *path = fifty_faces(0444, 0777);
    as_nobody(reads_fifty, path);
    assert_false(is_beside(path, "-wal") || is_beside(path, "-shm"));
    remove_it(path);
}

/* The writer is at work: everything is still in its log. */
static void beside_a_writer(void **state) {
    (void)state;
    char *path = fifty_faces(0644, 0555);
    kith_gallery *gallery = NULL;
    kith_filter filter = {0};
    if (geteuid() != 0) { /* then the writer cannot write either */
        remove_it(path);
        return;
    }
    assert_int_equal(kith_gallery_open(&gallery, path, KITH_GALLERY_WRITE, NULL), KITH_OK);
    made_put(gallery, 50, 10, NULL);
    kith_filter_number(&filter, KITH_FIELD_EYES, KITH_GREATER_EQUAL, 50, NULL);
    assert_int_equal(kith_gallery_remove(gallery, &filter, NULL, NULL), KITH_OK);
    assert_true(is_beside(path, "-wal"));
    as_nobody(reads_fifty, path);
    kith_gallery_close(&gallery);
    remove_it(path);
}

/* In the child: lets the parent write. */
static void wait_for_ten_more(void) {
    int to_parent = 4, from_parent = 3;
    char byte = 0;
    MUST(write(to_parent, "x", 1) == 1 && read(from_parent, &byte, 1) == 1);
}

static void follows_changes(const char *path) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    uint64_t count;
    MUST(kith_gallery_open(&gallery, path, KITH_GALLERY_READ, &err) == KITH_OK);
    MUST(kith_gallery_count(gallery, NULL, &count, &err) == KITH_OK && count == 50);
    wait_for_ten_more();
    MUST(kith_gallery_count(gallery, NULL, &count, &err) == KITH_OK && count == 60);
    kith_gallery_close(&gallery);
}

typedef struct walking {
    kith_gallery *gallery;
    int visited;
} walking;

static kith_status ask_on_the_way(void *context, const kith_point *point, const float *vector,
                                  kith_error *err) {
    walking *walk = context;
    uint64_t count;
    (void)point, (void)vector;
    if (walk->visited++ == 0)
        wait_for_ten_more();
    MUST(kith_gallery_count(walk->gallery, NULL, &count, err) == KITH_OK && count == 50);
    return KITH_OK;
}

static void walks_through_one_state(const char *path) {
    kith_error err = {0};
    walking walk = {0};
    uint64_t count;
    MUST(kith_gallery_open(&walk.gallery, path, KITH_GALLERY_READ, &err) == KITH_OK);
    MUST(kith_gallery_each(walk.gallery, NULL, false, ask_on_the_way, &walk, &err) == KITH_OK);
    MUST(walk.visited == 50);
    MUST(kith_gallery_count(walk.gallery, NULL, &count, &err) == KITH_OK && count == 60);
    kith_gallery_close(&walk.gallery);
}

/* Opened as unchanging by a child, and changed all the same by somebody who may, who is done (or not yet)
 * when the child goes on.
 */
static void change_under(void (*check)(const char *path), bool done) {
    char *path = fifty_faces(0644, 0555), byte;
    int down[2], up[2];
    if (geteuid() != 0) {
        remove_it(path);
        return;
    }
    assert_int_equal(pipe(down) | pipe(up), 0);
    pid_t child = fork();
    if (child == 0) {
        if (dup2(down[0], 100) < 0 || dup2(up[1], 101) < 0 || dup2(100, 3) < 0 || dup2(101, 4) < 0 ||
            setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
            _exit(99);
        check(path);
        _exit(0);
    }
    close(up[1]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    kith_gallery *gallery = NULL;
    assert_int_equal(kith_gallery_open(&gallery, path, KITH_GALLERY_WRITE, NULL), KITH_OK);
    made_put(gallery, 50, 10, NULL);
    if (done)
        kith_gallery_close(&gallery);
    assert_int_equal(write(down[1], "x", 1), 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    kith_gallery_close(&gallery);
    close(up[0]);
    close(down[0]);
    close(down[1]);
    remove_it(path);
}

static void a_change_is_noticed_later(void **state) {
    (void)state;
    change_under(follows_changes, true);
}

static void a_change_is_not_noticed_in_a_walk(void **state) {
    (void)state;
    change_under(walks_through_one_state, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_cannot_be_written),
        cmocka_unit_test(a_file_that_cannot_be_written),
        cmocka_unit_test(beside_a_writer),
        cmocka_unit_test(a_change_is_noticed_later),
        cmocka_unit_test(a_change_is_not_noticed_in_a_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
