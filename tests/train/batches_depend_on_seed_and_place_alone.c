/* SPDX-License-Identifier: MIT
 *
 * A batch is a function of seed, epoch and step: whatever the number of threads, wherever the loader began.
 * An epoch shows what it should: each face once, groups of one person, triplets as blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/train/loader.h"
#include "tests/indexer/support/folder.h"
#include "tests/train/support/made.h"

enum { SIDE = 112, BATCH = 8 };

static char *folder;
static kith_face_set *set;

static int open_set(void **state) {
    (void)state;
    folder = enter_folder();
    make_people("d", (const int[]){5, 4, 3, 6, 2, 1, 4, 5, 3, 2}, 10);
    set = open_chips("d", 0.3, NULL);
    return !set->validates;
}

static int close_set(void **state) {
    (void)state;
    kith_face_set_close(&set);
    leave_folder(folder);
    return 0;
}

static kith_sampler *sampler_of(const kith_sampler_options *options) {
    kith_sampler *sampler = NULL;
    kith_error err = {0};
    if (kith_sampler_open(&sampler, options, &err) != KITH_OK)
        fail_msg("%s", err.text);
    return sampler;
}

static const kith_sampler_options usual = {.batch = BATCH, .each = 4, .variants = SIZE_MAX, .seed = 3};

/* The bytes of `count` batches from a place on, in one piece. */
static unsigned char *load(const kith_sampler_options *options, int jobs, size_t epoch, size_t step,
                           size_t count, size_t *size) {
    kith_sampler *sampler = sampler_of(options);
    const kith_loader_options with = {.set = set,
                                      .sampler = sampler,
                                      .arch = "siamese",
                                      .side = SIDE,
                                      .landmarks = true,
                                      .jobs = jobs,
                                      .ahead = 3,
                                      .epoch = epoch,
                                      .step = step};
    kith_loader *loader = NULL;
    const kith_batch *batch = NULL;
    kith_error err = {0};
    size_t items = kith_sampler_items(sampler), rgb = items * SIDE * SIDE * 3;
    size_t landmarks = items * 2 * KITH_LANDMARKS * sizeof(float);
    unsigned char *out = malloc(count * (rgb + landmarks)), *to = out;
    assert_int_equal(kith_loader_open(&loader, &with, &err), KITH_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(kith_loader_next(loader, &batch, &err), KITH_OK);
        memcpy(to, batch->rgb, rgb);
        memcpy(to + rgb, batch->landmarks, landmarks);
        to += rgb + landmarks;
    }
    kith_loader_close(&loader);
    kith_sampler_close(&sampler);
    *size = count * (rgb + landmarks);
    return out;
}

static void threads_change_nothing(void **state) {
    (void)state;
    static const kith_sampling samplings[] = {KITH_SAMPLE_FACES, KITH_SAMPLE_PERSONS};
    for (size_t i = 0; i < 2; i++) {
        kith_sampler_options options = usual;
        size_t size;
        options.set = set;
        options.sampling = samplings[i];
        unsigned char *one = load(&options, 1, 0, 0, 10, &size), *four = load(&options, 4, 0, 0, 10, &size);
        assert_memory_equal(one, four, size);
        /* Ten batches are several epochs: begin in one of the middle. */
        kith_sampler *sampler = sampler_of(&options);
        size_t steps = kith_sampler_steps(sampler);
        assert_true(steps > 1 && steps < 9);
        unsigned char *later = load(&options, 2, 7 / steps, 7 % steps, 3, &size);
        assert_memory_equal(one + 7 * (size / 3), later, size);
        assert_memory_not_equal(one, one + steps * (size / 3), size / 3); /* the next epoch is another one */
        options.seed++;
        unsigned char *other = load(&options, 2, 0, 0, 1, &size);
        assert_memory_not_equal(one, other, size);
        kith_sampler_close(&sampler);
        free(one);
        free(four);
        free(later);
        free(other);
    }
}

