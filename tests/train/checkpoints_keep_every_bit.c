/* SPDX-License-Identifier: MIT
 *
 * What is read is what was written, bit for bit; a checkpoint of another recipe is refused with the option
 * that differs, one of another network too, and what is no checkpoint; a failed write leaves the old file.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/statistics/random.h"
#include "model/train/checkpoint.h"

enum { LABELS = 5, WIDTH = 256 };

static const char path[] = KITH_BINARY_DIR "/tests/checkpoint-keeps.safetensors";
static const char recipe[] = "--arch=siamese\n--margin=2\n--seed=1\n";

static float *drawn(size_t count, uint64_t seed) {
    kith_random random = {seed};
    float *out = calloc(count, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        out[i] = seed == 0 ? 0 : (float)kith_random_normal(&random) * 1e-4f;
    return out;
}

/* Filled by chance; seed 0: all zero. */
static void make(kith_state *out, uint64_t seed) {
    kith_error err = {0};
    *out = (kith_state){.labels = LABELS, .width = WIDTH, .best = NAN};
    assert_int_equal(kith_parameters_open(&out->parameters, kith_arch_find("siamese"), &err), KITH_OK);
    kith_parameters_train(out->parameters, 0);
    if (seed > 0)
        kith_parameters_randomise(out->parameters, seed);
    size_t total = out->parameters->total;
    out->first = drawn(total, seed);
    out->second = drawn(total, seed * 3);
    out->average = drawn(total, seed * 5);
    out->classes = drawn(LABELS * WIDTH, seed * 7);
    out->classes_first = drawn(LABELS * WIDTH, seed * 11);
    out->classes_second = drawn(LABELS * WIDTH, seed * 13);
    if (seed > 0) {
        out->epoch = 3;
        out->step = 1234;
        out->epoch_step = 34;
        out->tallies.loss = (kith_tally){1.0 / 3, 34};
        out->tallies.s_an = (kith_tally){-M_PI, 33};
        out->rate = 1.0 / 7;
        out->best_accuracy = 2.0 / 3;
        out->best_epoch = 2;
        out->seconds = 0.1;
    }
}

static void clear(kith_state *state) {
    kith_parameters_close(&state->parameters);
    free(state->first);
    free(state->second);
    free(state->average);
    free(state->classes);
    free(state->classes_first);
    free(state->classes_second);
}

