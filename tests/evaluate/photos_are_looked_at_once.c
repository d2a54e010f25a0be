/* SPDX-License-Identifier: MIT
 *
 * From photos to embeddings: a face, none, or a file that cannot be read; by any number of threads the same;
 * what is kept is believed without looking again, unless another build of kith made it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/evaluate/embed.h"
#include "model/evaluate/embedding_cache.h"
#include "proto/digest.h"
#include "tests/evaluate/support/made.h"

enum { PHOTOS = 5 };
static const char *const names[PHOTOS] = {KITH_SOURCE_DIR "/tests/photos/gallery/Grace Hopper/hopper.jpg",
                                          KITH_SOURCE_DIR "/model/canary.png",
                                          KITH_SOURCE_DIR "/tests/photos/gallery/Joe Biden/biden.jpg",
                                          "/no/such/photo.jpg", KITH_SOURCE_DIR "/README.md"};

static kith_model *model;
static size_t warnings;

static void count_warning(void *context, const kith_error *warning) {
    (void)context;
    (void)warning;
    warnings++;
}

static kith_embed_options options_of(int jobs) {
    return (kith_embed_options){.model = model,
                                .find = {.detect_size = 640, .min_score = 0.7F, .min_face = 24},
                                .decode = {.max_pixels = KITH_MAX_PIXELS},
                                .which = KITH_WHICH_CENTRE,
                                .jobs = jobs,
                                .warn = count_warning};
}

static kith_status embed(kith_study *study, const kith_embed_options *options, kith_error *err) {
    uint32_t photo;
    *study = (kith_study){.folder = "."};
    warnings = 0;
    for (size_t i = 0; i < PHOTOS; i++)
        assert_int_equal(kith_study_add(study, names[i], 0, &photo, err), KITH_OK);
    return kith_study_embed(study, options, err);
}

static void check_states(const kith_study *study) {
    static const kith_study_state wanted[PHOTOS] = {KITH_STUDY_FACE, KITH_STUDY_FACE, KITH_STUDY_FACE,
                                                    KITH_STUDY_FAILED, KITH_STUDY_FAILED};
    for (size_t i = 0; i < PHOTOS; i++) {
        assert_int_equal(study->photos[i].state, wanted[i]);
        assert_int_equal(study->photos[i].why != NULL, wanted[i] == KITH_STUDY_FAILED);
        if (wanted[i] != KITH_STUDY_FACE)
            continue;
        assert_true(fabs(made_score(study, i, i) - 1) < 1e-5);
        assert_true(study->photos[i].box[2] > 20);
    }
    assert_string_equal(study->photos[3].why->where, "/no/such/photo.jpg");
}

/* A cache of its own for each test. */
static void new_cache(const char *name) {
    char folder[512];
    snprintf(folder, sizeof folder, "%s/%s", made_folder(), name);
    assert_int_equal(setenv("XDG_CACHE_HOME", folder, 1), 0);
}

static void threads_and_the_cache_change_nothing(void **state) {
    (void)state;
    kith_study one, three, kept;
    kith_error err = {0};
    kith_embed_options options = options_of(1);
    new_cache("first");
    assert_int_equal(embed(&one, &options, &err), KITH_OK);
    check_states(&one);
    assert_int_equal(embed(&kept, &options, &err), KITH_OK);
    new_cache("second");
    options = options_of(3);
    assert_int_equal(embed(&three, &options, &err), KITH_OK);
    check_states(&three);
    size_t size = PHOTOS * KITH_DIMENSION * sizeof *one.embeddings;
    assert_memory_equal(one.embeddings, kept.embeddings, size);
    for (size_t i = 0; i < PHOTOS * KITH_DIMENSION; i++) /* batches of other sizes: other roundings */
        assert_true(fabsf(one.embeddings[i] - three.embeddings[i]) < 1e-5F);
    assert_memory_equal(one.photos[0].box, kept.photos[0].box, sizeof one.photos[0].box);
    assert_int_equal(warnings, 0);
    kith_study_clear(&one);
    kith_study_clear(&three);
    kith_study_clear(&kept);
}

/* The cache that a run will use. */
static kith_embedding_cache *open_as_a_run(const char *name) {
    kith_error err = {0};
    kith_embedding_cache *cache = NULL;
    new_cache(name);
    const char *pipeline = kith_model_identity(model)->pipeline;
    assert_int_equal(kith_embedding_cache_open(&cache, pipeline,
                                               "photos centre detect-size 640 min-score 0.7 "
                                               "min-face 24 max-pixels 200000000",
                                               &err),
                     KITH_OK);
    return cache;
}

static void put(kith_embedding_cache *cache, const unsigned char key[KITH_CACHE_KEY], bool face,
                int dimension) {
    kith_cached_face entry = {.face = face};
    kith_error err = {0};
    memcpy(entry.key, key, sizeof entry.key);
    entry.embedding[dimension] = face ? 1 : 0;
    assert_int_equal(kith_embedding_cache_put(cache, &entry, &err), KITH_OK);
}

static void key_of(unsigned char key[KITH_CACHE_KEY], const char *path) {
    char digest[65];
    kith_error err = {0};
    assert_int_equal(kith_sha256_file(digest, path, &err), KITH_OK);
    assert_true(kith_hex_bytes(key, KITH_CACHE_KEY, digest));
}

static void what_is_kept_is_believed(void **state) {
    (void)state;
    unsigned char key[KITH_CACHE_KEY];
    kith_study study;
    kith_error err = {0};
    const kith_embed_options options = options_of(2);
    kith_embedding_cache *cache = open_as_a_run("kept");
    key_of(key, names[0]);
    put(cache, key, true, 77);
    key_of(key, names[1]);
    put(cache, key, false, 0);
    kith_embedding_cache_close(&cache);
    assert_int_equal(embed(&study, &options, &err), KITH_OK);
    assert_true(study.embeddings[77] == 1 && study.embeddings[78] == 0);
    assert_int_equal(study.photos[1].state, KITH_STUDY_FACELESS);
    assert_int_equal(study.photos[2].state, KITH_STUDY_FACE);
    kith_study_clear(&study);
}

static void another_build_is_refused(void **state) {
    (void)state;
    static const unsigned char zero[KITH_CACHE_KEY];
    kith_study study;
    kith_error err = {0};
    const kith_embed_options options = options_of(1);
    kith_embedding_cache *cache = open_as_a_run("foreign");
    put(cache, zero, true, 3); /* its canary */
    kith_embedding_cache_close(&cache);
    assert_int_equal(embed(&study, &options, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "remove the file"));
    kith_study_clear(&study);
}

/* Without a folder for it the work is done all the same, and it is said. */
static void no_cache_is_only_slower(void **state) {
    (void)state;
    kith_study study;
    kith_error err = {0};
    const kith_embed_options options = options_of(1);
    assert_int_equal(setenv("XDG_CACHE_HOME", KITH_SOURCE_DIR "/README.md", 1), 0);
    assert_int_equal(embed(&study, &options, &err), KITH_OK);
    check_states(&study);
    assert_int_equal(warnings, 1);
    kith_study_clear(&study);
}

static int open_model(void **state) {
    (void)state;
    kith_error err = {0};
    return kith_model_open(&model, NULL, &err) == KITH_OK ? 0 : -1;
}

static int close_model(void **state) {
    (void)state;
    kith_model_close(&model);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_the_cache_change_nothing),
        cmocka_unit_test(what_is_kept_is_believed),
        cmocka_unit_test(another_build_is_refused),
        cmocka_unit_test(no_cache_is_only_slower),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
