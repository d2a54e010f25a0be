/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/pipeline.h"
#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

static kith_status open_model(const kith_model_options *options, kith_error *err) {
    kith_model *model = NULL;
    *err = (kith_error){0};
    kith_status status = kith_model_open(&model, options, err);
    assert_true((status == KITH_OK) == (model != NULL));
    kith_model_close(&model);
    assert_null(model);
    return status;
}

static void missing_weights_name_the_places(void **state) {
    (void)state;
    kith_error err;
    assert_int_equal(open_model(&(kith_model_options){.weights = "nosuchnet"}, &err), KITH_E_IO);
    assert_string_equal(err.where, "nosuchnet");
    assert_non_null(strstr(err.text, "share/kith/weights"));
    assert_non_null(strstr(err.text, "KITH_DATA"));
    assert_int_equal(open_model(&(kith_model_options){.weights = "/no/such.safetensors"}, &err), KITH_E_IO);
    assert_string_equal(err.where, "/no/such.safetensors");
}

static void the_detectors_weights_embed_nothing(void **state) {
    (void)state;
    kith_error err;
    assert_int_equal(open_model(&(kith_model_options){.weights = "yunet"}, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "yunet"));
}

static void only_siamese_takes_224(void **state) {
    (void)state;
    kith_error err;
    assert_int_equal(open_model(&(kith_model_options){.side = 224}, &err), KITH_E_USAGE);
    assert_int_equal(open_model(&(kith_model_options){.side = 112}, &err), KITH_OK);
    if (landmarks_installed()) {
        assert_int_equal(open_model(&(kith_model_options){.weights = "siamese", .side = 224}, &err), KITH_OK);
        assert_int_equal(open_model(&(kith_model_options){.weights = "siamese", .side = 100}, &err),
                         KITH_E_USAGE);
    }
}

static void landmarks_are_asked_for_only_when_wanted(void **state) {
    (void)state;
    kith_error err;
    kith_model_options options = {.landmarks = "/no/such/file.dat"};
    assert_int_equal(open_model(&options, &err), KITH_OK);
    options.weights = "siamese";
    assert_int_equal(open_model(&options, &err), KITH_E_IO);
    assert_string_equal(err.where, "/no/such/file.dat");
    assert_non_null(strstr(err.text, "libdlib-data"));
    options = (kith_model_options){.landmarks = options.landmarks, .detector = KITH_DETECTOR_HOG};
    assert_int_equal(open_model(&options, &err), KITH_E_IO);
}

/* A file of landmarks that is none is found when the first embedder wants it. */
static void a_damaged_landmark_file_is_told_by_the_embedder(void **state) {
    (void)state;
    const kith_model_options options = {.weights = "siamese", .landmarks = KITH_SOURCE_DIR "/LICENSE"};
    kith_model *model = NULL;
    kith_embedder *embedder = NULL;
    kith_error err = {0};
    assert_int_equal(kith_model_open(&model, &options, &err), KITH_OK);
    for (int tries = 0; tries < 2; tries++) {
        err = (kith_error){0};
        assert_int_equal(kith_embedder_open(&embedder, model, 1, &err), KITH_E_REFUSED);
        assert_null(embedder);
        assert_non_null(strstr(err.text, "landmarks"));
    }
    kith_model_close(&model);
}

static void weights_lie_in_kith_data_or_beside_the_program(void **state) {
    (void)state;
    char path[1024], folder[] = "/tmp/kith-weights-XXXXXX", file[128], shadow[128], weights[64];
    kith_error err = {0};
    assert_int_equal(kith_weights_path(path, sizeof path, "a/b", &err), KITH_OK);
    assert_string_equal(path, "a/b");
    assert_int_equal(kith_weights_path(path, sizeof path, "b.safetensors", &err), KITH_OK);
    assert_string_equal(path, "b.safetensors");
    assert_int_equal(kith_weights_path(path, sizeof path, "mobileface", &err), KITH_OK);
    assert_non_null(strstr(path, "/share/kith/weights/mobileface.safetensors"));
    assert_non_null(mkdtemp(folder));
    snprintf(weights, sizeof weights, "%s/weights", folder);
    snprintf(file, sizeof file, "%s/own.safetensors", weights);
    assert_int_equal(mkdir(weights, 0700), 0);
    snprintf(shadow, sizeof shadow, "%s/mobileface.safetensors", weights);
    const char *const files[] = {file, shadow};
    for (int i = 0; i < 2; i++) {
        FILE *made = fopen(files[i], "w");
        assert_non_null(made);
        fclose(made);
    }
    assert_int_equal(setenv("KITH_DATA", folder, 1), 0);
    assert_int_equal(kith_weights_path(path, sizeof path, "own", &err), KITH_OK);
    assert_string_equal(path, file);
    assert_int_equal(kith_weights_path(path, sizeof path, "mobileface", &err), KITH_OK);
    assert_string_equal(path, shadow); /* although there is one beside the program */
    assert_int_equal(kith_weights_path(path, sizeof path, "yunet", &err), KITH_OK);
    assert_non_null(strstr(path, "/share/kith/weights/yunet.safetensors"));
    assert_int_equal(unlink(file) | unlink(shadow) | rmdir(weights) | rmdir(folder), 0);
    assert_int_equal(unsetenv("KITH_DATA"), 0);
    char small[8];
    assert_int_equal(kith_weights_path(small, sizeof small, "much-too-long/for-this", &err), KITH_E_IO);
}

/* Every part of a pipeline moves its id; the text behind it is fixed, so ids of old galleries stay valid. */
static void an_id_says_everything_that_decides_an_embedding(void **state) {
    (void)state;
    const kith_pipeline one = {"yunet", "aa", "mobileface", "bb", 112, NULL};
    kith_pipeline others[] = {one, one, one, one, one, one};
    others[0].detector = "hog";
    others[1].detector_digest = "ab";
    others[2].network = "reid";
    others[3].network_digest = NULL;
    others[4].side = 128;
    others[5].landmark_digest = "cc";
    char id[KITH_PIPELINE_SIZE], other[KITH_PIPELINE_SIZE];
    kith_error err = {0};
    assert_int_equal(kith_pipeline_id(id, &one, &err), KITH_OK);
    assert_string_equal(id, "29e9fe8ed56734a8");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_int_equal(kith_pipeline_id(other, others + i, &err), KITH_OK);
        assert_string_not_equal(id, other);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_weights_name_the_places),
        cmocka_unit_test(the_detectors_weights_embed_nothing),
        cmocka_unit_test(only_siamese_takes_224),
        cmocka_unit_test(landmarks_are_asked_for_only_when_wanted),
        cmocka_unit_test(a_damaged_landmark_file_is_told_by_the_embedder),
        cmocka_unit_test(weights_lie_in_kith_data_or_beside_the_program),
        cmocka_unit_test(an_id_says_everything_that_decides_an_embedding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
