/* SPDX-License-Identifier: MIT
 *
 * The flat arrays of a network in training: every tensor of the table once, apart from the others; what
 * learns; values by chance; from a file, whole or in part, and back.
 */
#include "model/train/parameters.h"
#include "tests/network/support/models.h"

#include <math.h>

static kith_parameters *opened(const char *arch) {
    kith_parameters *parameters;
    kith_error err = {0};
    must(kith_parameters_open(&parameters, kith_arch_find(arch), &err), &err);
    return parameters;
}

static const kith_parameter *named(const kith_parameters *parameters, const char *name) {
    int i = kith_parameters_find(parameters, name);
    assert_true(i >= 0);
    return &parameters->list[i];
}

static void tensors_lie_apart(void **state) {
    (void)state;
    kith_parameters *p = opened("siamese");
    size_t end = 0, sum = 0;
    for (int i = 0; i < p->count; i++) {
        assert_true(p->list[i].offset >= end && p->list[i].offset % 16 == 0);
        end = p->list[i].offset + p->list[i].tensor.count;
        sum += p->list[i].tensor.count;
    }
    assert_true(end <= p->total && p->total % 16 == 0);
    assert_int_equal(sum, kith_arch_parameters(p->arch));
    assert_int_equal(kith_parameters_find(p, "stem.bias"), -1);
    kith_parameters_close(&p);
    assert_null(p);
}

static size_t trained(const char *arch, kith_extent extent) {
    kith_parameters *p = opened(arch);
    kith_error err = {0};
    int first;
    size_t sum = 0;
    must(kith_extent_first(&first, p->arch, extent, &err), &err);
    kith_parameters_train(p, first);
    for (int i = 0; i < p->count; i++)
        sum += p->list[i].trained ? p->list[i].tensor.count : 0;
    kith_parameters_close(&p);
    return sum;
}

/* The reference's run had 1,532,352, two for each of its 1,600 batch-normed channels not among
 * them. */
static void extents_have_their_sizes(void **state) {
    (void)state;
    assert_int_equal(trained("siamese", KITH_EXTENT_HEAD), 655872 + 8768 + 147712);
    assert_int_equal(trained("siamese", KITH_EXTENT_LAST5), 1532352);
    assert_int_equal(trained("siamese", KITH_EXTENT_ALL), 3070336 - 2 * 17056);
    assert_int_equal(trained("mobileface", KITH_EXTENT_ALL), 1059008);
    assert_int_equal(trained("reid", KITH_EXTENT_ALL), 1106808);
}

static void chance_repeats_itself(void **state) {
    (void)state;
    kith_parameters *a = opened("siamese"), *b = opened("siamese");
    kith_parameters_randomise(a, 1);
    kith_parameters_randomise(b, 1);
    assert_memory_equal(a->values, b->values, a->total * sizeof *a->values);
    kith_parameters_randomise(b, 2);
    const kith_parameter *w = named(a, "embed.weight");
    assert_memory_not_equal(a->values + w->offset, b->values + w->offset, w->tensor.count * sizeof(float));
    double square = 0;
    for (size_t i = 0; i < w->tensor.count; i++)
        square += (double)a->values[w->offset + i] * (double)a->values[w->offset + i];
    assert_true(fabs(square / (double)w->tensor.count * 576 / 2 - 1) < 0.02);
    assert_true(a->values[named(a, "stem.bn.gamma")->offset] == 1);
    assert_true(a->values[named(a, "stem.bn.beta")->offset] == 0);
    kith_parameters_close(&b);
    kith_parameters_close(&a);
}

static void a_file_and_back(void **state) {
    (void)state;
    kith_parameters *p = opened("reid");
    kith_tensors *from = random_tensors("reid", 4), *view = NULL, *back = NULL;
    kith_metadata metadata[2] = {{"kith.arch", "reid"}, {"kith.format", "1"}};
    kith_error err = {0};
    must(kith_parameters_load(p, from, "test", NULL, NULL, &err), &err);
    must(kith_parameters_tensors(&view, p, p->values, &err), &err);
    view->metadata = metadata;
    view->metadata_count = 2;
    must(kith_tensors_write(temporary("back"), view, false, &err), &err);
    kith_tensors_free(&view);
    must(kith_tensors_read(&back, temporary("back"), false, &err), &err);
    assert_int_equal(back->count, from->count);
    for (size_t i = 0; i < from->count; i++) {
        assert_string_equal(back->items[i].name, from->items[i].name);
        assert_memory_equal(back->items[i].values, from->items[i].values,
                            from->items[i].count * sizeof(float));
    }
    kith_tensors_free(&back);
    kith_tensors_free(&from);
    kith_parameters_close(&p);
}

/* Counts what is missing, and remembers one of them. */
static void note_missing(void *context, const char *name) {
    int *count = context;
    *count += strcmp(name, "embed.weight") == 0 ? 1000 : 1;
}

static void a_file_with_some_of_the_tensors(void **state) {
    (void)state;
    kith_parameters *p = opened("siamese");
    kith_tensors *from = random_tensors("siamese", 4);
    kith_error err = {0};
    int missing = 0;
    size_t kept = 0;
    kith_parameters_randomise(p, 3);
    const kith_parameter *embed = named(p, "embed.weight"), *stem = named(p, "stem.weight");
    float embed_before = p->values[embed->offset], stem_before = p->values[stem->offset];
    for (size_t i = 0; i < from->count; i++)
        if (strncmp(from->items[i].name, "embed.", 6) != 0)
            from->items[kept++] = from->items[i];
    from->count = kept;
    assert_int_equal(kith_parameters_load(p, from, "part", NULL, NULL, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "embed."));
    assert_true(p->values[stem->offset] == stem_before); /* nothing was taken */
    kith_error_clear(&err);
    must(kith_parameters_load(p, from, "part", note_missing, &missing, &err), &err);
    assert_int_equal(missing, 1001);
    assert_true(p->values[embed->offset] == embed_before);
    assert_true(p->values[stem->offset] != stem_before);
    kith_tensors_free(&from);
    kith_parameters_close(&p);
}

static void files_that_do_not_fit(void **state) {
    (void)state;
    kith_parameters *p = opened("siamese");
    kith_tensors *other = random_tensors("reid", 4), *own = random_tensors("siamese", 4);
    kith_error err = {0};
    int missing = 0;
    assert_int_equal(kith_parameters_load(p, other, "other", note_missing, &missing, &err), KITH_E_REFUSED);
    kith_error_clear(&err);
    own->items[0].name = "what is this"; /* still sorted: block.0.depthwise.bn.beta was first */
    assert_int_equal(kith_parameters_load(p, own, "own", note_missing, &missing, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "what is this"));
    assert_int_equal(missing, 0);
    kith_tensors_free(&own);
    kith_tensors_free(&other);
    kith_parameters_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tensors_lie_apart),
                                       cmocka_unit_test(extents_have_their_sizes),
                                       cmocka_unit_test(chance_repeats_itself),
                                       cmocka_unit_test(a_file_and_back),
                                       cmocka_unit_test(a_file_with_some_of_the_tensors),
                                       cmocka_unit_test(files_that_do_not_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
