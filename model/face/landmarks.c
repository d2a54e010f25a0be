/* SPDX-License-Identifier: MIT */
#include "model/face/landmarks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/face/align.h"
#include "model/face/shape_file.h"

struct kith_landmarks {
    kith_shape_file file;
};

kith_status kith_landmarks_open(kith_landmarks **out, const char *path, kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the landmarks");
    kith_status status = kith_shape_file_read(&(*out)->file, path, err);
    if (status != KITH_OK)
        kith_landmarks_close(out);
    return status;
}

void kith_landmarks_close(kith_landmarks **landmarks) {
    if (!landmarks || !*landmarks)
        return;
    kith_shape_file_clear(&(*landmarks)->file);
    free(*landmarks);
    *landmarks = NULL;
}

kith_rectangle kith_landmarks_rectangle(const float points[10]) {
    double mean_x = 0, mean_y = 0, squares = 0;
    for (size_t i = 0; i < 5; i++) {
        mean_x += points[2 * i] / 5.0;
        mean_y += points[2 * i + 1] / 5.0;
    }
    for (size_t i = 0; i < 5; i++) {
        double x = points[2 * i] - mean_x, y = points[2 * i + 1] - mean_y;
        squares += (x * x + y * y) / 5.0;
    }
    double r = sqrt(squares), side = 3.9 * r;
    double left = mean_x + 0.07 * r - side / 2, top = mean_y + 0.07 * r - side / 2;
    return (kith_rectangle){lround(left), lround(top), lround(left + side) - 1, lround(top + side) - 1};
}

/* Shape coordinates (0..1 in the rectangle) to pixels, rounded as dlib rounds. */
static void to_pixel(const kith_rectangle *r, float x, float y, double pixel[2]) {
    pixel[0] = floor((double)r->left + (double)x * (double)(r->right - r->left) + 0.5);
    pixel[1] = floor((double)r->top + (double)y * (double)(r->bottom - r->top) + 0.5);
}

/* dlib's grey of a colour pixel, (R + G + B) / 3 in whole numbers; 0 outside. */
static float grey_at(const kith_view *view, const double pixel[2]) {
    if (!(pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] < view->width && pixel[1] < view->height))
        return 0;
    const unsigned char *rgb =
        view->origin + (ptrdiff_t)pixel[0] * view->right + (ptrdiff_t)pixel[1] * view->down;
    int grey = (rgb[0] + rgb[1] + rgb[2]) / 3;
    return (float)grey;
}

/* The grey values that one cascade's trees compare: places beside the nearest mean landmark, moved as the
 * current shape lies against the mean one.
 */
static void read_features(float *features, const kith_shape_file *file, int cascade, const float *shape,
                          const kith_view *view, const kith_rectangle *rectangle) {
    kith_similarity turn = {1, 0, 0, 0};
    kith_similarity_fit(&turn, file->mean, shape, KITH_LANDMARKS);
    float a = (float)turn.a, b = (float)turn.b;
    const kith_shape_feature *feature = file->features + (size_t)cascade * (size_t)file->feature_count;
    for (int i = 0; i < file->feature_count; i++, feature++) {
        const float *anchor = shape + 2 * (ptrdiff_t)feature->anchor;
        double pixel[2];
        to_pixel(rectangle, a * feature->x - b * feature->y + anchor[0],
                 b * feature->x + a * feature->y + anchor[1], pixel);
        features[i] = grey_at(view, pixel);
    }
}

static int leaf_of(const kith_shape_split *splits, int count, const float *features) {
    int node = 0;
    while (node < count) {
        const kith_shape_split *split = splits + node;
        bool left = features[split->first] - features[split->second] > split->threshold;
        node = 2 * node + (left ? 1 : 2);
    }
    return node - count;
}

/* Adds one leaf per tree of a cascade. Leaves lie anywhere in 65 MB, so all are asked for before any is
 * added. */
static void add_leaves(float *shape, const kith_shape_file *file, int cascade, const float *features) {
    const float *leaves[KITH_SHAPE_TREES];
    size_t splits = (size_t)file->split_count, tree = (size_t)cascade * (size_t)file->tree_count;
    for (int t = 0; t < file->tree_count; t++, tree++) {
        int leaf = leaf_of(file->splits + tree * splits, file->split_count, features);
        leaves[t] = file->leaves + (tree * (splits + 1) + (size_t)leaf) * 2 * KITH_LANDMARKS;
        for (int i = 0; i < 2 * KITH_LANDMARKS; i += 16)
            __builtin_prefetch(leaves[t] + i);
    }
    for (int t = 0; t < file->tree_count; t++) {
        for (int i = 0; i < 2 * KITH_LANDMARKS; i++)
            shape[i] += leaves[t][i];
    }
}

void kith_landmarks_run(const kith_landmarks *landmarks, const kith_view *view, kith_rectangle rectangle,
                        float out[2 * KITH_LANDMARKS]) {
    const kith_shape_file *file = &landmarks->file;
    float features[KITH_SHAPE_FEATURES];
    memcpy(out, file->mean, sizeof file->mean);
    for (int cascade = 0; cascade < file->cascade_count; cascade++) {
        read_features(features, file, cascade, out, view, &rectangle);
        add_leaves(out, file, cascade, features);
    }
    for (size_t i = 0; i < KITH_LANDMARKS; i++) {
        double pixel[2];
        to_pixel(&rectangle, out[2 * i], out[2 * i + 1], pixel);
        out[2 * i] = (float)pixel[0];
        out[2 * i + 1] = (float)pixel[1];
    }
}

void kith_landmarks_five(const float landmarks[2 * KITH_LANDMARKS], float points[10]) {
    enum { LEFT_EYE = 36, RIGHT_EYE = 42, EYE = 6, NOSE = 30, MOUTH_LEFT = 48, MOUTH_RIGHT = 54 };
    for (int axis = 0; axis < 2; axis++) {
        float left = 0, right = 0;
        for (int i = 0; i < EYE; i++) {
            left += landmarks[2 * (LEFT_EYE + i) + axis] / EYE;
            right += landmarks[2 * (RIGHT_EYE + i) + axis] / EYE;
        }
        points[axis] = left;
        points[2 + axis] = right;
        points[4 + axis] = landmarks[2 * NOSE + axis];
        points[6 + axis] = landmarks[2 * MOUTH_LEFT + axis];
        points[8 + axis] = landmarks[2 * MOUTH_RIGHT + axis];
    }
}
