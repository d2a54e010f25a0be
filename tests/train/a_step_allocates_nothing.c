/* SPDX-License-Identifier: MIT
 *
 * A step is forward, loss, backward, optimiser and average. Kith's own code makes no call in it; what oneDNN
 * and OpenMP take for a call is given back, which the last test sees.
 */
#include "model/train/frozen.h"
#include "model/train/learner.h"
#include "tests/network/support/allocations.h"
#include "tests/network/support/models.h"

#include <malloc.h>

enum { BATCH = 3, PERSONS = 2 };

typedef struct sample {
    kith_parameters *parameters;
    kith_graph *graph;
    kith_learner *learner;
    kith_targets *targets;
} sample;

/* Two faces of one person and one of another. */
static kith_set_person persons[PERSONS] = {{.label = 0}, {.label = 1}};
static kith_set_face faces[BATCH] = {{.person = 0}, {.person = 0}, {.person = 1}};
static const kith_face_set set = {
    .faces = faces, .count = BATCH, .persons = persons, .person_count = PERSONS, .labels = PERSONS};

static kith_targets *some_targets(void) {
    kith_targets *targets;
    kith_error err = {0};
    must(kith_targets_make(&targets, BATCH, &err), &err);
    for (int i = 0; i < BATCH * KITH_DIMENSION; i++)
        targets->values[i] = i % KITH_DIMENSION == i / KITH_DIMENSION;
    return targets;
}

static void open_learner(sample *s, kith_loss_kind loss) {
    kith_error err = {0};
    const kith_learner_options options = {.parameters = s->parameters,
                                          .graph = s->graph,
                                          .set = &set,
                                          .targets = s->targets,
                                          .loss = {.kind = loss,
                                                   .rows = BATCH,
                                                   .margin = 0.5,
                                                   .scale = 8,
                                                   .labels = PERSONS,
                                                   .cosine = 2,
                                                   .matrix = 2,
                                                   .bank_weight = 0.5,
                                                   .temperature = 0.05,
                                                   .bank = s->targets->values,
                                                   .bank_count = BATCH},
                                          .optimiser = KITH_OPTIMISER_DEFAULTS,
                                          .schedule = {.rate = 1e-5, .steps = 100},
                                          .norm = KITH_NORM_BATCH,
                                          .ema = 0.9};
    must(kith_learner_open(&s->learner, &options, &err), &err);
}

static sample open_sample(const char *name, kith_extent extent, kith_loss_kind loss) {
    sample s;
    kith_error err = {0};
    const kith_arch *arch = kith_arch_find(name);
    kith_graph_options options = {.side = kith_arch_side(arch), .batch = BATCH, .threads = 2};
    must(kith_extent_first(&options.first, arch, extent, &err), &err);
    must(kith_parameters_open(&s.parameters, arch, &err), &err);
    kith_parameters_randomise(s.parameters, 1);
    kith_parameters_train(s.parameters, options.first);
    must(kith_graph_open(&s.graph, s.parameters, &options, &err), &err);
    s.targets = some_targets();
    open_learner(&s, loss);
    return s;
}

static void close_sample(sample *s) {
    kith_learner_close(&s->learner);
    kith_graph_close(&s->graph);
    kith_parameters_close(&s->parameters);
    kith_targets_free(&s->targets);
}

static void step(const sample *s) {
    static unsigned char rgb[BATCH][128 * 128 * 3];
    static const float points[136];
    static const uint32_t fed_faces[BATCH] = {0, 1, 2};
    kith_loss_figures figures;
    kith_error err = {0};
    for (int i = 0; i < BATCH; i++) {
        for (size_t b = 0; b < sizeof rgb[i]; b++)
            rgb[i][b] = (unsigned char)(b * (size_t)(i + 1) * 7);
        kith_graph_set_input(s->graph, i, rgb[i], points);
    }
    must(kith_learner_step(s->learner, &(kith_fed){fed_faces, BATCH}, &figures, &err), &err);
}

static void check(const char *arch, kith_extent extent, kith_loss_kind loss) {
    allocation_calls = 0;
    sample s = open_sample(arch, extent, loss);
    assert_true(allocation_calls > 0); /* they are counted */
    allocation_calls = 0;
    for (int i = 0; i < 2; i++)
        step(&s);
    assert_int_equal(allocation_calls, 0);
    close_sample(&s);
}

static void no_network_allocates(void **state) {
    (void)state;
    check("siamese", KITH_EXTENT_ALL, KITH_LOSS_TRIPLET);
    check("siamese", KITH_EXTENT_LAST5, KITH_LOSS_SEMIHARD);
    check("mobileface", KITH_EXTENT_HEAD, KITH_LOSS_ARCFACE);
    check("mobileface", KITH_EXTENT_HEAD, KITH_LOSS_HARD);
    check("reid", KITH_EXTENT_ALL, KITH_LOSS_DISTIL);
}

static void nothing_is_kept(void **state) {
    (void)state;
    sample s = open_sample("siamese", KITH_EXTENT_ALL, KITH_LOSS_TRIPLET);
    step(&s);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 8; i++)
        step(&s);
    /* Each thread's allocator may hold back a few pieces. 160 primitives that kept something would be more.
     */
    assert_true(mallinfo2().uordblks < before + 4096);
    close_sample(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_network_allocates),
                                       cmocka_unit_test(nothing_is_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
