/* SPDX-License-Identifier: MIT
 *
 * Files arrive at the store in any order, and a worker may or may not know already that their bytes were
 * seen. The gallery, the names and which files failed come out the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "indexer/stages/known.h"
#include "indexer/store/store.h"
#include "tests/indexer/support/folder.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const kith_identity identity = {.pipeline = "0123456789abcdef", .network = "n", .detector = "d"};

typedef struct sample {
    const char *name, *person, *sha256;
    int faces;
} sample;

/* A task as a worker hands it on. */
static kith_task *task_of(const char *folder, const sample *photo, bool known, kith_outcome outcome,
                          const kith_record *record) {
    char *path = absolute(folder, photo->name);
    struct stat seen;
    assert_int_equal(stat(path, &seen), 0);
    kith_stamp stamp = kith_stamp_of_file(&seen);
    kith_task *task = kith_task_new(path, &stamp, photo->person, record);
    assert_non_null(task);
    task->read = true;
    task->known = known;
    task->outcome = known ? outcome : photo->faces > 0 ? KITH_INDEXED : KITH_NO_FACE;
    snprintf(task->sha256, sizeof task->sha256, "%s", photo->sha256);
    task->width = task->height = 100;
    if (!known) {
        task->faces.count = (size_t)photo->faces;
        task->faces.items = calloc((size_t)photo->faces + 1, sizeof *task->faces.items);
    }
    for (size_t i = 0; i < task->faces.count; i++) {
        kith_face *face = &task->faces.items[i];
        const float box[4] = {(float)i * 20, 40, 10, 10};
        memcpy(face->box, box, sizeof box);
        face->score = 0.9F;
        face->eyes = 5;
        face->embedded = true;
        face->embedding[i] = 1;
    }
    free(path);
    return task;
}

static void settle(kith_store *store, const kith_gallery_choice *gallery, const char *folder,
                   const sample *photo, bool ask, kith_which which) {
    kith_error err = {0};
    kith_known *known;
    kith_record record;
    bool is_known = false, found;
    kith_outcome outcome = KITH_INDEXED;
    char *path = absolute(folder, photo->name);
    assert_int_equal(kith_known_open(&known, gallery, ask, identity.pipeline, &err), KITH_OK);
    assert_int_equal(kith_known_outcome(known, photo->sha256, &is_known, &outcome, &err), KITH_OK);
    kith_known_close(&known);
    assert_int_equal(kith_store_find(store, path, &record, &found, &err), KITH_OK);
    kith_task *task = task_of(folder, photo, is_known, outcome, found ? &record : NULL);
    if (!is_known && which == KITH_WHICH_ONLY && photo->person && photo->faces > 1) { /* as a worker does */
        task->outcome = KITH_FAILED;
        kith_fail(&task->err, KITH_E_FORMAT, 0, path, "several");
        kith_faces_clear(&task->faces);
    }
    bool again;
    assert_int_equal(kith_store_settle(store, task, &again, &err), KITH_OK);
    assert_false(again);
    kith_task_free(task);
    free(path);
}

typedef struct text {
    char text[4096];
    size_t used;
} text;

__attribute__((format(printf, 2, 3))) static void add(text *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(out->text + out->used, sizeof out->text - out->used, format, arguments);
    va_end(arguments);
    assert_true(more >= 0 && (size_t)more < sizeof out->text - out->used);
    out->used += (size_t)more;
}

static kith_status describe_point(void *context, const kith_point *point, const float *vector,
                                  kith_error *err) {
    (void)err;
    assert_true(vector[point->face] > 0.9F);
    add(context, "%c%d %s:", point->sha256[0], point->face, point->person ? point->person : "-");
    for (size_t i = 0; i < point->path_count; i++)
        add(context, " %s", strrchr(point->paths[i], '/') + 1);
    add(context, "\n");
    return KITH_OK;
}

static kith_status describe_record(void *context, const kith_record *record, kith_error *err) {
    (void)err;
    add(context, "%s %s\n", strrchr(record->path, '/') + 1, kith_outcome_name(record->outcome));
    return KITH_OK;
}

