/* SPDX-License-Identifier: MIT
 *
 * Workers take a few photos at a time: look each up, find the faces of the others, embed those together.
 */
#include "model/evaluate/embed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/embedding_cache.h"
#include "model/face/align.h"
#include "model/picture/file.h"
#include "model/train/augment.h"
#include "proto/digest.h"
#include "proto/vector.h"
#include "proto/workers.h"

enum { BATCH = 8 };
static const double SAME_CANARY = 0.9999; /* as galleries ask: proto/gallery.h */

/* What workers share. */
typedef struct embedding_job {
    kith_study *study;
    const kith_embed_options *options;
    kith_embedding_cache *cache; /* NULL: there is none */
    kith_embedder **embedders;   /* of each worker, from its first photo on */
    pthread_mutex_t lock;        /* guards what follows */
    bool cache_failed;
    kith_error cache_error;
} embedding_job;

/* A photo that has to be embedded. */
typedef struct waiting_face {
    size_t photo;
    unsigned char key[KITH_CACHE_KEY];
    kith_face face;
} waiting_face;

static kith_status key_of(unsigned char key[KITH_CACHE_KEY], const void *bytes, size_t size,
                          kith_error *err) {
    char digest[65];
    kith_status status = kith_sha256(digest, bytes, size, err);
    if (status == KITH_OK)
        kith_hex_bytes(key, KITH_CACHE_KEY, digest);
    return status;
}

static void settle(embedding_job *job, size_t photo, const kith_cached_face *face) {
    kith_study_photo *at = &job->study->photos[photo];
    at->state = face->face ? KITH_STUDY_FACE : KITH_STUDY_FACELESS;
    memcpy(at->box, face->box, sizeof at->box);
    if (face->face)
        memcpy(job->study->embeddings + photo * KITH_DIMENSION, face->embedding, sizeof face->embedding);
}

/* Settles a photo and remembers it. The first failure to write ends the use of the cache; it is told at the
 * end.
 */
static void finish(embedding_job *job, const waiting_face *waiting) {
    kith_cached_face face = {.face = waiting->face.embedded};
    kith_error err = {0};
    memcpy(face.key, waiting->key, sizeof face.key);
    if (face.face) {
        memcpy(face.box, waiting->face.box, sizeof face.box);
        memcpy(face.embedding, waiting->face.embedding, sizeof face.embedding);
    }
    settle(job, waiting->photo, &face);
    pthread_mutex_lock(&job->lock);
    bool usable = job->cache && !job->cache_failed;
    pthread_mutex_unlock(&job->lock);
    if (!usable || kith_embedding_cache_put(job->cache, &face, &err) == KITH_OK)
        return;
    pthread_mutex_lock(&job->lock);
    job->cache_failed = true;
    job->cache_error = err;
    pthread_mutex_unlock(&job->lock);
}

/* ---- from a photo or chip to an aligned face ---- */

/* One file that is bad is told with its name; what ends everything is returned. */
static kith_status photo_failed(kith_study_photo *photo, const kith_error *why, kith_error *err) {
    if (why->code != KITH_E_FORMAT && why->code != KITH_E_LIMIT && why->code != KITH_E_IO) {
        *err = *why;
        return why->code;
    }
    photo->state = KITH_STUDY_FAILED;
    photo->why = malloc(sizeof *photo->why);
    if (!photo->why)
        return kith_fail(err, KITH_E_MEMORY, 0, why->where, "no memory for its failure");
    *photo->why = *why;
    return KITH_OK;
}

static kith_status find_face(waiting_face *out, const embedding_job *job, kith_embedder *embedder,
                             const void *bytes, size_t size, const char *path, kith_error *err) {
    kith_picture picture = {0};
    kith_faces faces = {0};
    kith_status status = kith_picture_decode(&picture, bytes, size, &job->options->decode, path, err);
    if (status == KITH_OK)
        status = kith_embedder_find(embedder, &picture, &job->options->find, &faces, err);
    int chosen = kith_which_face(&faces, job->options->which, picture.full_width, picture.full_height);
    if (status == KITH_OK && chosen >= 0) {
        out->face = faces.items[chosen];
        faces.items[chosen].chip = NULL; /* now ours */
    }
    kith_faces_clear(&faces);
    kith_picture_clear(&picture);
    return status;
}

