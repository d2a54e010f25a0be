/* SPDX-License-Identifier: MIT */
#include "tests/gallery/support/made.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/digest.h"

const kith_identity made_identity = {.pipeline = MADE_PIPELINE, .network = "mobileface", .detector = "yunet"};

kith_point made_point(unsigned number, const char *person) {
    char path[64];
    kith_point point = {
        .face = 0,
        .faces = 1,
        .box = {10.5F, 20.25F, 100, 120},
        .points = {40, 60, 80, 60, 60, 80, 45, 100, 75, 100},
        .score = 0.9F,
        .eyes = (float)(number % 100),
        .sharpness = 120.5F,
        .yaw = -0.125F,
        .width = 640,
        .height = 480,
        .taken = "2024-05-03T17:20:31Z",
        .indexed = "2026-01-02T03:04:05Z",
        .pipeline = MADE_PIPELINE,
        .run = "00000000-0000-4000-8000-000000000001",
    };
    snprintf(path, sizeof path, "/photos/%u.jpg", number);
    assert_int_equal(kith_sha256(point.sha256, path, strlen(path), NULL), KITH_OK);
    kith_point_id(point.id, point.pipeline, point.sha256, point.face);
    assert_int_equal(kith_point_add_path(&point, path, NULL), KITH_OK);
    assert_int_equal(kith_point_set_person(&point, person, NULL), KITH_OK);
    return point;
}

/* xorshift64* (Vigna, ACM TOMS 42(4), 2016), summed to something bell-shaped. */
static float noise(uint64_t *state) {
    float sum = 0;
    for (int i = 0; i < 4; i++) {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        sum += (float)((*state * 0x2545f4914f6cdd1dU) >> 40) / 16777216.0F - 0.5F;
    }
    return sum;
}

void made_vector(float out[KITH_DIMENSION], unsigned seed) {
    uint64_t state = (seed + 1ULL) * 0x9e3779b97f4a7c15U;
    double square = 0;
    for (int i = 0; i < KITH_DIMENSION; i++) {
        out[i] = noise(&state);
        square += (double)out[i] * (double)out[i];
    }
    for (int i = 0; i < KITH_DIMENSION; i++)
        out[i] = (float)((double)out[i] / sqrt(square));
}

void made_put(kith_gallery *gallery, unsigned first, unsigned count, const char *person) {
    kith_error err = {0};
    kith_point *points = calloc(count, sizeof *points);
    float *vectors = calloc(count, KITH_DIMENSION * sizeof *vectors);
    assert_true(points && vectors);
    for (unsigned i = 0; i < count; i++) {
        points[i] = made_point(first + i, person);
        made_vector(vectors + (size_t)i * KITH_DIMENSION, first + i);
    }
    kith_gallery_put(gallery, points, vectors, count, &err);
    assert_no_error(err);
    for (unsigned i = 0; i < count; i++)
        kith_point_clear(&points[i]);
    free(points);
    free(vectors);
}

char *made_uri(void) {
    static unsigned galleries;
    const char *given = getenv("KITH_TEST_GALLERY");
    char folder[] = "/tmp/kith-test-XXXXXX", *uri = NULL;
    if (given) {
        assert_true(asprintf(&uri, "%s%d-%u", given, (int)getpid(), galleries++) > 0);
        return uri;
    }
    assert_non_null(mkdtemp(folder));
    assert_true(asprintf(&uri, "%s/gallery.kith", folder) > 0);
    return uri;
}

void made_remove_uri(char *uri) {
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; uri[0] == '/' && i < sizeof endings / sizeof *endings; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s%s", uri, endings[i]);
        unlink(name);
    }
    if (uri[0] == '/') {
        *strrchr(uri, '/') = 0;
        assert_int_equal(rmdir(uri), 0); /* nothing else was left beside it */
    }
    free(uri);
}

void made_assert_vector(const float *a, const float *b) {
    for (int i = 0; i < KITH_DIMENSION; i++)
        assert_true(fabsf(a[i] - b[i]) <= 1e-6F);
}

kith_gallery *made_gallery(const char *uri) {
    kith_error err = {0};
    kith_gallery *gallery = NULL;
    kith_gallery_open(&gallery, uri, KITH_GALLERY_CREATE, &err);
    assert_no_error(err);
    kith_gallery_bind(gallery, &made_identity, &err);
    assert_no_error(err);
    return gallery;
}

int made_setup(void **state) {
    char *uri = made_uri();
    *state = made_gallery(uri);
    free(uri);
    return 0;
}

int made_teardown(void **state) {
    kith_gallery *gallery = *state;
    char *uri = strdup(kith_gallery_uri(gallery));
    kith_gallery_close(&gallery);
    made_remove_uri(uri);
    return 0;
}

uint64_t made_count(kith_gallery *gallery, const kith_filter *filter) {
    kith_error err = {0};
    uint64_t number = 0;
    kith_gallery_count(gallery, filter, &number, &err);
    assert_no_error(err);
    return number;
}

static kith_status append(void *context, const kith_point *point, const float *vector, kith_error *err) {
    made_list *list = context;
    size_t size = KITH_DIMENSION * sizeof *vector;
    list->points = realloc(list->points, (list->count + 1) * sizeof *list->points);
    list->vectors = realloc(list->vectors, (list->count + 1) * size);
    assert_true(list->points && list->vectors);
    memcpy(list->vectors + list->count * KITH_DIMENSION, vector, size);
    return kith_point_copy(&list->points[list->count++], point, err);
}

made_list made_each(kith_gallery *gallery, const kith_filter *filter) {
    kith_error err = {0};
    made_list list = {0};
    kith_gallery_each(gallery, filter, true, append, &list, &err);
    assert_no_error(err);
    return list;
}

void made_list_clear(made_list *list) {
    for (size_t i = 0; i < list->count; i++)
        kith_point_clear(&list->points[i]);
    free(list->points);
    free(list->vectors);
    *list = (made_list){0};
}
