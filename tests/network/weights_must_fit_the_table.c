/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

/* Opening is refused, and the error says `text`. */
static void refused(const kith_tensors *tensors, const char *text) {
    kith_network *network = (kith_network *)1;
    kith_error err = {0};
    kith_status status = kith_network_open(&network, tensors, "FILE", &err);
    assert_null(network);
    if (status != KITH_E_REFUSED || !strstr(err.text, text))
        fail_msg("status %d, '%s' instead of '%s'", (int)status, err.text, text);
    assert_string_equal(err.where, "FILE");
}

static kith_tensor *tensor_of(kith_tensors *tensors, const char *name) {
    kith_tensor *tensor = (kith_tensor *)kith_tensors_find(tensors, name);
    assert_non_null(tensor);
    return tensor;
}

static void a_missing_tensor(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("siamese", 1);
    tensor_of(tensors, "stem.weight")->name = "stem.weighu"; /* keeps the order */
    refused(tensors, "'stem.weight' is missing");
    kith_tensors_free(&tensors);
}

static void a_tensor_too_many(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("siamese", 1);
    kith_tensor items[512];
    memcpy(items, tensors->items, tensors->count * sizeof *items);
    items[tensors->count] = items[0];
    items[tensors->count].name = "zebra";
    kith_tensors more = *tensors;
    more.items = items;
    more.count++;
    refused(&more, "'zebra' is none of network siamese");
    kith_tensors_free(&tensors);
}

static void another_shape(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("mobileface", 1);
    kith_tensor *slope = tensor_of(tensors, "stem.slope");
    slope->shape[0] = 1;
    refused(tensors, "'stem.slope' has another shape");
    slope->shape[0] = 64;
    slope->rank = 2;
    slope->shape[1] = 1;
    refused(tensors, "'stem.slope' has another shape");
    kith_tensors_free(&tensors);
}

static void a_part_of_a_layer_is_checked_alone(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("yunet", 1);
    tensor_of(tensors, "box.16.pointwise.weight")->shape[0] = 3;
    refused(tensors, "'box.16.pointwise.weight' has another shape");
    kith_tensors_free(&tensors);
}

static void negative_variance(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("siamese", 1);
    values_of(tensors, "block.3.expand.bn.variance")[5] = -1;
    refused(tensors, "'block.3.expand.bn.variance'");
    kith_tensors_free(&tensors);
}

static void set_metadata(kith_tensors *tensors, const char *key, const char *value) {
    for (size_t i = 0; i < tensors->metadata_count; i++)
        if (strcmp(tensors->metadata[i].key, key) == 0)
            tensors->metadata[i].value = value;
}

static void unknown_networks(void **state) {
    (void)state;
    kith_tensors *tensors = random_tensors("yunet", 1);
    set_metadata(tensors, "kith.format", "2");
    refused(tensors, "kith.format");
    set_metadata(tensors, "kith.arch", "zebra");
    refused(tensors, "network 'zebra' is unknown");
    set_metadata(tensors, "kith.arch", "siamese");
    set_metadata(tensors, "kith.format", "1");
    refused(tensors, "network siamese");
    tensors->metadata_count = 0;
    refused(tensors, "kith.arch");
    kith_tensors_free(&tensors);
}

static void sizes_do_not_fit(const char *arch, const int (*sizes)[2], size_t count) {
    kith_tensors *tensors = random_tensors(arch, 1);
    kith_network *network = network_of(tensors);
    for (size_t i = 0; i < count; i++) {
        kith_session *session = (kith_session *)1;
        kith_error err = {0};
        assert_int_not_equal(kith_session_open(&session, network, sizes[i][0], sizes[i][1], 1, &err),
                             KITH_OK);
        assert_null(session);
        assert_string_not_equal(err.text, "");
    }
    kith_network_close(&network);
    kith_tensors_free(&tensors);
}

static void sizes_that_do_not_fit(void **state) {
    (void)state;
    const int yunet[][2] = {{640, 100}, {0, 32}, {-32, 32}, {33, 32}, {1 << 20, 32}};
    const int mobileface[][2] = {{224, 224}, {112, 128}, {56, 56}, {0, 0}};
    sizes_do_not_fit("yunet", yunet, sizeof yunet / sizeof *yunet);
    sizes_do_not_fit("mobileface", mobileface, sizeof mobileface / sizeof *mobileface);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_tensor),     cmocka_unit_test(a_tensor_too_many),
        cmocka_unit_test(another_shape),        cmocka_unit_test(a_part_of_a_layer_is_checked_alone),
        cmocka_unit_test(negative_variance),    cmocka_unit_test(unknown_networks),
        cmocka_unit_test(sizes_that_do_not_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
