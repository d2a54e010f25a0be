/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/face/align.h"
#include "model/pipeline.h"
#include "proto/digest.h"

static const char *const debian_landmarks = "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";

struct kith_model {
    char weights_path[PATH_MAX], yunet_path[PATH_MAX], landmarks_path[PATH_MAX];
    kith_tensors *weights; /* kept for their metadata */
    kith_tensors *yunet;   /* until prepared; NULL with the HOG detector */
    kith_identity identity;
    bool needs_landmarks;
    pthread_mutex_t lock; /* guards what follows */
    bool ready;
    kith_prepared prepared;
};

static const char *landmarks_place(const kith_model_options *options) {
    const char *environment = getenv("KITH_LANDMARKS");
    if (options->landmarks)
        return options->landmarks;
    return environment && *environment ? environment : debian_landmarks;
}

static kith_status read_weights(kith_model *model, const char *weights, kith_error *err) {
    kith_status status =
        kith_weights_read(&model->weights, model->weights_path, sizeof model->weights_path, weights, err);
    if (status != KITH_OK)
        return status;
    const char *name = kith_tensors_metadata(model->weights, "kith.arch");
    const kith_arch *arch = name ? kith_arch_find(name) : NULL;
    float template[10];
    if (!arch || !kith_template(template, name, kith_arch_side(arch)))
        return kith_fail(err, KITH_E_REFUSED, 0, model->weights_path,
                         "no network that embeds faces: its kith.arch is \"%s\"", name ? name : "");
    model->prepared.arch = kith_arch_name(arch);
    return KITH_OK;
}

/* Only siamese is used at two sizes (HACKING.md, "The pipeline", step 5). */
static kith_status choose_side(kith_model *model, int wanted, kith_error *err) {
    kith_prepared *p = &model->prepared;
    const kith_arch *arch = kith_arch_find(p->arch);
    int usual = kith_arch_side(arch);
    p->wants_landmarks = kith_arch_wants_landmarks(arch);
    p->side = wanted ? wanted : usual;
    if (p->side != usual && !(p->wants_landmarks && p->side == 224))
        return kith_fail(err, KITH_E_USAGE, 0, p->arch, "takes no faces of %d pixels (its size is %d)",
                         wanted, usual);
    return KITH_OK;
}

static kith_status read_detector(kith_model *model, kith_detector detector, kith_error *err) {
    if (detector == KITH_DETECTOR_HOG)
        return KITH_OK;
    return kith_weights_read(&model->yunet, model->yunet_path, sizeof model->yunet_path, "yunet", err);
}

static kith_status find_landmarks(kith_model *model, const kith_model_options *options,
                                  char digest[KITH_DIGEST_SIZE], kith_error *err) {
    model->needs_landmarks = model->prepared.wants_landmarks || options->detector == KITH_DETECTOR_HOG;
    if (!model->needs_landmarks)
        return KITH_OK;
    snprintf(model->landmarks_path, sizeof model->landmarks_path, "%s", landmarks_place(options));
    kith_error cause = {0};
    if (kith_sha256_file(digest, model->landmarks_path, &cause) == KITH_OK)
        return KITH_OK;
    if (cause.native != ENOENT)
        return kith_fail_with(err, &cause);
    return kith_fail(err, KITH_E_IO, ENOENT, model->landmarks_path,
                     "no landmark file (install the package libdlib-data, or name a file with --landmarks)");
}

static kith_status identify(kith_model *model, kith_detector detector, const char *landmark_digest,
                            kith_error *err) {
    char network[KITH_DIGEST_SIZE], yunet[KITH_DIGEST_SIZE];
    const char *name = detector == KITH_DETECTOR_HOG ? "hog" : "yunet";
    kith_status status = kith_tensors_digest(network, model->weights, model->prepared.arch, err);
    if (status == KITH_OK && model->yunet)
        status = kith_tensors_digest(yunet, model->yunet, "yunet", err);
    if (status != KITH_OK)
        return status;
    kith_pipeline pipeline = {.detector = name,
                              .detector_digest = model->yunet ? yunet : NULL,
                              .network = model->prepared.arch,
                              .network_digest = network,
                              .side = model->prepared.side,
                              .landmark_digest = model->needs_landmarks ? landmark_digest : NULL};
    kith_identity *identity = &model->identity;
    snprintf(identity->network, sizeof identity->network, "%s", model->prepared.arch);
    snprintf(identity->detector, sizeof identity->detector, "%s", name);
    return kith_pipeline_id(identity->pipeline, &pipeline, err);
}

kith_status kith_model_open(kith_model **out, const kith_model_options *options, kith_error *err) {
    const kith_model_options defaults = {0};
    char landmark_digest[KITH_DIGEST_SIZE];
    if (!options)
        options = &defaults;
    kith_model *model = *out = calloc(1, sizeof *model);
    if (!model)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a model");
    pthread_mutex_init(&model->lock, NULL);
    kith_status status = read_weights(model, options->weights ? options->weights : "mobileface", err);
    if (status == KITH_OK)
        status = choose_side(model, options->side, err);
    if (status == KITH_OK)
        status = read_detector(model, options->detector, err);
    if (status == KITH_OK)
        status = find_landmarks(model, options, landmark_digest, err);
    if (status == KITH_OK)
        status = identify(model, options->detector, landmark_digest, err);
    if (status != KITH_OK)
        kith_model_close(out);
    return status;
}

static void release(kith_prepared *prepared) {
    kith_network_close(&prepared->network);
    kith_network_close(&prepared->yunet);
    kith_landmarks_close(&prepared->landmarks);
}

void kith_model_close(kith_model **model) {
    if (!model || !*model)
        return;
    release(&(*model)->prepared);
    kith_tensors_free(&(*model)->weights);
    kith_tensors_free(&(*model)->yunet);
    pthread_mutex_destroy(&(*model)->lock);
    free(*model);
    *model = NULL;
}

const kith_identity *kith_model_identity(const kith_model *model) {
    return &model->identity;
}

const char *kith_model_metadata(const kith_model *model, const char *key) {
    return kith_tensors_metadata(model->weights, key);
}

int kith_model_side(const kith_model *model) {
    return model->prepared.side;
}

static kith_status prepare(kith_model *model, kith_error *err) {
    kith_prepared *p = &model->prepared;
    kith_status status = kith_network_open(&p->network, model->weights, model->weights_path, err);
    if (status == KITH_OK && model->yunet)
        status = kith_network_open(&p->yunet, model->yunet, model->yunet_path, err);
    if (status == KITH_OK && model->needs_landmarks)
        status = kith_landmarks_open(&p->landmarks, model->landmarks_path, err);
    if (status == KITH_OK && p->yunet && strcmp(kith_arch_name(kith_network_arch(p->yunet)), "yunet") != 0)
        status = kith_fail(err, KITH_E_REFUSED, 0, model->yunet_path, "not the detector's weights");
    if (status != KITH_OK)
        release(p);
    return status;
}

kith_status kith_model_prepare(kith_model *model, const kith_prepared **out, kith_error *err) {
    pthread_mutex_lock(&model->lock);
    kith_status status = model->ready ? KITH_OK : prepare(model, err);
    model->ready = status == KITH_OK;
    pthread_mutex_unlock(&model->lock);
    *out = &model->prepared;
    return status;
}
