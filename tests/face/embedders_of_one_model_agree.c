/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

enum { THREADS = 4, ROUNDS = 3 };

typedef struct worker {
    pthread_t thread;
    kith_model *model;
    const kith_picture *picture;
    float embedding[KITH_DIMENSION], canary[KITH_DIMENSION];
    kith_status status;
} worker;

static void *work(void *context) {
    worker *w = context;
    kith_embedder *embedder = NULL;
    kith_error err = {0};
    w->status = kith_embedder_open(&embedder, w->model, 2, &err);
    for (int round = 0; round < ROUNDS && w->status == KITH_OK; round++) {
        kith_faces faces = {0};
        w->status = kith_embedder_find(embedder, w->picture, &usual_options, &faces, &err);
        if (w->status == KITH_OK && faces.count == 1)
            w->status = kith_embedder_embed(embedder, &(kith_face *){faces.items}, 1, &err);
        if (w->status == KITH_OK && faces.count == 1)
            memcpy(w->embedding, faces.items->embedding, sizeof w->embedding);
        kith_faces_clear(&faces);
    }
    if (w->status == KITH_OK)
        w->status = kith_embedder_canary(embedder, w->canary, &err);
    kith_embedder_close(&embedder);
    return NULL;
}

static void threads_agree(const kith_model_options *options) {
    static worker workers[THREADS];
    kith_picture picture = photo_open(OWN_PHOTOS, "gallery/Barack Obama/obama2.jpg");
    kith_model *model = NULL;
    kith_error err = {0};
    assert_int_equal(kith_model_open(&model, options, &err), KITH_OK);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.model = model, .picture = &picture};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, workers + i), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].status, KITH_OK);
        assert_memory_equal(workers[i].embedding, workers[0].embedding, sizeof workers[0].embedding);
        assert_memory_equal(workers[i].canary, workers[0].canary, sizeof workers[0].canary);
        assert_true(cosine(workers[i].embedding, workers[i].embedding) > 0.9999F); /* not all zero */
    }
    assert_true(cosine(workers[0].embedding, workers[0].canary) < 0.5F); /* another person */
    kith_model_close(&model);
    kith_picture_clear(&picture);
}

static void embedders_of_one_model_agree(void **state) {
    (void)state;
    threads_agree(NULL);
}

static void with_landmarks_and_hog_as_well(void **state) {
    (void)state;
    if (!landmarks_installed())
        skip();
    threads_agree(&(kith_model_options){.weights = "siamese"});
    threads_agree(&(kith_model_options){.detector = KITH_DETECTOR_HOG});
}

/* The canary is Grace Hopper: what it gives is near her photo, for each network and detector. */
static void the_canary_is_a_face(void **state) {
    (void)state;
    pipeline p = pipeline_open(NULL);
    kith_face hopper = pipeline_face(&p, OWN_PHOTOS, "gallery/Grace Hopper/hopper.jpg");
    float canary[KITH_DIMENSION], again[KITH_DIMENSION];
    kith_error err = {0};
    assert_int_equal(kith_embedder_canary(p.embedder, canary, &err), KITH_OK);
    assert_int_equal(kith_embedder_canary(p.embedder, again, &err), KITH_OK);
    assert_memory_equal(canary, again, sizeof canary);
    assert_true(cosine(canary, hopper.embedding) > 0.9F);
    pipeline_close(&p);
}

/* In batches of two, three faces and one without a chip in between. */
static void batches_give_what_single_faces_give(void **state) {
    (void)state;
    pipeline p = pipeline_open(NULL);
    kith_picture hopper = photo_open(OWN_PHOTOS, "gallery/Grace Hopper/hopper.jpg");
    kith_picture obama = photo_open(OWN_PHOTOS, "gallery/Barack Obama/obama2.jpg");
    kith_faces a = pipeline_faces(&p, &hopper, &usual_options),
               b = pipeline_faces(&p, &obama, &usual_options);
    kith_face first = a.items[0], second = b.items[0], third = a.items[0], none = {.small = true};
    kith_face *list[] = {&first, &none, &second, &third};
    kith_error err = {0};
    first.embedded = second.embedded = third.embedded = false;
    assert_int_equal(kith_embedder_embed(p.embedder, list, 4, &err), KITH_OK);
    assert_true(first.embedded && second.embedded && third.embedded && !none.embedded);
    assert_true(cosine(first.embedding, a.items->embedding) > 0.99999F);
    assert_true(cosine(second.embedding, b.items->embedding) > 0.99999F);
    assert_true(cosine(third.embedding, a.items->embedding) > 0.99999F);
    kith_faces_clear(&a);
    kith_faces_clear(&b);
    kith_picture_clear(&hopper);
    kith_picture_clear(&obama);
    pipeline_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embedders_of_one_model_agree),
        cmocka_unit_test(with_landmarks_and_hog_as_well),
        cmocka_unit_test(the_canary_is_a_face),
        cmocka_unit_test(batches_give_what_single_faces_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
