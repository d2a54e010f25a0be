/* SPDX-License-Identifier: MIT
 *
 * Picture in, faces with embeddings out: all that the programs see of the networks.
 *
 * A kith_model is what decides an embedding (detector, landmarks, network: the pipeline), read-only, shared
 * by threads. A kith_embedder is one thread's ability to use it. Opening a model reads and checks the files
 * and computes the pipeline's id; networks are prepared when the first embedder is opened, so a run with
 * nothing to do stays cheap.
 */
#ifndef KITH_MODEL_EMBEDDER_H
#define KITH_MODEL_EMBEDDER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/picture/picture.h"
#include "proto/gallery.h"
#include "proto/point.h"
#include "proto/status.h"

enum { KITH_LANDMARKS = 68 };

typedef enum kith_detector { KITH_DETECTOR_YUNET, KITH_DETECTOR_HOG } kith_detector;

typedef struct kith_model_options {
    const char *weights; /* a file, or a shipped network's name; NULL: "mobileface" */
    kith_detector detector;
    int side;              /* chip size for siamese: 112 or 224; 0: the network's own */
    const char *landmarks; /* dlib's 68-point file; NULL: $KITH_LANDMARKS, else Debian's (libdlib-data) */
} kith_model_options;

typedef struct kith_model kith_model;

/* KITH_E_IO: a file is missing (the error says which package or option brings it); KITH_E_REFUSED: it is
 * damaged or of another shape. `options` may be NULL for the defaults.
 */
kith_status kith_model_open(kith_model **out, const kith_model_options *options, kith_error *err);
void kith_model_close(kith_model **model); /* after its embedders */

/* The identity (no canary yet; see kith_embedder_canary()), and the model file's metadata (NULL: not there),
 * as "kith.calibration".
 */
const kith_identity *kith_model_identity(const kith_model *model);
const char *kith_model_metadata(const kith_model *model, const char *key);
int kith_model_side(const kith_model *model); /* chip width and height */

/* Where a shipped network lies: $KITH_DATA/weights, else share/kith/weights beside the program's bin/. A name
 * with a slash or ending in .safetensors is a path and returned as it is. KITH_E_IO names the places that
 * were looked at.
 */
kith_status kith_weights_path(char *out, size_t size, const char *weights, kith_error *err);

/* The tensors of that file (NULL after a failure; model/network/safetensors.h), and its path in `out`. */
struct kith_tensors;
kith_status kith_weights_read(struct kith_tensors **tensors, char *out, size_t size, const char *weights,
                              kith_error *err);

/* One face. Coordinates are pixels of the displayed picture at full size. */
typedef struct kith_face {
    float box[4];     /* x, y, width, height */
    float points[10]; /* as in kith_point */
    float score, eyes, sharpness, yaw;
    bool small; /* fails --min-face: kept in the list so that numbers do not depend on the gate, never
                   embedded */
    bool embedded;
    unsigned char *chip;                 /* side x side x 3, owned; NULL for a small face */
    float landmarks[2 * KITH_LANDMARKS]; /* in the chip, / side; only when the network wants them */
    float embedding[KITH_DIMENSION];
} kith_face;

typedef struct kith_faces {
    kith_face *items; /* numbered from 0 by y, then x of the box's centre */
    size_t count;
} kith_faces;

void kith_faces_clear(kith_faces *faces);

typedef struct kith_find_options {
    int detect_size;    /* longest side of the detection picture, never enlarged; 640 */
    float min_score;    /* 0.7 */
    float min_face;     /* shorter side of the box, pixels at full size; 24 */
    bool try_rotations; /* when no face is sure to be upright: 90, 180, 270 degrees; see face/detect.h */
} kith_find_options;

typedef struct kith_embedder kith_embedder;

/* One thread's embedder; embeds up to `batch` faces at a time (8 is worth it in bulk, 1 for a question). */
kith_status kith_embedder_open(kith_embedder **out, kith_model *model, int batch, kith_error *err);
void kith_embedder_close(kith_embedder **embedder);

/* Finds, measures and aligns the faces of a picture (steps 2 to 4). No face is KITH_OK with count 0. */
kith_status kith_embedder_find(kith_embedder *embedder, const kith_picture *picture,
                               const kith_find_options *options, kith_faces *out, kith_error *err);

/* Embeds faces with chips, in batches; sets `embedded` for each that gives a finite vector, normalised. Faces
 * without chip are skipped. A face whose vector is not finite or shorter than 1e-6 stays not embedded; that
 * is KITH_OK.
 */
kith_status kith_embedder_embed(kith_embedder *embedder, kith_face *const *faces, size_t count,
                                kith_error *err);

/* The canary: the embedding of the built-in picture through steps 2 to 6, computed once per embedder. The
 * model's identity does not change; fill a copy: see kith_identity.has_canary.
 */
kith_status kith_embedder_canary(kith_embedder *embedder, float out[KITH_DIMENSION], kith_error *err);

#endif
