/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <math.h>
#include <stdlib.h>

#include "model/network/session.h"

static unsigned char *bytes_of(const kith_tensor *tensor) {
    unsigned char *bytes = malloc(tensor->count);
    for (size_t i = 0; i < tensor->count; i++)
        bytes[i] = (unsigned char)tensor->values[i];
    return bytes;
}

static const kith_tensor *must_find(const kith_tensors *tensors, const char *name) {
    const kith_tensor *tensor = kith_tensors_find(tensors, name);
    if (!tensor)
        fail_msg("no tensor %s", name);
    return tensor;
}

/* The four chips, in one batch and, against mistakes in batching, also three of them one by one. */
static void compare_embeddings(const char *weights, const char *golden_path, double least) {
    kith_tensors *tensors = tensors_of(weights), *golden = tensors_of_bytes(golden_path);
    if (!tensors || !golden)
        skip();
    kith_network *network = network_of(tensors);
    const kith_tensor *chips = must_find(golden, "chips"), *output = must_find(golden, "output");
    const kith_tensor *landmarks = kith_tensors_find(golden, "landmarks");
    int side = chips->shape[1], most = chips->shape[0];
    unsigned char *rgb = bytes_of(chips);
    kith_session *session = session_of(network, side, side, most);
    for (int count = most - 1; count <= most; count++) {
        for (int i = 0; i < count; i++)
            kith_session_set_input(session, i, rgb + (size_t)i * (size_t)(side * side * 3), (size_t)side * 3,
                                   landmarks ? landmarks->values + i * 136 : NULL);
        run_session(session, count);
        for (int i = 0; i < count; i++) {
            size_t size;
            const float *embedding = kith_session_output(session, 0, i, &size);
            assert_int_equal(size, 256);
            double cosine = cosine_of(embedding, output->values + i * 256, 256);
            if (!(cosine >= least))
                fail_msg("%s, chip %d of %d: cosine %.8f", weights, i, count, cosine);
        }
    }
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&golden);
    kith_tensors_free(&tensors);
    free(rgb);
}

static void embeddings_of_exact_weights(void **state) {
    (void)state;
    compare_embeddings(SHARED_WEIGHTS("mobileface"), SHARED_GOLDEN("mobileface"), 0.99999);
    compare_embeddings(SHARED_WEIGHTS("reid"), SHARED_GOLDEN("reid"), 0.99999);
    compare_embeddings(SHARED_WEIGHTS("siamese"), SHARED_GOLDEN("siamese"), 0.99999);
}

static void compare_as_f16(const char *weights, const char *golden_path) {
    kith_tensors *tensors = tensors_of(weights);
    kith_error err = {0};
    if (!tensors)
        skip();
    assert_int_equal(kith_tensors_write(temporary("half"), tensors, true, &err), KITH_OK);
    kith_tensors_free(&tensors);
    compare_embeddings(temporary("half"), golden_path, 0.9995);
}

/* What is shipped (tests/face/photos_embed_as_golden.c) is F16. */
static void embeddings_of_weights_as_f16(void **state) {
    (void)state;
    compare_as_f16(SHARED_WEIGHTS("mobileface"), SHARED_GOLDEN("mobileface"));
    compare_as_f16(SHARED_WEIGHTS("siamese"), SHARED_GOLDEN("siamese"));
}

/* siamese at twice the size, each pixel doubled. */
static void siamese_at_224(void **state) {
    (void)state;
    kith_tensors *tensors = tensors_of(SHARED_WEIGHTS("siamese"));
    kith_tensors *golden = tensors_of_bytes(SHARED_GOLDEN("siamese"));
    if (!tensors || !golden)
        skip();
    kith_network *network = network_of(tensors);
    kith_session *session = session_of(network, 224, 224, 1);
    const kith_tensor *chips = must_find(golden, "chips");
    static unsigned char large[224 * 224 * 3];
    for (int i = 0; i < chips->shape[0]; i++) {
        for (int y = 0; y < 224; y++)
            for (int x = 0; x < 224 * 3; x++)
                large[y * 224 * 3 + x] =
                    (unsigned char)chips->values[((i * 112 + y / 2) * 112 + x / 6) * 3 + x % 3];
        kith_session_set_input(session, 0, large, sizeof large / 224,
                               must_find(golden, "landmarks")->values + i * 136);
        run_session(session, 1);
        size_t size;
        const float *embedding = kith_session_output(session, 0, 0, &size);
        assert_true(cosine_of(embedding, must_find(golden, "output.224")->values + i * 256, 256) >= 0.99999);
    }
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&golden);
    kith_tensors_free(&tensors);
}

