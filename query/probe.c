/* SPDX-License-Identifier: MIT */
#include "query/probe.h"

#include <unistd.h>

#include "model/picture/file.h"
#include "proto/command/program.h"

struct kith_prober {
    kith_model *model;
    kith_embedder *embedder; /* NULL until it is needed */
    kith_find_options find;
    kith_decode_options decode;
    kith_gates gates;
};

kith_status kith_prober_open(kith_prober **out, const kith_model_choice *model,
                             const kith_finding_choice *finding, kith_error *err) {
    kith_model_options options = kith_model_options_of(model);
    kith_prober *prober = calloc(1, sizeof *prober);
    *out = NULL;
    if (!prober)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a model");
    prober->find = kith_find_options_of(finding);
    prober->decode = kith_decode_options_of(finding);
    prober->gates = (kith_gates){prober->find.min_score, KITH_GATE_EYES, prober->find.min_face};
    kith_status status = kith_model_open(&prober->model, &options, err);
    if (status == KITH_OK)
        *out = prober;
    else
        free(prober);
    return status;
}

void kith_prober_close(kith_prober **prober) {
    if (!*prober)
        return;
    kith_embedder_close(&(*prober)->embedder);
    kith_model_close(&(*prober)->model);
    free(*prober);
    *prober = NULL;
}

const char *kith_prober_network(const kith_prober *prober) {
    return kith_model_identity(prober->model)->network;
}

const char *kith_prober_calibration(const kith_prober *prober) {
    return kith_model_metadata(prober->model, "kith.calibration");
}

static kith_status ready(kith_prober *prober, kith_error *err) {
    return prober->embedder ? KITH_OK : kith_embedder_open(&prober->embedder, prober->model, 1, err);
}

kith_status kith_prober_match(const kith_prober *prober, kith_gallery *gallery, kith_error *err) {
    return kith_gallery_bind(gallery, kith_model_identity(prober->model), err);
}

kith_status kith_prober_bind(kith_prober *prober, kith_gallery *gallery, kith_error *err) {
    kith_identity identity = *kith_model_identity(prober->model);
    kith_status status = ready(prober, err);
    if (status == KITH_OK)
        status = kith_embedder_canary(prober->embedder, identity.canary, err);
    identity.has_canary = true;
    return status == KITH_OK ? kith_gallery_bind(gallery, &identity, err) : status;
}

/* Takes #NUMBER off the end of a path that is no file as it stands. Returns the number or -1. */
static int take_number(char *path) {
    char *mark = strrchr(path, '#');
    if (!mark || !mark[1] || strlen(mark + 1) > 6 || mark[1 + strspn(mark + 1, "0123456789")] ||
        access(path, F_OK) == 0)
        return -1;
    *mark = 0;
    return (int)strtol(mark + 1, NULL, 10);
}

/* How a photo is called in messages. */
static const char *called(const char *path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static kith_status find(kith_photo *out, kith_prober *prober, kith_error *err) {
    kith_picture picture = {0};
    kith_status status = kith_file_read(&out->bytes, &out->size, out->path, err);
    if (status == KITH_OK)
        status =
            kith_picture_decode(&picture, out->bytes, out->size, &prober->decode, called(out->path), err);
    if (status == KITH_OK)
        status = ready(prober, err);
    if (status == KITH_OK)
        status = kith_embedder_find(prober->embedder, &picture, &prober->find, &out->faces, err);
    out->width = picture.full_width;
    out->height = picture.full_height;
    memcpy(out->taken, picture.taken, sizeof out->taken);
    kith_picture_clear(&picture);
    return status;
}

kith_status kith_photo_open(kith_photo *out, kith_prober *prober, const char *path, kith_error *err) {
    *out = (kith_photo){.path = strdup(path)};
    if (!out->path)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    out->named_face = take_number(out->path);
    kith_status status = find(out, prober, err);
    if (status == KITH_OK && out->named_face >= (int)out->faces.count)
        status = kith_fail(err, KITH_E_FORMAT, 0, called(out->path),
                           "has no face %d (it has %zu, numbered from 0)", out->named_face, out->faces.count);
    return status;
}

void kith_photo_clear(kith_photo *photo) {
    kith_faces_clear(&photo->faces);
    free(photo->bytes);
    free(photo->path);
    *photo = (kith_photo){0};
}

kith_status kith_photo_picture(kith_picture *out, const kith_photo *photo, const kith_prober *prober,
                               kith_error *err) {
    kith_decode_options all = prober->decode;
    all.full_size = true;
    return kith_picture_decode(out, photo->bytes, photo->size, &all, called(photo->path), err);
}

static kith_point point_of(const kith_photo *photo, size_t number) {
    const kith_face *face = &photo->faces.items[number];
    kith_point point = {.face = (int)number,
                        .faces = (int)photo->faces.count,
                        .score = face->score,
                        .eyes = face->eyes,
                        .sharpness = face->sharpness,
                        .yaw = face->yaw,
                        .width = photo->width,
                        .height = photo->height};
    memcpy(point.box, face->box, sizeof point.box);
    memcpy(point.points, face->points, sizeof point.points);
    memcpy(point.taken, photo->taken, sizeof point.taken);
    return point;
}

kith_status kith_probe_make(kith_probe *out, kith_prober *prober, kith_photo *photo, size_t number,
                            kith_error *err) {
    kith_face *face = &photo->faces.items[number];
    *out = (kith_probe){.point = point_of(photo, number)};
    if (!kith_gates_pass(&out->verdict, &prober->gates, &out->point))
        return KITH_OK;
    kith_status status = kith_embedder_embed(prober->embedder, &face, 1, err);
    if (status == KITH_OK && face->embedded)
        out->vector = face->embedding;
    else if (status == KITH_OK)
        out->verdict = (kith_verdict){KITH_UNUSABLE, "the network gave no usable vector for it"};
    return status;
}

kith_status kith_probe_one(kith_probe *out, kith_prober *prober, kith_photo *photo, kith_which which,
                           kith_error *err) {
    const char *name = called(photo->path);
    int number = photo->named_face;
    if (number < 0)
        number = kith_which_face(&photo->faces, which, photo->width, photo->height);
    if (number < 0 && photo->faces.count > 0)
        return kith_fail(err, KITH_E_FORMAT, 0, name,
                         "has %zu faces (say which: %s#NUMBER or --which largest)", photo->faces.count, name);
    if (number < 0)
        return kith_fail(err, KITH_E_FORMAT, 0, name, "no face found");
    kith_status status = kith_probe_make(out, prober, photo, (size_t)number, err);
    if (status != KITH_OK)
        return status;
    if (!out->vector)
        return kith_fail(err, KITH_E_FORMAT, 0, name, "face %d is not usable: %s", number,
                         out->verdict.reason);
    if (photo->faces.count > 1 && photo->named_face < 0)
        kith_say("%s: has %zu faces, taken is face %d (#NUMBER or --which take another)", name,
                 photo->faces.count, number);
    return KITH_OK;
}
