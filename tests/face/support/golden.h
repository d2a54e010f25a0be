/* SPDX-License-Identifier: MIT
 *
 * Golden values of photos, made by another implementation of the same pipeline (PyTorch, numpy, dlib), and
 * what the tests of this folder need around them. Everything asserts.
 */
#ifndef KITH_TESTS_FACE_GOLDEN_H
#define KITH_TESTS_FACE_GOLDEN_H

#include <stdbool.h>

#include "model/embedder.h"

typedef struct golden_face {
    char file[64]; /* "obama2.jpg" */
    float score, box[4], points[10], landmarks[2 * KITH_LANDMARKS];
    float mobileface[KITH_DIMENSION], siamese[KITH_DIMENSION], reid[KITH_DIMENSION];
    bool has_reid;
} golden_face;

/* A set of photos with one face each: this repository's (tests/golden), or the larger one for development. */
typedef struct golden_set {
    golden_face *faces;
    size_t count;
    const char *photos, *chips; /* folders */
} golden_set;

golden_set golden_own(void);
bool golden_shared(golden_set *out); /* false, and says so on standard error: not on this machine */
void golden_clear(golden_set *set);

/* The pixels of FOLDER/NAME, decoded; KITH_PATH for one of tests/photos. */
kith_picture photo_open(const char *folder, const char *name);
/* The chip of a golden face for an arch: side x side x 3 bytes, to be freed with kith_picture_clear(). */
kith_picture golden_chip(const golden_set *set, const golden_face *face, const char *arch);

bool file_exists(const char *path);
bool landmarks_installed(void); /* false, and says so: no libdlib-data */
void say_skipped(const char *what);

float intersection_over_union(const float a[4], const float b[4]);
float cosine(const float *a, const float *b);

/* Default options of find. */
extern const kith_find_options usual_options;

#define LANDMARK_FILE "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"
#define OWN_PHOTOS KITH_SOURCE_DIR "/tests/photos"

#endif
