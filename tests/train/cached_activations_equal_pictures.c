/* SPDX-License-Identifier: MIT
 *
 * A step on cached activations is the step on pictures: batch after batch, a graph that begins at the layers
 * that learn, fed from a cache, gives what a whole graph gives that a loader feeds; for faces, persons and
 * triplets, both sides of the split, in F32 and, in a file when the budget is 0, in F16.
 */
#include "tests/train/support/made.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "model/train/feed.h"
#include "proto/point.h"
#include "tests/indexer/support/folder.h"

enum { SIDE = 64, BATCH = 4, EACH = 2, STEPS = 5, THREADS = 2 };

typedef struct parts {
    kith_face_set *set;
    kith_triplets *triplets;
    kith_parameters *parameters;
    kith_frozen *frozen;
    int first, frozen_row, vector_row;
} parts;

static void good(kith_status status, const kith_error *err) {
    if (status != KITH_OK)
        fail_msg("%s: %s", err->where, err->text);
}

static void open_parts(parts *out) {
    const int counts[] = {4, 3, 5, 2, 4, 3};
    kith_error err = {0};
    told events = {0};
    make_people("people", counts, 6);
    out->set = open_chips("people", 0.5, &events);
    good(kith_triplets_make(&out->triplets, out->set, 24, 3, &err), &err);
    good(kith_parameters_open(&out->parameters, kith_arch_find("siamese"), &err), &err);
    kith_parameters_randomise(out->parameters, 5);
    good(kith_extent_first(&out->first, out->parameters->arch, KITH_EXTENT_LAST5, &err), &err);
    good(kith_frozen_row(&out->frozen_row, out->parameters->arch, out->first, &err), &err);
    good(kith_frozen_open(&out->frozen, out->parameters, out->first, SIDE, THREADS, &err), &err);
    for (int row = 0; row < out->parameters->arch->count; row++)
        if (out->parameters->arch->layers[row].op == KITH_OP_VECTOR)
            out->vector_row = row;
    assert_true(out->vector_row >= 0);
}

static void close_parts(parts *in) {
    kith_frozen_close(&in->frozen);
    kith_parameters_close(&in->parameters);
    kith_triplets_free(&in->triplets);
    kith_face_set_close(&in->set);
}

static kith_feed_options options_of(const parts *in, kith_sampling sampling, bool validation) {
    return (kith_feed_options){.sampler = {.sampling = sampling,
                                           .set = in->set,
                                           .triplets = in->triplets,
                                           .validation = validation,
                                           .batch = BATCH,
                                           .each = EACH,
                                           .variants = 3,
                                           .seed = 11},
                               .arch = "siamese",
                               .side = SIDE,
                               .threads = THREADS,
                               .vector_row = in->vector_row,
                               .frozen_row = in->frozen_row};
}

/* The largest difference of outputs, relative to the largest output, over some steps of two feeds. */
static double difference(const parts *in, kith_feed *pictures, kith_feed *cached) {
    kith_graph *graphs[2];
    kith_error err = {0};
    double apart = 0, most = 0;
    size_t items = kith_feed_items(pictures), steps = kith_feed_steps(pictures);
    assert_int_equal(kith_feed_items(cached), items);
    assert_int_equal(kith_feed_steps(cached), steps);
    for (int g = 0; g < 2; g++) {
        kith_graph_options with = {
            .side = SIDE, .batch = (int)items, .first = g * in->first, .threads = THREADS};
        good(kith_graph_open(&graphs[g], in->parameters, &with, &err), &err);
    }
    for (int step = 0; step < STEPS; step++) { /* on into the next epoch */
        kith_fed fed[2];
        good(kith_feed_next(pictures, graphs[0], &fed[0], &err), &err);
        good(kith_feed_next(cached, graphs[1], &fed[1], &err), &err);
        assert_int_equal(fed[0].count, fed[1].count);
        assert_memory_equal(fed[0].faces, fed[1].faces, items * sizeof *fed[0].faces);
        for (int g = 0; g < 2; g++)
            good(kith_graph_forward(graphs[g], KITH_NORM_FROZEN, &err), &err);
        const float *one = kith_graph_output(graphs[0]), *other = kith_graph_output(graphs[1]);
        for (size_t i = 0; i < items * KITH_DIMENSION; i++) {
            apart = fmax(apart, fabs((double)one[i] - (double)other[i]));
            most = fmax(most, fabs((double)one[i]));
        }
    }
    kith_graph_close(&graphs[0]);
    kith_graph_close(&graphs[1]);
    assert_true(most > 0);
    return apart / most;
}

