/* SPDX-License-Identifier: MIT
 *
 * dlib's frontal face detector (HOG) behind a C interface: the only C++ of kith. No exception leaves it. It
 * is a shared library of its own, libkith-dlib.so, so that the loader can pick a build for newer processors
 * from glibc-hwcaps/x86-64-v3 beside it (measured: 1.2 times as fast).
 */
#ifndef KITH_MODEL_FACE_DLIB_SHIM_H
#define KITH_MODEL_FACE_DLIB_SHIM_H

#ifdef __cplusplus
extern "C" { // proto is C and does not know of C++
#endif

#include "proto/status.h"

#define KITH_SHIM_EXPORT __attribute__((visibility("default")))

/* One thread's detector. */
typedef struct kith_hog kith_hog;

KITH_SHIM_EXPORT kith_status kith_hog_open(kith_hog **out, kith_error *err);
KITH_SHIM_EXPORT void kith_hog_close(kith_hog **hog);

/* A face: dlib's score (its own limit is 0; no upper end) and rectangle, the four sides inclusive. */
typedef struct kith_hog_face {
    double score;
    long left, top, right, bottom;
} kith_hog_face;

/* Faces with dlib's score >= least, best first, in a grey picture without padding between rows. *faces lives
 * until the next call.
 */
KITH_SHIM_EXPORT kith_status kith_hog_run(kith_hog *hog, const unsigned char *grey, int width, int height,
                                          double least, const kith_hog_face **faces, int *count,
                                          kith_error *err);

#ifdef __cplusplus
}
#endif

#endif
