/* SPDX-License-Identifier: MIT
 *
 * The cache of embeddings: what was put is there next time; damage, torn ends and foreign files are noticed;
 * several processes and threads write one file.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/evaluate/embedding_cache.h"
#include "tests/evaluate/support/made.h"

enum { HEADER = 512, RECORD = 1092, PROCESSES = 4, EACH = 200 };

static kith_cached_face face_of(uint32_t number) {
    kith_cached_face face = {.face = number % 5 != 0};
    memcpy(face.key, &number, sizeof number);
    memset(face.key + 8, 7, 8);
    if (face.face) {
        face.box[0] = (float)number;
        face.embedding[number % KITH_DIMENSION] = 1;
    }
    return face;
}

static kith_embedding_cache *open_cache(const char *settings) {
    kith_embedding_cache *cache = NULL;
    kith_error err = {0};
    if (kith_embedding_cache_open(&cache, "0123456789abcdef", settings, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    return cache;
}

static bool put(kith_embedding_cache *cache, uint32_t number) {
    kith_cached_face face = face_of(number);
    kith_error err = {0};
    return kith_embedding_cache_put(cache, &face, &err) == KITH_OK;
}

/* Whether it is there, as it was put. */
static bool has(const kith_embedding_cache *cache, uint32_t number) {
    kith_cached_face wanted = face_of(number), got = {0};
    memcpy(got.key, wanted.key, sizeof got.key);
    if (!kith_embedding_cache_get(cache, &got))
        return false;
    assert_int_equal(got.face, wanted.face);
    assert_memory_equal(got.box, wanted.box, sizeof got.box);
    assert_memory_equal(got.embedding, wanted.embedding, sizeof got.embedding);
    return true;
}

/* A cache with faces 1 to `count`; its path, until the next call. */
static const char *fill(const char *settings, uint32_t count) {
    static char path[4096];
    kith_embedding_cache *cache = open_cache(settings);
    for (uint32_t i = 1; i <= count; i++)
        assert_true(put(cache, i));
    snprintf(path, sizeof path, "%s", kith_embedding_cache_path(cache));
    kith_embedding_cache_close(&cache);
    assert_null(cache);
    return path;
}

static off_t size_of(const char *path) {
    struct stat seen;
    return stat(path, &seen) == 0 ? seen.st_size : -1;
}

static void change(const char *path, off_t at, unsigned char flip) {
    unsigned char byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= flip;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void what_was_put_is_there(void **state) {
    (void)state;
    const char *path = fill("there", 50);
    assert_int_equal(size_of(path), HEADER + 50 * RECORD);
    assert_int_equal(access(path, R_OK | W_OK), 0);
    kith_embedding_cache *cache = open_cache("there");
    assert_int_equal(kith_embedding_cache_damaged(cache), 0);
    for (uint32_t i = 1; i <= 50; i++)
        assert_true(has(cache, i));
    assert_false(has(cache, 51));
    kith_embedding_cache_close(&cache);
}

static void settings_and_pipelines_are_apart(void **state) {
    (void)state;
    kith_embedding_cache *other = NULL;
    kith_error err = {0};
    fill("one", 3);
    kith_embedding_cache *cache = open_cache("two");
    assert_false(has(cache, 1));
    kith_embedding_cache_close(&cache);
    assert_int_equal(kith_embedding_cache_open(&other, "fedcba9876543210", "one", &err), KITH_OK);
    assert_false(has(other, 1));
    kith_embedding_cache_close(&other);
}

/* Any bit of a record: that one is lost, the others are not, and it is told once. */
static void damage_is_noticed(void **state) {
    (void)state;
    static const off_t places[] = {0, 31, 32, 35, 36, 52, 600, 1075, 1076, 1091};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *path = fill("damage", 4);
        change(path, HEADER + RECORD + places[i], 0x10);
        kith_embedding_cache *cache = open_cache("damage");
        assert_int_equal(kith_embedding_cache_damaged(cache), 1);
        assert_true(has(cache, 1) && !has(cache, 2) && has(cache, 3) && has(cache, 4));
        assert_true(put(cache, 2));
        kith_embedding_cache_close(&cache);
        cache = open_cache("damage");
        assert_int_equal(kith_embedding_cache_damaged(cache), 0);
        assert_true(has(cache, 1) && has(cache, 2) && has(cache, 3) && has(cache, 4));
        kith_embedding_cache_close(&cache);
        unlink(path);
    }
}

