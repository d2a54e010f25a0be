/* SPDX-License-Identifier: MIT
 *
 * 68 landmarks of a face by an ensemble of regression trees (Kazemi and Sullivan 2014), from a file in dlib's
 * format: Debian's package libdlib-data brings it. The file is read by kith itself, because dlib trusts the
 * sizes and indices in it, takes 3.5 times as long, and allocates for every face; the numbers that come out
 * are dlib's to the last pixel (tests/face/landmarks_are_dlibs.c). Grey is dlib's, (R + G + B) / 3: what the
 * landmarks that siamese learned from were made with; luma moves them by up to 2.4 pixels. Read-only after
 * opening, so threads share it.
 */
#ifndef KITH_MODEL_FACE_LANDMARKS_H
#define KITH_MODEL_FACE_LANDMARKS_H

#include "model/embedder.h"
#include "model/face/view.h"
#include "proto/status.h"

typedef struct kith_landmarks kith_landmarks;

/* KITH_E_IO: missing or unreadable; KITH_E_REFUSED: damaged, or not a 68-point file. */
kith_status kith_landmarks_open(kith_landmarks **out, const char *path, kith_error *err);
void kith_landmarks_close(kith_landmarks **landmarks);

/* A rectangle of pixels, all four inclusive, as dlib has them. */
typedef struct kith_rectangle {
    long left, top, right, bottom;
} kith_rectangle;

/* Where to look for the landmarks of a face with these five points. Step 3 of the pipeline (HACKING.md). */
kith_rectangle kith_landmarks_rectangle(const float points[10]);

/* x, y of the 68 points, whole pixels of the view. */
void kith_landmarks_run(const kith_landmarks *landmarks, const kith_view *view, kith_rectangle rectangle,
                        float out[2 * KITH_LANDMARKS]);

/* The five points that the 68 say: means of the eyes' outlines, nose tip, mouth corners. */
void kith_landmarks_five(const float landmarks[2 * KITH_LANDMARKS], float points[10]);

#endif