static void each_face_once(void **state) {
    (void)state;
    kith_sampler_options options = usual;
    kith_sample samples[BATCH];
    options.set = set;
    for (int validation = 0; validation < 2; validation++) {
        options.validation = validation;
        kith_sampler *sampler = sampler_of(&options);
        size_t faces = kith_face_set_side(set, validation, NULL), steps = kith_sampler_steps(sampler);
        assert_int_equal(steps, validation ? (faces + BATCH - 1) / BATCH : faces / BATCH);
        for (size_t epoch = 0; epoch < 3; epoch++) {
            unsigned char met[64] = {0};
            size_t total = 0;
            for (size_t step = 0; step < steps; step++) {
                size_t count = kith_sampler_batch(sampler, epoch, step, samples);
                for (size_t i = 0; i < count; i++) {
                    assert_int_equal(met[samples[i].face]++, 0);
                    assert_int_equal(set->faces[samples[i].face].validation, validation);
                    if (validation) /* nothing is left to chance there */
                        assert_true(samples[i].augmentation.zoom == 0 && samples[i].key == samples[i].face);
                }
                for (size_t i = count; i < BATCH; i++)
                    assert_int_equal(samples[i].face, samples[count - 1].face);
                total += count;
            }
            assert_int_equal(total, validation ? faces : steps * BATCH);
        }
        kith_sampler_close(&sampler);
    }
}

/* Each face is changed in its own way, and in another one the next time. */
static void changes_are_new_each_time(void **state) {
    (void)state;
    kith_sampler_options options = usual;
    kith_sample samples[BATCH];
    kith_augmentation met[8 * BATCH];
    size_t count = 0;
    options.set = set;
    kith_sampler *sampler = sampler_of(&options);
    assert_int_equal(kith_sampler_keys(sampler), 0);
    for (size_t epoch = 0; epoch < 4; epoch++)
        for (size_t step = 0; step < 2; step++) {
            kith_sampler_batch(sampler, epoch, step, samples);
            for (size_t i = 0; i < BATCH; i++) {
                for (size_t k = 0; k < count; k++)
                    assert_memory_not_equal(&met[k], &samples[i].augmentation, sizeof met[k]);
                met[count++] = samples[i].augmentation;
            }
        }
    kith_sampler_close(&sampler);
}

static void validation_is_always_the_same(void **state) {
    (void)state;
    kith_sampler_options options = usual;
    kith_sample first[BATCH], later[BATCH];
    memset(first, 0, sizeof first);
    memset(later, 0, sizeof later);
    options.set = set;
    options.validation = true;
    kith_sampler *sampler = sampler_of(&options);
    kith_sampler_batch(sampler, 0, 0, first);
    kith_sampler_batch(sampler, 5, 0, later);
    for (size_t i = 0; i < BATCH; i++)
        assert_int_equal(first[i].face, later[i].face);
    kith_sampler_close(&sampler);
}

static void groups_are_of_one_person(void **state) {
    (void)state;
    kith_sampler_options options = usual;
    kith_sample samples[BATCH];
    unsigned char met[64] = {0};
    options.set = set;
    options.sampling = KITH_SAMPLE_PERSONS;
    kith_sampler *sampler = sampler_of(&options);
    for (size_t epoch = 0; epoch < 40; epoch++)
        for (size_t step = 0; step < kith_sampler_steps(sampler); step++) {
            assert_int_equal(kith_sampler_batch(sampler, epoch, step, samples), BATCH);
            for (size_t i = 0; i < BATCH; i++) {
                int person = set->faces[samples[i].face].person;
                assert_int_equal(person, set->faces[samples[i / 4 * 4].face].person);
                assert_true(set->persons[person].count > 1 && !set->persons[person].validation);
                met[samples[i].face] = 1;
                for (size_t k = i / 4 * 4; k < i; k++) /* no face twice while there are others */
                    assert_true(samples[k].face != samples[i].face || set->persons[person].count < 4 ||
                                set->persons[person].count % 4 != 0);
            }
        }
    for (size_t i = 0; i < set->count; i++)
        assert_int_equal(met[i], !set->faces[i].validation && set->persons[set->faces[i].person].count > 1);
    kith_sampler_close(&sampler);
}

