/* SPDX-License-Identifier: MIT
 *
 * Faces of a working picture, by YuNet or by dlib's HOG: the detection picture (reduced, padded), the
 * detector, and places back in the working picture. One thread's. Step 2 of the pipeline (HACKING.md).
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

/* Faces in pixels of the working picture, best first. With options->try_rotations the picture is also looked
 * at in the three other quarter turns, unless a face scores 0.9 as it is; the turn with the best face wins.
 * Its faces have their places turned back, the order of their points untouched, and `turn` set.
 *
 * Why the score: YuNet also finds faces in turned photos, with wrong points, so that a face was found says
 * nothing. Measured on 95 photos of other projects and 400 aligned chips: upright, 94 and 389 have a face
 * that scores 0.9; lying (90 and 270 degrees), none of the photos and 1 of 800 chips; upside down, 1 photo
 * and 40 chips (which lack what surrounds a head).
 */
kith_status kith_detect_run(kith_detect *detect, const kith_picture *working,
                            const kith_find_options *options, kith_detections *out, kith_error *err);

/* dlib's score, 0 at its own limit and without an upper end, as kith's 0..1: a logistic curve through 0.7 at
 * 0 (so the usual gate is dlib's usual one) and 0.95 at 1.
 */
double kith_hog_score(double dlib_score);
double kith_hog_score_inverse(double score);

#endif