/* Reads a photo. *out is left without a chip when there is nothing (more) to embed. */
static kith_status open_photo(waiting_face *out, embedding_job *job, kith_embedder *embedder, bool *settled,
                              kith_error *err) {
    void *bytes = NULL;
    size_t size = 0;
    kith_error why = {0};
    char *path = kith_study_path(job->study, out->photo);
    if (!path)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a path");
    kith_status status = kith_file_read(&bytes, &size, path, &why);
    if (status == KITH_OK)
        status = key_of(out->key, bytes, size, &why);
    if (status == KITH_OK) {
        kith_cached_face face;
        memcpy(face.key, out->key, sizeof face.key);
        *settled = job->cache && kith_embedding_cache_get(job->cache, &face);
        if (*settled)
            settle(job, out->photo, &face);
        else
            status = find_face(out, job, embedder, bytes, size, path, &why);
    }
    free(bytes);
    free(path);
    if (status == KITH_OK)
        return KITH_OK;
    *settled = true;
    return photo_failed(&job->study->photos[out->photo], &why, err);
}

/* The network's own chip out of one with a margin. */
static kith_status cut_chip(kith_face *out, const kith_chip *chip, const kith_model *model, kith_error *err) {
    const char *arch = kith_model_identity(model)->network;
    int side = kith_model_side(model);
    kith_frame frame;
    if (!kith_frame_of(&frame, arch, side))
        return kith_fail(err, KITH_E_REFUSED, 0, arch, "this network has no template for faces");
    *out = (kith_face){.box = {0, 0, KITH_CHIP_SIDE, KITH_CHIP_SIDE},
                       .chip = malloc((size_t)side * (size_t)side * 3)};
    if (!out->chip)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a face");
    for (int i = 0; i < 2 * KITH_LANDMARKS; i += 2) {
        kith_similarity_apply(&frame.from_chip, chip->landmarks + i, out->landmarks + i);
        out->landmarks[i] /= (float)side;
        out->landmarks[i + 1] /= (float)side;
    }
    return kith_align(out->chip, side, &frame.from_chip, chip->rgb, KITH_CHIP_SIDE, KITH_CHIP_SIDE, err);
}

static kith_status open_chip(waiting_face *out, embedding_job *job, bool *settled, kith_error *err) {
    const kith_chip *chip = job->study->photos[out->photo].chip;
    kith_cached_face face;
    kith_status status = key_of(out->key, chip, sizeof *chip, err);
    if (status != KITH_OK)
        return status;
    memcpy(face.key, out->key, sizeof face.key);
    *settled = job->cache && kith_embedding_cache_get(job->cache, &face);
    if (*settled) {
        settle(job, out->photo, &face);
        return KITH_OK;
    }
    return cut_chip(&out->face, chip, job->options->model, err);
}

/* ---- workers ---- */

static kith_status run_some(void *context, int worker, size_t first, size_t count, kith_error *err) {
    embedding_job *job = context;
    kith_embedder **embedder = &job->embedders[worker];
    waiting_face waiting[BATCH] = {{0}};
    kith_face *faces[BATCH] = {NULL};
    size_t left = 0;
    kith_status status = *embedder ? KITH_OK : kith_embedder_open(embedder, job->options->model, BATCH, err);
    for (size_t i = 0; i < count && status == KITH_OK; i++) {
        const kith_study_photo *photo = &job->study->photos[first + i];
        bool settled = photo->state != KITH_STUDY_WAITING;
        waiting_face *at = &waiting[left];
        *at = (waiting_face){.photo = first + i};
        if (!settled)
            status = photo->chip ? open_chip(at, job, &settled, err)
                                 : open_photo(at, job, *embedder, &settled, err);
        faces[left] = &at->face;
        left += !settled;
    }
    if (status == KITH_OK)
        status = kith_embedder_embed(*embedder, faces, left, err);
    for (size_t i = 0; i < left && status == KITH_OK; i++)
        finish(job, &waiting[i]);
    for (size_t i = 0; i < BATCH; i++)
        free(waiting[i].face.chip);
    return status;
}