static void damage_during_a_run_is_not_believed(void **state) {
    (void)state;
    const char *path = fill("late", 4);
    kith_embedding_cache *cache = open_cache("late");
    change(path, HEADER + 2 * RECORD + 100, 1);
    assert_true(has(cache, 2));
    assert_false(has(cache, 3));
    kith_embedding_cache_close(&cache);
}

/* A process that was killed while it wrote, or a full disk. */
static void torn_ends_are_overwritten(void **state) {
    (void)state;
    const char *path = fill("torn", 3);
    assert_int_equal(truncate(path, HEADER + 2 * RECORD + 500), 0);
    kith_embedding_cache *cache = open_cache("torn");
    assert_int_equal(kith_embedding_cache_damaged(cache), 0);
    assert_true(has(cache, 2) && !has(cache, 3));
    assert_true(put(cache, 3) && put(cache, 4));
    kith_embedding_cache_close(&cache);
    assert_int_equal(size_of(path), HEADER + 4 * RECORD);
    cache = open_cache("torn");
    assert_true(has(cache, 1) && has(cache, 2) && has(cache, 3) && has(cache, 4));
    kith_embedding_cache_close(&cache);
}

static void foreign_files_are_refused(void **state) {
    (void)state;
    kith_embedding_cache *cache = NULL;
    kith_error err = {0};
    const char *path = fill("foreign", 3);
    change(path, 3, 1);
    assert_int_equal(kith_embedding_cache_open(&cache, "0123456789abcdef", "foreign", &err), KITH_E_IO);
    assert_non_null(strstr(err.text, "remove the file"));
    assert_null(cache);
    assert_int_equal(size_of(path), HEADER + 3 * RECORD);
    err = (kith_error){0};
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(kith_embedding_cache_open(&cache, "0123456789abcdef", "foreign", &err), KITH_E_IO);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    err = (kith_error){0};
    assert_int_equal(kith_embedding_cache_open(&cache, "0123456789abcdef", "foreign", &err), KITH_E_IO);
    rmdir(path);
}

static void *put_some(void *context) {
    kith_embedding_cache *cache = ((void **)context)[0];
    uint32_t first = *(uint32_t *)((void **)context)[1];
    for (uint32_t i = 0; i < EACH / 2; i++)
        if (!put(cache, first + i))
            return cache;
    return NULL;
}

/* Two threads in each of four processes, each process with a file of its own open since before the others
 * wrote. */
static void processes_and_threads_share_it(void **state) {
    (void)state;
    pid_t pids[PROCESSES];
    for (uint32_t p = 0; p < PROCESSES; p++) {
        pids[p] = fork();
        if (pids[p] != 0)
            continue;
        kith_embedding_cache *cache = open_cache("shared");
        uint32_t firsts[2] = {1 + p * EACH, 1 + p * EACH + EACH / 2};
        void *contexts[2][2] = {{cache, &firsts[0]}, {cache, &firsts[1]}}, *bad = NULL;
        pthread_t thread;
        if (pthread_create(&thread, NULL, put_some, contexts[0]) != 0 || put_some(contexts[1]))
            _exit(1);
        pthread_join(thread, &bad);
        _exit(bad != NULL);
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status = 0;
        assert_int_equal(waitpid(pids[p], &status, 0), pids[p]);
        assert_int_equal(status, 0);
    }
    kith_embedding_cache *cache = open_cache("shared");
    assert_int_equal(size_of(kith_embedding_cache_path(cache)), HEADER + PROCESSES * EACH * RECORD);
    assert_int_equal(kith_embedding_cache_damaged(cache), 0);
    for (uint32_t i = 1; i <= PROCESSES * EACH; i++)
        assert_true(has(cache, i));
    kith_embedding_cache_close(&cache);
}

static int own_folder(void **state) {
    (void)state;
    char cache[512];
    snprintf(cache, sizeof cache, "%s/new/cache", made_folder());
    return setenv("XDG_CACHE_HOME", cache, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_there),
        cmocka_unit_test(settings_and_pipelines_are_apart),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(damage_during_a_run_is_not_believed),
        cmocka_unit_test(torn_ends_are_overwritten),
        cmocka_unit_test(foreign_files_are_refused),
        cmocka_unit_test(processes_and_threads_share_it),
    };
    return cmocka_run_group_tests(tests, own_folder, NULL);
}
