/* SPDX-License-Identifier: MIT
 *
 * YuNet: from a padded picture to faces. Sessions are made per input size and kept in a small
 * least-recently-used set, because archives have a few picture shapes and many odd ones. One thread's.
 * Step 2 of the pipeline (HACKING.md); the decoding is OpenCV's for face_detection_yunet_2023mar.
 */
#ifndef KITH_MODEL_FACE_YUNET_H
#define KITH_MODEL_FACE_YUNET_H

#include <stddef.h>

#include "model/network/network.h"
#include "proto/status.h"

enum { KITH_YUNET_MULTIPLE = 32, KITH_YUNET_MAPS = 12 };

/* A face as a detector sees it, in pixels of the picture that it was given. */
typedef struct kith_detection {
    float box[4];     /* x, y, width, height */
    float points[10]; /* five points, see align.h */
    float score;      /* 0..1 */
    int turn;         /* quarter turns, clockwise, that make the face upright; see detect.h */
} kith_detection;

typedef struct kith_detections {
    kith_detection *items;
    size_t count, room;
} kith_detections;

kith_status kith_detections_add(kith_detections *list, const kith_detection *detection, kith_error *err);
void kith_detections_clear(kith_detections *list);

/* Adds every cell with score >= min_score of the maps (as kith_session_output() gives them) of an input of
 * width x height. Values that are not finite give no face.
 */
kith_status kith_yunet_decode(kith_detections *out, const float *const maps[KITH_YUNET_MAPS], int width,
                              int height, float min_score, kith_error *err);

/* Non-maximum suppression: best first, and none that overlaps a better one with IoU > most. Only the best
 * 5,000 are looked at.
 */
void kith_suppress(kith_detections *list, float most);

typedef struct kith_yunet kith_yunet;

kith_status kith_yunet_open(kith_yunet **out, const kith_network *network, kith_error *err);
void kith_yunet_close(kith_yunet **yunet); /* before its network */

/* Faces with score >= min_score, best first, of an RGB picture whose sides are multiples of 32. */
kith_status kith_yunet_run(kith_yunet *yunet, const unsigned char *rgb, int width, int height,
                           float min_score, kith_detections *out, kith_error *err);

#endif