/* Settles the photos in one order and says what is there afterwards. */
static void run(text *out, const char *folder, const sample *const *photos, size_t count, bool ask,
                bool flush, kith_which which) {
    kith_error err = {0};
    kith_account account;
    kith_store *store;
    char id[KITH_ID_SIZE];
    kith_run_id(id);
    unlink("g.kith");
    unlink("g.kith-wal");
    unlink("g.kith-shm");
    assert_int_equal(kith_account_open(&account, NULL, id, false, &err), KITH_OK);
    const kith_gallery_choice choice = {.gallery = "g.kith"};
    kith_store_settings settings = {
        .gallery = &choice, .identity = &identity, .text = "{}", .which = which, .account = &account};
    assert_int_equal(kith_store_open(&store, &settings, &err), KITH_OK);
    for (size_t i = 0; i < count; i++) {
        account.seen++;
        settle(store, &choice, folder, photos[i], ask, which);
        if (flush)
            assert_int_equal(kith_store_flush(store, &err), KITH_OK);
    }
    assert_int_equal(kith_store_flush(store, &err), KITH_OK);
    assert_int_equal(kith_store_unsaved(store), 0);
    assert_true(kith_account_balances(&account));
    kith_store_close(&store);
    kith_account_close(&account);
    kith_gallery *gallery;
    kith_ledger *ledger;
    assert_int_equal(kith_gallery_open(&gallery, "g.kith", KITH_GALLERY_READ, &err), KITH_OK);
    assert_int_equal(kith_ledger_open(&ledger, gallery, NULL, &err), KITH_OK);
    assert_int_equal(kith_gallery_each(gallery, NULL, true, describe_point, out, &err), KITH_OK);
    assert_int_equal(kith_ledger_under(ledger, NULL, describe_record, out, &err), KITH_OK);
    kith_ledger_close(&ledger);
    kith_gallery_close(&gallery);
}

/* All orders (Heap's algorithm), each with and without asking and flushing. */
static void expect(const sample *photos, size_t count, kith_which which, const char *expected) {
    char *folder = enter_folder();
    const sample *order[6];
    size_t c[6] = {0}, i = 0;
    for (size_t k = 0; k < count; k++) {
        order[k] = &photos[k];
        write_text(photos[k].name, photos[k].sha256);
    }
    for (bool more = true; more;) {
        for (int way = 0; way < 4; way++) {
            text seen = {"", 0};
            run(&seen, folder, order, count, way & 1, way & 2, which);
            assert_string_equal(seen.text, expected);
        }
        while (i < count && c[i] >= i)
            c[i++] = 0;
        more = i < count;
        if (more) {
            size_t other = i % 2 ? c[i] : 0;
            const sample *swapped = order[other];
            order[other] = order[i];
            order[i] = swapped;
            c[i]++;
            i = 0;
        }
    }
    leave_folder(folder);
}

static void copies_are_one_set_of_points(void **state) {
    (void)state;
    const sample photos[] = {{"1", "Ann", A, 1}, {"2", NULL, A, 1}, {"3", "Ann", A, 1}, {"4", NULL, B, 0}};
    expect(photos, 4, KITH_WHICH_ONLY,
           "a0 Ann: 1 2 3\n"
           "1 indexed\n2 indexed\n3 indexed\n4 no face\n");
}

static void two_names_for_the_same_bytes_fail(void **state) {
    (void)state;
    const sample photos[] = {{"1", "Ann", A, 1}, {"2", "Bob", A, 1}, {"3", NULL, A, 1}, {"4", "Bob", B, 1}};
    expect(photos, 4, KITH_WHICH_ONLY,
           "b0 Bob: 4\n"
           "1 failed\n2 failed\n3 failed\n4 indexed\n");
}

static void one_face_gets_the_name(void **state) {
    (void)state;
    const sample photos[] = {{"1", NULL, A, 3}, {"2", "Ann", A, 3}, {"3", "Bob", B, 2}};
    expect(photos, 3, KITH_WHICH_ALL,
           "b1 Bob: 3\n"
           "a2 Ann: 1 2\n"
           "a0 Ann: 1 2\n"
           "b0 Bob: 3\n"
           "a1 Ann: 1 2\n"
           "1 indexed\n2 indexed\n3 indexed\n");
}

static void several_faces_and_one_name_fail_beside_a_nameless_copy(void **state) {
    (void)state;
    const sample photos[] = {{"1", NULL, A, 2}, {"2", "Ann", A, 2}, {"3", "Ann", B, 1}};
    expect(photos, 3, KITH_WHICH_ONLY,
           "a0 -: 1\n"
           "b0 Ann: 3\n"
           "a1 -: 1\n"
           "1 indexed\n2 failed\n3 indexed\n");
}

int main(void) {
    assert_non_null(freopen("/dev/null", "w", stderr)); /* failures are told; here by the hundred */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_one_set_of_points),
        cmocka_unit_test(two_names_for_the_same_bytes_fail),
        cmocka_unit_test(one_face_gets_the_name),
        cmocka_unit_test(several_faces_and_one_name_fail_beside_a_nameless_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
