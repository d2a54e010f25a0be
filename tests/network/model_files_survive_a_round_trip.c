/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_tensors(const kith_tensors *tensors, const char *path, bool half) {
    kith_error err = {0};
    if (kith_tensors_write(path, tensors, half, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
}

static void digest_of(char out[65], const kith_tensors *tensors) {
    kith_error err = {0};
    assert_int_equal(kith_tensors_digest(out, tensors, "yunet", &err), KITH_OK);
}

static void same_tensors(const kith_tensors *a, const kith_tensors *b) {
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_string_equal(a->items[i].name, b->items[i].name);
        assert_int_equal(a->items[i].rank, b->items[i].rank);
        assert_memory_equal(a->items[i].shape, b->items[i].shape, sizeof a->items[i].shape);
        assert_int_equal(a->items[i].count, b->items[i].count);
        assert_memory_equal(a->items[i].values, b->items[i].values, a->items[i].count * sizeof(float));
        assert_int_equal((uintptr_t)a->items[i].values % 64, 0);
    }
    assert_int_equal(a->metadata_count, b->metadata_count);
    for (size_t i = 0; i < a->metadata_count; i++) {
        assert_string_equal(a->metadata[i].key, b->metadata[i].key);
        assert_string_equal(a->metadata[i].value, b->metadata[i].value);
    }
}

static void f32_keeps_everything(void **state) {
    (void)state;
    kith_tensors *made = random_tensors("yunet", 1);
    write_tensors(made, temporary("copy"), false);
    kith_tensors *read = tensors_of(temporary("copy"));
    same_tensors(made, read);
    kith_tensors_free(&read);
    kith_tensors_free(&made);
}

static void f16_of_f16_keeps_everything(void **state) {
    (void)state;
    kith_tensors *shipped = tensors_of(SHIPPED("yunet"));
    write_tensors(shipped, temporary("wide"), false);
    kith_tensors *wide = tensors_of(temporary("wide"));
    same_tensors(shipped, wide);
    char a[65], b[65];
    digest_of(a, shipped);
    digest_of(b, wide);
    assert_string_equal(a, b);
    write_tensors(wide, temporary("narrow"), true);
    kith_tensors *narrow = tensors_of(temporary("narrow"));
    same_tensors(shipped, narrow);
    struct stat large, small;
    assert_int_equal(stat(temporary("wide"), &large), 0);
    assert_int_equal(stat(temporary("narrow"), &small), 0);
    assert_true(large.st_size - small.st_size > 53104 * 2 - 200);
    kith_tensors_free(&narrow);
    kith_tensors_free(&wide);
    kith_tensors_free(&shipped);
}

/* A device is like a FIFO in this, and tests run as root. */
static void what_is_no_file_is_not_replaced(void **state) {
    (void)state;
    struct stat after;
    kith_error err = {0};
    kith_tensors *made = random_tensors("yunet", 1);
    const char *path = temporary("fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(kith_tensors_write(path, made, true, &err), KITH_E_IO);
    assert_string_equal(err.text, "is no regular file (name a new one)");
    assert_int_equal(stat(path, &after), 0);
    assert_true(S_ISFIFO(after.st_mode));
    unlink(path);
    kith_tensors_free(&made);
}

static void the_digest_sees_tensors_and_not_metadata(void **state) {
    (void)state;
    char before[65], after[65], other[65];
    kith_tensors *made = random_tensors("yunet", 1);
    kith_error err = {0};
    digest_of(before, made);
    made->metadata[0].value = "something else";
    digest_of(after, made);
    assert_string_equal(before, after);
    assert_int_equal(kith_tensors_digest(other, made, "reid", &err), KITH_OK);
    assert_string_not_equal(before, other);
    made->items[3].values[0] += 1;
    digest_of(after, made);
    assert_string_not_equal(before, after);
    kith_tensors_free(&made);
}

static void what_f16_cannot_hold_is_refused_by_name(void **state) {
    (void)state;
    kith_tensors *made = random_tensors("yunet", 1);
    kith_error err = {0};
    values_of(made, "stem.bias")[0] = 70000;
    assert_int_equal(kith_tensors_write(temporary("copy"), made, true, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "stem.bias"));
    values_of(made, "stem.bias")[0] = NAN;
    kith_error_clear(&err);
    assert_int_equal(kith_tensors_write(temporary("copy"), made, false, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "stem.bias"));
    kith_tensors_free(&made);
}

static void what_could_not_be_read_again_is_not_written(void **state) {
    (void)state;
    kith_error err = {0};
    kith_tensor large = {.name = "large", .rank = 1, .shape = {1 << 28}, .count = ((size_t)1 << 28) + 1};
    const kith_tensors file = {.items = &large, .count = 1}; /* its size is looked at before its values */
    assert_int_equal(kith_tensors_write(temporary("large"), &file, false, &err), KITH_E_LIMIT);
    assert_int_equal(access(temporary("large"), F_OK), -1);
}

static void a_target_that_cannot_be_written_is_an_error(void **state) {
    (void)state;
    kith_tensors *made = random_tensors("yunet", 1);
    kith_error err = {0};
    assert_int_equal(kith_tensors_write("/nowhere/at/all", made, false, &err), KITH_E_IO);
    assert_string_equal(err.where, "/nowhere/at/all");
    kith_tensors_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(f32_keeps_everything),
                                       cmocka_unit_test(f16_of_f16_keeps_everything),
                                       cmocka_unit_test(what_is_no_file_is_not_replaced),
                                       cmocka_unit_test(the_digest_sees_tensors_and_not_metadata),
                                       cmocka_unit_test(what_f16_cannot_hold_is_refused_by_name),
                                       cmocka_unit_test(what_could_not_be_read_again_is_not_written),
                                       cmocka_unit_test(a_target_that_cannot_be_written_is_an_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
