/* SPDX-License-Identifier: MIT
 *
 * A model with one embedder, and its answers about photos. Everything asserts; errors are shown.
 */
#ifndef KITH_TESTS_FACE_PIPELINE_H
#define KITH_TESTS_FACE_PIPELINE_H

#include "model/embedder.h"

typedef struct pipeline {
    kith_model *model;
    kith_embedder *embedder;
} pipeline;

pipeline pipeline_open(const kith_model_options *options); /* NULL: the defaults */
void pipeline_close(pipeline *p);

/* All faces of a picture, embedded. */
kith_faces pipeline_faces(const pipeline *p, const kith_picture *picture, const kith_find_options *options);

/* The same of a photo, which must have exactly one. */
kith_face pipeline_face(const pipeline *p, const char *folder, const char *name);

/* A picture of width x height, filled with one grey. */
kith_picture picture_make(int width, int height, int grey);
/* Copies `from` to (left, top) of `to`; what does not fit is cut. */
void picture_paste(kith_picture *to, const kith_picture *from, int left, int top);
/* A copy turned clockwise by quarter turns, mirrored first when asked. */
kith_picture picture_turned(const kith_picture *from, int turn, bool mirror);

#endif
