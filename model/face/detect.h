/* SPDX-License-Identifier: MIT
 *
 * Faces of a working picture, by YuNet or by dlib's HOG: the detection picture (reduced, padded), the
 * detector, and places back in the working picture. One thread's. Source: design, step 2.
 */
#ifndef KITH_MODEL_FACE_DETECT_H
#define KITH_MODEL_FACE_DETECT_H

#include "model/embedder.h"
#include "model/face/landmarks.h"
#include "model/face/yunet.h"

typedef struct kith_detect kith_detect;

/* With a network: YuNet. Without one: HOG, whose five points come from the landmarks. Both are borrowed. */
kith_status kith_detect_open(kith_detect **out, const kith_network *yunet, const kith_landmarks *landmarks,
                             kith_error *err);
void kith_detect_close(kith_detect **detect);

/* Faces in pixels of the working picture, best first. A face that was found in a turned picture (only with
 * options->try_rotations, only when the upright one has none; the turn with the highest sum of scores) has
 * its places turned back, the order of its points untouched, and its `turn` set.
 */
kith_status kith_detect_run(kith_detect *detect, const kith_picture *working,
                            const kith_find_options *options, kith_detections *out, kith_error *err);

/* dlib's score, 0 at its own limit and without an upper end, as kith's 0..1: a logistic curve through 0.7 at
 * 0 (so the usual gate is dlib's usual one) and 0.95 at 1.
 */
double kith_hog_score(double dlib_score);
double kith_hog_score_inverse(double score);

#endif
