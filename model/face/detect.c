/* SPDX-License-Identifier: MIT */
#include "model/face/detect.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/face/dlib_shim.h"
#include "model/face/view.h"

static const double HOG_STEEPNESS = 2.1, HOG_GATE = 0.7;
static const float SURE = 0.9F; /* a score that YuNet gives to upright faces only; see kith_detect_run() */

struct kith_detect {
    kith_yunet *yunet; /* NULL: hog */
    kith_hog *hog;
    const kith_landmarks *landmarks;
    unsigned char *reduced, *input; /* upright detection picture; what the detector gets */
    size_t reduced_room, input_room;
};

kith_status kith_detect_open(kith_detect **out, const kith_network *yunet, const kith_landmarks *landmarks,
                             kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the detector");
    (*out)->landmarks = landmarks;
    kith_status status =
        yunet ? kith_yunet_open(&(*out)->yunet, yunet, err) : kith_hog_open(&(*out)->hog, err);
    if (status != KITH_OK)
        kith_detect_close(out);
    return status;
}

void kith_detect_close(kith_detect **detect) {
    if (!detect || !*detect)
        return;
    kith_yunet_close(&(*detect)->yunet);
    kith_hog_close(&(*detect)->hog);
    free((*detect)->reduced);
    free((*detect)->input);
    free(*detect);
    *detect = NULL;
}

double kith_hog_score(double dlib_score) {
    return 1 / (1 + exp(-HOG_STEEPNESS * dlib_score) * (1 - HOG_GATE) / HOG_GATE);
}

double kith_hog_score_inverse(double score) {
    score = fmin(fmax(score, 0.1), 0.9999); /* -1.5 to 4: below, dlib finds noise, above, nothing */
    return log(score / (1 - score) * (1 - HOG_GATE) / HOG_GATE) / HOG_STEEPNESS;
}

static kith_status reserve(unsigned char **buffer, size_t *room, size_t size, kith_error *err) {
    if (size <= *room)
        return KITH_OK;
    unsigned char *bigger = realloc(*buffer, size);
    if (!bigger)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a detection picture of %zu bytes", size);
    *buffer = bigger;
    *room = size;
    return KITH_OK;
}

static int reduced_side(int side, int longest, int size) {
    if (longest <= size)
        return side;
    int64_t rounded = ((int64_t)side * size * 2 + longest) / ((int64_t)longest * 2);
    return rounded < 1 ? 1 : (int)rounded;
}

/* The upright detection picture; the view shows it. */
static kith_status reduce(kith_detect *detect, const kith_picture *working, int size, kith_view *out,
                          kith_error *err) {
    int longest = working->width > working->height ? working->width : working->height;
    int width = reduced_side(working->width, longest, size);
    int height = reduced_side(working->height, longest, size);
    *out = kith_view_of(working->rgb, working->width, working->height, 0);
    if (width == working->width && height == working->height)
        return KITH_OK;
    size_t stride = (size_t)width * 3;
    kith_status status = reserve(&detect->reduced, &detect->reduced_room, stride * (size_t)height, err);
    if (status == KITH_OK)
        status = kith_resize_area(detect->reduced, stride, width, height, working->rgb, working->width,
                                  working->height, err);
    *out = kith_view_of(detect->reduced, width, height, 0);
    return status;
}

static int padded(int side) {
    return (side + KITH_YUNET_MULTIPLE - 1) / KITH_YUNET_MULTIPLE * KITH_YUNET_MULTIPLE;
}

static kith_status run_yunet(kith_detect *detect, const kith_view *seen, float min_score,
                             kith_detections *out, kith_error *err) {
    int width = padded(seen->width), height = padded(seen->height);
    size_t stride = (size_t)width * 3, size = stride * (size_t)height;
    kith_status status = reserve(&detect->input, &detect->input_room, size, err);
    if (status != KITH_OK)
        return status;
    memset(detect->input, 0, size);
    kith_view_copy(seen, detect->input, stride);
    return kith_yunet_run(detect->yunet, detect->input, width, height, min_score, out, err);
}

