/* SPDX-License-Identifier: MIT */
#include "model/embedder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/canary.h"
#include "model/face/align.h"
#include "model/face/detect.h"
#include "model/face/quality.h"
#include "model/model.h"

static const float SHORTEST = 1e-6F; /* an embedding shorter than this has no direction */

struct kith_embedder {
    kith_model *model;
    const kith_prepared *with;
    int batch;
    kith_detect *detect;   /* from the first picture on: a worker that only embeds never has one */
    kith_session *session; /* from the first face on */
    bool has_canary;
    float canary[KITH_DIMENSION];
};

kith_status kith_embedder_open(kith_embedder **out, kith_model *model, int batch, kith_error *err) {
    kith_embedder *embedder = *out = calloc(1, sizeof *embedder);
    if (!embedder)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for an embedder");
    embedder->model = model;
    embedder->batch = batch < 1 ? 1 : batch;
    kith_status status = kith_model_prepare(model, &embedder->with, err);
    if (status != KITH_OK)
        kith_embedder_close(out);
    return status;
}

void kith_embedder_close(kith_embedder **embedder) {
    if (!embedder || !*embedder)
        return;
    kith_detect_close(&(*embedder)->detect);
    kith_session_close(&(*embedder)->session);
    free(*embedder);
    *embedder = NULL;
}

void kith_faces_clear(kith_faces *faces) {
    for (size_t i = 0; i < faces->count; i++)
        free(faces->items[i].chip);
    free(faces->items);
    *faces = (kith_faces){0};
}

/* Faces are numbered by y, then x of the box's centre. */
static int by_place(const void *left, const void *right) {
    const kith_detection *a = left, *b = right;
    for (int axis = 1; axis >= 0; axis--) {
        float centre_a = a->box[axis] + a->box[2 + axis] / 2;
        float centre_b = b->box[axis] + b->box[2 + axis] / 2;
        if (centre_a != centre_b)
            return centre_a < centre_b ? -1 : 1;
    }
    return 0;
}

/* From the working picture to the picture at full size. */
static void to_full_size(kith_face *face, const kith_detection *found, const kith_picture *picture) {
    float across = (float)picture->full_width / (float)picture->width;
    float down = (float)picture->full_height / (float)picture->height;
    for (int i = 0; i < 4; i++)
        face->box[i] = found->box[i] * (i % 2 ? down : across);
    for (int i = 0; i < 10; i++)
        face->points[i] = found->points[i] * (i % 2 ? down : across);
    face->score = found->score;
    face->eyes = kith_eyes(face->points);
    face->yaw = kith_yaw(face->points);
}

/* The 68 landmarks of an upright view of the face, moved into the chip. */
static void landmarks_in_chip(kith_face *face, const kith_prepared *with, const kith_picture *picture,
                              const kith_detection *found, const kith_similarity *to_chip) {
    kith_view view = kith_view_of(picture->rgb, picture->width, picture->height, found->turn);
    float seen[10], landmarks[2 * KITH_LANDMARKS];
    for (int i = 0; i < 10; i += 2)
        kith_view_point(&view, found->points + i, seen + i);
    kith_landmarks_run(with->landmarks, &view, kith_landmarks_rectangle(seen), landmarks);
    for (int i = 0; i < 2 * KITH_LANDMARKS; i += 2) {
        float place[2], chip[2];
        kith_view_point_back(&view, landmarks + i, place);
        kith_similarity_apply(to_chip, place, chip);
        face->landmarks[i] = chip[0] / (float)with->side;
        face->landmarks[i + 1] = chip[1] / (float)with->side;
    }
}

static kith_status cut_chip(kith_face *face, const kith_prepared *with, const kith_picture *picture,
                            const kith_detection *found, kith_error *err) {
    float template[10];
    kith_similarity to_chip;
    kith_template(template, with->arch, with->side);
    if (!kith_similarity_fit(&to_chip, found->points, template, KITH_POINTS)) {
        face->small = true; /* five points in one place */
        return KITH_OK;
    }
    face->chip = malloc((size_t)with->side * (size_t)with->side * 3);
    if (!face->chip)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a face");
    kith_status status =
        kith_align(face->chip, with->side, &to_chip, picture->rgb, picture->width, picture->height, err);
    if (status == KITH_OK)
        status = kith_sharpness(&face->sharpness, face->chip, with->side, err);
    if (status == KITH_OK && with->wants_landmarks)
        landmarks_in_chip(face, with, picture, found, &to_chip);
    return status;
}