/* One of both is opened behind the last step of the epoch before, as after a stop just there. */
static double compare(const parts *in, kith_sampling sampling, bool validation, size_t budget,
                      const char *said) {
    kith_feed_options options = options_of(in, sampling, validation);
    kith_feed_cache_options with = {.frozen = in->frozen, .budget = budget, .folder = "."};
    kith_feed_cache *cache = NULL;
    kith_feed *pictures = NULL, *cached = NULL;
    kith_error err = {0};
    char text[200];
    good(kith_feed_cache_open(&cache, &options, &with, &err), &err);
    kith_cache_describe(text, sizeof text, kith_feed_cache_items(cache));
    if (!strstr(text, said))
        fail_msg("the cache is '%s', not '%s'", text, said);
    good(kith_feed_open(&pictures, &options, NULL, 1, 0, &err), &err);
    size_t steps = kith_feed_steps(pictures);
    if (budget == 0)
        good(kith_feed_open(&cached, &options, cache, 0, steps, &err), &err);
    else {
        kith_feed_close(&pictures);
        good(kith_feed_open(&pictures, &options, NULL, 0, steps, &err), &err);
        good(kith_feed_open(&cached, &options, cache, 1, 0, &err), &err);
    }
    double apart = difference(in, pictures, cached);
    kith_feed_close(&pictures);
    kith_feed_close(&cached);
    kith_feed_cache_close(&cache);
    return apart;
}

static void a_cached_step_is_that_of_the_pictures(void **state) {
    (void)state;
    static const kith_sampling ways[] = {KITH_SAMPLE_FACES, KITH_SAMPLE_PERSONS, KITH_SAMPLE_TRIPLETS};
    const size_t much = (size_t)1 << 30;
    char *folder = enter_folder();
    parts in = {.vector_row = -1};
    open_parts(&in);
    for (int w = 0; w < 3; w++)
        for (int validation = 0; validation < 2; validation++) {
            double exact = compare(&in, ways[w], validation, much, "F32 in memory");
            double halves = compare(&in, ways[w], validation, 0, "F16 on disk");
            print_message("way %d, validation %d: %.2g, %.2g\n", w, validation, exact, halves);
            assert_true(exact < 1e-5);
            assert_true(halves > 0 && halves < 1e-3);
        }
    close_parts(&in);
    leave_folder(folder);
}

/* A limit on the size of files is as a full disk. */
static void a_disk_without_room_is_said(void **state) {
    (void)state;
    char *folder = enter_folder();
    parts in = {.vector_row = -1};
    kith_feed_cache *cache = NULL;
    kith_error err = {0};
    struct rlimit old, small;
    open_parts(&in);
    kith_feed_options options = options_of(&in, KITH_SAMPLE_TRIPLETS, false);
    kith_feed_cache_options with = {.frozen = in.frozen, .folder = "."};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 1 << 16;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    kith_status status = kith_feed_cache_open(&cache, &options, &with, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, KITH_E_IO);
    assert_null(cache);
    assert_non_null(strstr(err.text, "activations of frozen layers"));
    close_parts(&in);
    leave_folder(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cached_step_is_that_of_the_pictures),
        cmocka_unit_test(a_disk_without_room_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
