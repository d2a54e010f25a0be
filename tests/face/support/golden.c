/* SPDX-License-Identifier: MIT */
#include "tests/face/support/golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

const kith_find_options usual_options = {.detect_size = 640, .min_score = 0.7F, .min_face = 24};

bool file_exists(const char *path) {
    return access(path, R_OK) == 0;
}

void say_skipped(const char *what) {
    fprintf(stderr, "\n*** SKIPPED: %s\n\n", what);
}

bool landmarks_installed(void) {
    if (file_exists(LANDMARK_FILE))
        return true;
    say_skipped("landmarks: the package libdlib-data is not installed");
    return false;
}

static void read_numbers(const json_t *object, const char *key, float *out, size_t count) {
    const json_t *array = json_object_get(object, key);
    assert_int_equal(json_array_size(array), count);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)json_number_value(json_array_get(array, i));
}

static void read_face(golden_face *out, const json_t *photo) {
    const json_t *face = json_array_get(json_object_get(photo, "faces"), 0);
    snprintf(out->file, sizeof out->file, "%s", json_string_value(json_object_get(photo, "file")));
    out->score = (float)json_number_value(json_object_get(face, "score"));
    read_numbers(face, "box", out->box, 4);
    read_numbers(face, "points", out->points, 10);
    read_numbers(face, "landmarks", out->landmarks, 2 * (size_t)KITH_LANDMARKS);
    read_numbers(face, "mobileface", out->mobileface, KITH_DIMENSION);
    read_numbers(face, "siamese", out->siamese, KITH_DIMENSION);
    out->has_reid = json_object_get(face, "reid");
    if (out->has_reid)
        read_numbers(face, "reid", out->reid, KITH_DIMENSION);
}

static golden_set read_set(const char *path, const char *photos, const char *chips) {
    json_error_t cause;
    json_t *root = json_load_file(path, 0, &cause);
    if (!root)
        fail_msg("%s: %s", path, cause.text);
    golden_set set = {.count = json_array_size(root), .photos = photos, .chips = chips};
    set.faces = calloc(set.count, sizeof *set.faces);
    assert_non_null(set.faces);
    for (size_t i = 0; i < set.count; i++)
        read_face(set.faces + i, json_array_get(root, i));
    json_decref(root);
    return set;
}

golden_set golden_own(void) {
    return read_set(KITH_SOURCE_DIR "/tests/golden/faces.json", OWN_PHOTOS,
                    KITH_SOURCE_DIR "/tests/golden/chips");
}

bool golden_shared(golden_set *out) {
    const char *path = KITH_SHARED_DIR "/weights/golden/pictures.json";
    if (!file_exists(path)) {
        say_skipped("the development data are not here (" KITH_SHARED_DIR ")");
        return false;
    }
    *out = read_set(path, KITH_SHARED_DIR "/photos/public-domain", KITH_SHARED_DIR "/weights/golden/chips");
    return true;
}

void golden_clear(golden_set *set) {
    free(set->faces);
    *set = (golden_set){0};
}

kith_picture photo_open(const char *folder, const char *name) {
    enum { MOST = 4 << 20 };
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    void *bytes = malloc(MOST);
    assert_non_null(bytes);
    size_t size = fread(bytes, 1, MOST, file);
    fclose(file);
    kith_picture picture;
    kith_error err = {0};
    const kith_decode_options options = {.max_pixels = KITH_MAX_PIXELS};
    if (kith_picture_decode(&picture, bytes, size, &options, path, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    free(bytes);
    return picture;
}

kith_picture golden_chip(const golden_set *set, const golden_face *face, const char *arch) {
    char name[128];
    const char *stem = strrchr(face->file, '/') ? strrchr(face->file, '/') + 1 : face->file;
    snprintf(name, sizeof name, "%.*s-0-%s.png", (int)(strchr(stem, '.') - stem), stem, arch);
    return photo_open(set->chips, name);
}

float intersection_over_union(const float a[4], const float b[4]) {
    float width = fminf(a[0] + a[2], b[0] + b[2]) - fmaxf(a[0], b[0]);
    float height = fminf(a[1] + a[3], b[1] + b[3]) - fmaxf(a[1], b[1]);
    float both = width > 0 && height > 0 ? width * height : 0;
    return both / (a[2] * a[3] + b[2] * b[3] - both);
}

float cosine(const float *a, const float *b) {
    double dot = 0, aa = 0, bb = 0;
    for (int i = 0; i < KITH_DIMENSION; i++) {
        dot += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return (float)(dot / sqrt(aa * bb));
}