static void compare_tap(const kith_session *session, const kith_tensors *golden, const char *tap,
                        const char *layer) {
    const kith_tensor *expected = must_find(golden, tap);
    float *found = malloc(expected->count * sizeof *found);
    assert_int_equal(kith_session_activation(session, layer, found, expected->count), expected->count);
    float largest = 0, difference = 0;
    for (size_t i = 0; i < expected->count; i++) {
        largest = fmaxf(largest, fabsf(expected->values[i]));
        difference = fmaxf(difference, fabsf(found[i] - expected->values[i]));
    }
    if (!(difference <= 1e-4F * fmaxf(largest, 1)))
        fail_msg("%s: differs by %g, values up to %g", layer, (double)difference, (double)largest);
    free(found);
}

static void compare_taps(const char *weights, const char *golden_path, const char *const (*taps)[2]) {
    kith_tensors *tensors = tensors_of(weights), *golden = tensors_of_bytes(golden_path);
    if (!tensors || !golden)
        skip();
    kith_network *network = network_of(tensors);
    const kith_tensor *chips = must_find(golden, "chips"),
                      *landmarks = kith_tensors_find(golden, "landmarks");
    unsigned char *rgb = bytes_of(chips);
    int side = chips->shape[1];
    kith_session *session;
    kith_error err = {0};
    assert_int_equal(kith_session_open_keeping(&session, network, side, side, &err), KITH_OK);
    kith_session_set_input(session, 0, rgb, (size_t)side * 3, landmarks ? landmarks->values : NULL);
    run_session(session, 1);
    for (; (*taps)[0]; taps++)
        compare_tap(session, golden, (*taps)[0], (*taps)[1]);
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&golden);
    kith_tensors_free(&tensors);
    free(rgb);
}

static void layers_between(void **state) {
    (void)state;
    const char *const mobileface[][2] = {
        {"tap.block.0", "block.0.project"}, {"tap.head", "head"}, {NULL, NULL}};
    const char *const reid[][2] = {{"tap.block.0", "block.0"}, {"tap.head", "head"}, {NULL, NULL}};
    const char *const siamese[][2] = {{"tap.stem", "stem"},           {"tap.block.0", "block.0.project"},
                                      {"tap.pool", "pool"},           {"tap.image", "image"},
                                      {"tap.landmarks", "landmarks"}, {NULL, NULL}};
    compare_taps(SHARED_WEIGHTS("mobileface"), SHARED_GOLDEN("mobileface"), mobileface);
    compare_taps(SHARED_WEIGHTS("reid"), SHARED_GOLDEN("reid"), reid);
    compare_taps(SHARED_WEIGHTS("siamese"), SHARED_GOLDEN("siamese"), siamese);
}

static void maps_of_yunet(void **state) {
    (void)state;
    kith_tensors *tensors = tensors_of(SHARED_WEIGHTS("yunet"));
    kith_tensors *golden = tensors_of_bytes(SHARED_GOLDEN("yunet"));
    if (!tensors || !golden)
        skip();
    kith_network *network = network_of(tensors);
    const kith_tensor *picture = must_find(golden, "picture");
    unsigned char *rgb = bytes_of(picture);
    kith_session *session = session_of(network, picture->shape[1], picture->shape[0], 1);
    kith_session_set_input(session, 0, rgb, (size_t)picture->shape[1] * 3, NULL);
    run_session(session, 1);
    const char *const kinds[] = {"class", "object", "box", "points"};
    for (int k = 0; k < 12; k++) {
        char name[32];
        size_t count;
        snprintf(name, sizeof name, "%s.%d", kinds[k / 3], 8 << k % 3);
        const kith_tensor *expected = must_find(golden, name);
        const float *found = kith_session_output(session, k, 0, &count);
        assert_int_equal(count, expected->count);
        for (size_t i = 0; i < count; i++)
            if (!(fabsf(found[i] - expected->values[i]) <= 1e-4F))
                fail_msg("%s[%zu]: %g, expected %g", name, i, (double)found[i], (double)expected->values[i]);
    }
    kith_session_close(&session);
    kith_network_close(&network);
    kith_tensors_free(&golden);
    kith_tensors_free(&tensors);
    free(rgb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embeddings_of_exact_weights), cmocka_unit_test(embeddings_of_weights_as_f16),
        cmocka_unit_test(siamese_at_224), cmocka_unit_test(layers_between), cmocka_unit_test(maps_of_yunet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