static kith_status faces_of(kith_faces *out, const kith_prepared *with, const kith_picture *picture,
                            kith_detections *found, float min_face, kith_error *err) {
    *out = (kith_faces){0};
    if (found->count == 0)
        return KITH_OK;
    qsort(found->items, found->count, sizeof *found->items, by_place);
    out->items = calloc(found->count, sizeof *out->items);
    if (!out->items)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu faces", found->count);
    out->count = found->count;
    for (size_t i = 0; i < found->count; i++) {
        kith_face *face = out->items + i;
        to_full_size(face, found->items + i, picture);
        face->small = fminf(face->box[2], face->box[3]) < min_face;
        kith_status status = face->small ? KITH_OK : cut_chip(face, with, picture, found->items + i, err);
        if (status != KITH_OK)
            return status;
    }
    return KITH_OK;
}

kith_status kith_embedder_find(kith_embedder *embedder, const kith_picture *picture,
                               const kith_find_options *options, kith_faces *out, kith_error *err) {
    *out = (kith_faces){0};
    const kith_prepared *with = embedder->with;
    kith_detections found = {0};
    kith_status status = KITH_OK;
    if (!embedder->detect)
        status = kith_detect_open(&embedder->detect, with->yunet, with->landmarks, err);
    if (status == KITH_OK)
        status = kith_detect_run(embedder->detect, picture, options, &found, err);
    if (status == KITH_OK)
        status = faces_of(out, with, picture, &found, options->min_face, err);
    if (status != KITH_OK)
        kith_faces_clear(out);
    kith_detections_clear(&found);
    return status;
}

static void normalise(kith_face *face, const float *values, size_t count) {
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)values[i] * values[i];
    float length = (float)sqrt(squares);
    face->embedded = isfinite(length) && length >= SHORTEST;
    for (size_t i = 0; i < KITH_DIMENSION && face->embedded; i++)
        face->embedding[i] = values[i] / length;
}

static kith_status embed_batch(kith_embedder *embedder, kith_face *const *faces, int count, kith_error *err) {
    const kith_prepared *with = embedder->with;
    for (int i = 0; i < count; i++)
        kith_session_set_input(embedder->session, i, faces[i]->chip, (size_t)with->side * 3,
                               with->wants_landmarks ? faces[i]->landmarks : NULL);
    kith_status status = kith_session_run(embedder->session, count, err);
    for (int i = 0; i < count && status == KITH_OK; i++) {
        size_t dimension = 0;
        const float *values = kith_session_output(embedder->session, 0, i, &dimension);
        normalise(faces[i], values, dimension);
    }
    return status;
}

kith_status kith_embedder_embed(kith_embedder *embedder, kith_face *const *faces, size_t count,
                                kith_error *err) {
    enum { MOST = 64 };
    kith_face *waiting[MOST];
    int batch = embedder->batch < MOST ? embedder->batch : MOST, queued = 0;
    kith_status status = KITH_OK;
    if (!embedder->session)
        status = kith_session_open(&embedder->session, embedder->with->network, embedder->with->side,
                                   embedder->with->side, batch, err);
    for (size_t i = 0; i < count && status == KITH_OK; i++) {
        if (!faces[i]->chip)
            continue;
        waiting[queued++] = faces[i];
        if (queued < batch)
            continue;
        status = embed_batch(embedder, waiting, queued, err);
        queued = 0;
    }
    return status == KITH_OK && queued > 0 ? embed_batch(embedder, waiting, queued, err) : status;
}

/* Steps 2 to 6 of the built-in picture, which has one face. */
static kith_status embed_canary(kith_embedder *embedder, kith_error *err) {
    const kith_decode_options whole = {.max_pixels = KITH_MAX_PIXELS};
    const kith_find_options usual = {.detect_size = 640, .min_score = 0.7F, .min_face = 24};
    kith_picture picture = {0};
    kith_faces faces = {0};
    size_t size = 0;
    const unsigned char *bytes = kith_canary_picture(&size);
    kith_status status = kith_picture_decode(&picture, bytes, size, &whole, "canary", err);
    if (status == KITH_OK)
        status = kith_embedder_find(embedder, &picture, &usual, &faces, err);
    kith_face *face = faces.count == 1 ? faces.items : NULL;
    if (status == KITH_OK && face)
        status = kith_embedder_embed(embedder, &face, 1, err);
    if (status == KITH_OK && face && face->embedded) {
        memcpy(embedder->canary, face->embedding, sizeof embedder->canary);
        embedder->has_canary = true;
    } else if (status == KITH_OK)
        status = kith_fail(err, KITH_E_REFUSED, 0, kith_model_identity(embedder->model)->network,
                           "this pipeline makes no embedding of the built-in picture of a face (%zu faces)",
                           faces.count);
    kith_faces_clear(&faces);
    kith_picture_clear(&picture);
    return status;
}

kith_status kith_embedder_canary(kith_embedder *embedder, float out[KITH_DIMENSION], kith_error *err) {
    kith_status status = embedder->has_canary ? KITH_OK : embed_canary(embedder, err);
    if (status == KITH_OK)
        memcpy(out, embedder->canary, sizeof embedder->canary);
    return status;
}