static kith_status run(embedding_job *job, kith_error *err) {
    const kith_embed_options *options = job->options;
    const kith_workers workers = {.jobs = options->jobs,
                                  .together = BATCH,
                                  .work = run_some,
                                  .context = job,
                                  .progress = options->progress,
                                  .progress_context = options->context};
    job->embedders = calloc((size_t)options->jobs, sizeof(kith_embedder *));
    if (!job->embedders)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %d threads", options->jobs);
    kith_status status = kith_workers_run(&workers, job->study->names.count, err);
    for (int i = 0; i < options->jobs; i++)
        kith_embedder_close(&job->embedders[i]);
    free(job->embedders);
    return status;
}

/* ---- the cache ---- */

static void settings_text(char *out, size_t size, const kith_study *study, const kith_embed_options *o) {
    static const char *const which[] = {"largest", "centre", "only"};
    if (study->chips)
        snprintf(out, size, "chips %d", KITH_CHIP_SIDE);
    else
        snprintf(out, size, "photos %s detect-size %d min-score %g min-face %g%s max-pixels %llu%s",
                 which[o->which], o->find.detect_size, (double)o->find.min_score, (double)o->find.min_face,
                 o->find.try_rotations ? " rotations" : "", (unsigned long long)o->decode.max_pixels,
                 o->decode.accept_damaged ? " damaged" : "");
}

/* What an id cannot see, a changed constant of the code, shows in the canary: it lies in the cache under the
 * key zero.
 */
static kith_status check_canary(embedding_job *job, kith_error *err) {
    kith_cached_face there = {.face = true}, now = {.face = true};
    kith_embedder *embedder = NULL;
    kith_status status = kith_embedder_open(&embedder, job->options->model, 1, err);
    if (status == KITH_OK)
        status = kith_embedder_canary(embedder, now.embedding, err);
    kith_embedder_close(&embedder);
    if (status != KITH_OK)
        return status;
    if (!kith_embedding_cache_get(job->cache, &there)) {
        job->cache_failed = kith_embedding_cache_put(job->cache, &now, &job->cache_error) != KITH_OK;
        return KITH_OK;
    }
    if (there.face && kith_dot(there.embedding, now.embedding) >= SAME_CANARY)
        return KITH_OK;
    return kith_fail(
        err, KITH_E_REFUSED, 0, kith_embedding_cache_path(job->cache),
        "these embeddings were made by a build of kith that makes others of the same photo (remove "
        "the file)");
}

static void warn(const kith_embed_options *options, const kith_error *err) {
    if (options->warn)
        options->warn(options->context, err);
}

static kith_status open_cache(embedding_job *job, kith_error *err) {
    char settings[256];
    kith_error problem = {0};
    settings_text(settings, sizeof settings, job->study, job->options);
    const char *pipeline = kith_model_identity(job->options->model)->pipeline;
    if (kith_embedding_cache_open(&job->cache, pipeline, settings, &problem) != KITH_OK) {
        warn(job->options, &problem);
        return KITH_OK;
    }
    size_t damaged = kith_embedding_cache_damaged(job->cache);
    if (damaged > 0) {
        kith_fail(&problem, KITH_E_FORMAT, 0, kith_embedding_cache_path(job->cache),
                  "%zu damaged %s of the cache %s computed again", damaged,
                  damaged == 1 ? "entry" : "entries", damaged == 1 ? "is" : "are");
        warn(job->options, &problem);
    }
    return check_canary(job, err);
}

kith_status kith_study_embed(kith_study *study, const kith_embed_options *options, kith_error *err) {
    embedding_job job = {.study = study, .options = options};
    size_t count = study->names.count;
    free(study->embeddings);
    study->embeddings = calloc(count + 1, KITH_DIMENSION * sizeof *study->embeddings);
    if (!study->embeddings)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu embeddings", count);
    pthread_mutex_init(&job.lock, NULL);
    kith_status status = open_cache(&job, err);
    if (status == KITH_OK)
        status = run(&job, err);
    if (job.cache_failed)
        warn(options, &job.cache_error);
    kith_embedding_cache_close(&job.cache);
    pthread_mutex_destroy(&job.lock);
    return status;
}