static void write_one(kith_state *state) {
    kith_error err = {0};
    make(state, 1);
    if (kith_checkpoint_write(path, state, recipe, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
}

static void all_comes_back(void **state) {
    (void)state;
    kith_state was, now;
    kith_error err = {0};
    write_one(&was);
    make(&now, 0);
    if (kith_checkpoint_read(path, &now, recipe, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    for (int p = 0; p < was.parameters->count; p++) {
        const kith_parameter *parameter = &was.parameters->list[p];
        size_t at = parameter->offset, size = parameter->tensor.count * sizeof(float);
        assert_memory_equal(was.parameters->values + at, now.parameters->values + at, size);
        assert_memory_equal(was.average + at, now.average + at, size);
        if (parameter->trained) {
            assert_memory_equal(was.first + at, now.first + at, size);
            assert_memory_equal(was.second + at, now.second + at, size);
        }
    }
    assert_memory_equal(was.classes, now.classes, LABELS * WIDTH * sizeof(float));
    assert_memory_equal(was.classes_first, now.classes_first, LABELS * WIDTH * sizeof(float));
    assert_memory_equal(was.classes_second, now.classes_second, LABELS * WIDTH * sizeof(float));
    assert_int_equal(now.epoch, 3);
    assert_int_equal(now.step, 1234);
    assert_int_equal(now.epoch_step, 34);
    assert_int_equal(now.best_epoch, 2);
    assert_true(now.best_accuracy == was.best_accuracy);
    assert_true(isnan(now.best) && now.rate == was.rate && now.seconds == was.seconds);
    assert_memory_equal(&now.tallies, &was.tallies, sizeof now.tallies);
    clear(&was);
    clear(&now);
}

static void refuse(const char *other, const char *said) {
    kith_state now;
    kith_error err = {0};
    make(&now, 0);
    assert_int_equal(kith_checkpoint_read(path, &now, other, &err), KITH_E_REFUSED);
    if (!strstr(err.text, said))
        fail_msg("'%s' does not say '%s'", err.text, said);
    clear(&now);
}

static void another_recipe_is_refused_by_name(void **state) {
    (void)state;
    kith_state was;
    write_one(&was);
    clear(&was);
    refuse("--arch=siamese\n--margin=0.5\n--seed=1\n", "--margin=2, this one --margin=0.5");
    refuse("--arch=mobileface\n--margin=2\n--seed=1\n", "--arch=siamese, this one --arch=mobileface");
    refuse("--arch=siamese\n--margin=2\n", "--seed=1");
}

static void another_shape_is_refused(void **state) {
    (void)state;
    kith_state was, now;
    kith_error err = {0};
    write_one(&was);
    clear(&was);
    make(&now, 0);
    now.labels = LABELS - 1;
    assert_int_equal(kith_checkpoint_read(path, &now, recipe, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "classes"));
    clear(&now);
}

static void a_model_file_is_no_checkpoint(void **state) {
    (void)state;
    kith_state was, now;
    kith_tensors *tensors = NULL;
    kith_error err = {0};
    make(&was, 1);
    assert_int_equal(kith_parameters_tensors(&tensors, was.parameters, was.parameters->values, &err),
                     KITH_OK);
    assert_int_equal(kith_tensors_write(path, tensors, false, &err), KITH_OK);
    kith_tensors_free(&tensors);
    make(&now, 0);
    assert_int_equal(kith_checkpoint_read(path, &now, recipe, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "no checkpoint"));
    clear(&was);
    clear(&now);
}

/* Damage that leaves a good file of tensors: a bit of a value, a digit of a counter. */
static void damage_is_refused(void **state) {
    (void)state;
    kith_state was;
    write_one(&was);
    clear(&was);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -2, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -2, SEEK_END), 0);
    fputc(byte ^ 1, file);
    fflush(file);
    refuse(recipe, "was damaged");
    assert_int_equal(fseek(file, -2, SEEK_END), 0);
    fputc(byte, file);
    char head[16384];
    rewind(file);
    size_t got = fread(head, 1, sizeof head - 1, file);
    char *step = memmem(head, got, "\"1234\"", 6);
    assert_non_null(step);
    assert_int_equal(fseek(file, step + 1 - head, SEEK_SET), 0);
    fputc('9', file);
    fclose(file);
    refuse(recipe, "was damaged");
}

static void expect_old(void) {
    kith_state now;
    kith_error err = {0};
    make(&now, 0);
    assert_int_equal(kith_checkpoint_read(path, &now, recipe, &err), KITH_OK);
    assert_int_equal(now.step, 1234);
    clear(&now);
}

/* A limit on the size of files is as a full disk. */
static void a_full_disk_leaves_the_old_one(void **state) {
    (void)state;
    kith_state was;
    kith_error err = {0};
    struct rlimit old, small;
    write_one(&was);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    was.step++;
    kith_status status = kith_checkpoint_write(path, &was, recipe, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, KITH_E_IO);
    clear(&was);
    expect_old();
}

static void what_is_not_finite_leaves_the_old_one(void **state) {
    (void)state;
    kith_state was;
    kith_error err = {0};
    write_one(&was);
    was.step++;
    was.average[was.parameters->list[3].offset] = INFINITY;
    assert_int_equal(kith_checkpoint_write(path, &was, recipe, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "not finite"));
    clear(&was);
    expect_old();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_comes_back),
        cmocka_unit_test(another_recipe_is_refused_by_name),
        cmocka_unit_test(another_shape_is_refused),
        cmocka_unit_test(a_model_file_is_no_checkpoint),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(a_full_disk_leaves_the_old_one),
        cmocka_unit_test(what_is_not_finite_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