static kith_status run_hog(kith_detect *detect, const kith_view *seen, float min_score, kith_detections *out,
                           kith_error *err) {
    size_t size = (size_t)seen->width * (size_t)seen->height;
    kith_status status = reserve(&detect->input, &detect->input_room, size, err);
    if (status != KITH_OK)
        return status;
    kith_view_luma(seen, detect->input);
    const kith_hog_face *faces = NULL;
    int count = 0;
    status = kith_hog_run(detect->hog, detect->input, seen->width, seen->height,
                          kith_hog_score_inverse(min_score), &faces, &count, err);
    for (int i = 0; i < count && status == KITH_OK; i++) {
        const kith_hog_face *f = faces + i;
        kith_detection face = {.score = (float)kith_hog_score(f->score),
                               .box = {(float)f->left, (float)f->top, (float)(f->right - f->left + 1),
                                       (float)(f->bottom - f->top + 1)}};
        status = kith_detections_add(out, &face, err);
    }
    return status;
}

/* HOG gives no points: those of the landmarks in its rectangle, found in the working picture. */
static void points_from_landmarks(const kith_landmarks *landmarks, const kith_view *working,
                                  kith_detection *face) {
    float shape[2 * KITH_LANDMARKS];
    kith_rectangle where = {lroundf(face->box[0]), lroundf(face->box[1]),
                            lroundf(face->box[0] + face->box[2]) - 1,
                            lroundf(face->box[1] + face->box[3]) - 1};
    kith_landmarks_run(landmarks, working, where, shape);
    kith_landmarks_five(shape, face->points);
}

/* From the detection picture as seen to the working picture. */
static void bring_back(const kith_detect *detect, kith_detection *face, const kith_view *seen,
                       const kith_view *working) {
    float across = (float)working->width / (float)seen->width;
    float down = (float)working->height / (float)seen->height;
    for (int i = 0; i < 4; i += 2) {
        face->box[i] *= across;
        face->box[i + 1] *= down;
    }
    for (int i = 0; i < 10; i += 2) {
        face->points[i] *= across;
        face->points[i + 1] *= down;
    }
    if (detect->hog)
        points_from_landmarks(detect->landmarks, working, face);
    face->turn = working->turn;
    float box[4], point[2];
    memcpy(box, face->box, sizeof box);
    kith_view_box_back(working, box, face->box);
    for (int i = 0; i < 10; i += 2) {
        memcpy(point, face->points + i, sizeof point);
        kith_view_point_back(working, point, face->points + i);
    }
}

static kith_status run_turned(kith_detect *detect, const kith_picture *working, const kith_view *upright,
                              int turn, float min_score, kith_detections *out, kith_error *err) {
    kith_view seen = kith_view_of(upright->origin, upright->width, upright->height, turn);
    kith_view whole = kith_view_of(working->rgb, working->width, working->height, turn);
    kith_status status = detect->yunet ? run_yunet(detect, &seen, min_score, out, err)
                                       : run_hog(detect, &seen, min_score, out, err);
    for (size_t i = 0; i < out->count && status == KITH_OK; i++)
        bring_back(detect, out->items + i, &seen, &whole);
    return status;
}

static float best_score(const kith_detections *list) {
    float best = 0;
    for (size_t i = 0; i < list->count; i++)
        best = fmaxf(best, list->items[i].score);
    return best;
}

static kith_status try_turns(kith_detect *detect, const kith_picture *working, const kith_view *upright,
                             float min_score, kith_detections *out, kith_error *err) {
    for (int turn = 1; turn < 4; turn++) {
        kith_detections found = {0};
        kith_status status = run_turned(detect, working, upright, turn, min_score, &found, err);
        if (status == KITH_OK && best_score(&found) > best_score(out)) {
            kith_detections worse = *out;
            *out = found;
            found = worse;
        }
        kith_detections_clear(&found);
        if (status != KITH_OK)
            return status;
    }
    return KITH_OK;
}

kith_status kith_detect_run(kith_detect *detect, const kith_picture *working,
                            const kith_find_options *options, kith_detections *out, kith_error *err) {
    *out = (kith_detections){0};
    kith_view upright;
    kith_status status = reduce(detect, working, options->detect_size, &upright, err);
    if (status == KITH_OK)
        status = run_turned(detect, working, &upright, 0, options->min_score, out, err);
    if (status == KITH_OK && options->try_rotations && best_score(out) < SURE)
        status = try_turns(detect, working, &upright, options->min_score, out, err);
    if (status != KITH_OK)
        kith_detections_clear(out);
    return status;
}