static void variants_come_again(void **state) {
    (void)state;
    kith_sampler_options options = usual;
    kith_sample samples[BATCH], again;
    unsigned char met[64 * 3] = {0};
    options.set = set;
    options.variants = 3;
    kith_sampler *sampler = sampler_of(&options);
    assert_int_equal(kith_sampler_keys(sampler), set->count * 3);
    for (size_t epoch = 0; epoch < 40; epoch++)
        for (size_t step = 0; step < kith_sampler_steps(sampler); step++) {
            kith_sampler_batch(sampler, epoch, step, samples);
            for (size_t i = 0; i < BATCH; i++) {
                assert_int_equal(samples[i].key / 3, samples[i].face);
                kith_sampler_sample(sampler, samples[i].key, &again);
                assert_memory_equal(&again.augmentation, &samples[i].augmentation, sizeof again.augmentation);
                met[samples[i].key] = 1;
            }
        }
    for (size_t key = 0; key < set->count * 3; key++)
        assert_int_equal(met[key], !set->faces[key / 3].validation);
    kith_sampler_close(&sampler);
}

static void triplets_are_blocks(void **state) {
    (void)state;
    kith_triplets *triplets = NULL;
    kith_sample samples[3 * BATCH];
    kith_error err = {0};
    assert_int_equal(kith_triplets_make(&triplets, set, 40, 1, &err), KITH_OK);
    kith_sampler_options options = usual;
    options.set = set;
    options.triplets = triplets;
    options.sampling = KITH_SAMPLE_TRIPLETS;
    for (int validation = 0; validation < 2; validation++) {
        unsigned char met[40] = {0};
        size_t total = 0;
        options.validation = validation;
        kith_sampler *sampler = sampler_of(&options);
        assert_int_equal(kith_sampler_items(sampler), 3 * BATCH);
        for (size_t step = 0; step < kith_sampler_steps(sampler); step++) {
            size_t count = kith_sampler_batch(sampler, 2, step, samples);
            for (size_t i = 0; i < count; i++) {
                size_t at = samples[i].key / 3;
                assert_int_equal(met[at]++, 0);
                assert_int_equal(triplets->items[at].validation, validation);
                for (size_t role = 0; role < 3; role++) {
                    const kith_sample *sample = &samples[role * BATCH + i];
                    assert_int_equal(sample->face, triplets->items[at].face[role]);
                    assert_memory_equal(&sample->augmentation, &triplets->items[at].augmentation[role],
                                        sizeof sample->augmentation);
                }
            }
            total += count;
        }
        assert_true(total > 0);
        kith_sampler_close(&sampler);
    }
    kith_triplets_free(&triplets);
}

static void too_little_is_refused(void **state) {
    (void)state;
    kith_sampler *sampler = NULL;
    kith_error err = {0};
    kith_sampler_options options = usual;
    options.set = set;
    options.batch = 64;
    assert_int_equal(kith_sampler_open(&sampler, &options, &err), KITH_E_REFUSED);
    assert_null(sampler);
    assert_non_null(strstr(err.text, "--batch"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),    cmocka_unit_test(each_face_once),
        cmocka_unit_test(changes_are_new_each_time), cmocka_unit_test(validation_is_always_the_same),
        cmocka_unit_test(groups_are_of_one_person),  cmocka_unit_test(variants_come_again),
        cmocka_unit_test(triplets_are_blocks),       cmocka_unit_test(too_little_is_refused),
    };
    return cmocka_run_group_tests(tests, open_set, close_set);
}
