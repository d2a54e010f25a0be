/* SPDX-License-Identifier: MIT
 *
 * From files to chips, by threads that take the next file. A file's result depends on that file alone.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "model/face/align.h"
#include "model/picture/file.h"
#include "model/train/faces_parts.h"
#include "model/which.h"
#include "proto/command/program.h"
#include "proto/digest.h"

typedef struct crew {
    const kith_set_options *options;
    set_files *files;
    int fd;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t moved;
    size_t done;
    int working;
    kith_error err; /* what ends the whole work */
} crew;

typedef struct worker {
    crew *crew;
    pthread_t thread;
    kith_embedder *embedder; /* from the first photo on */
    kith_chip chip;
} worker;

/* ---- one file ---- */

/* The chip's geometry: the template at 128 pixels, moved by the margin. */
static kith_status cut(kith_chip *chip, const kith_face *face, const kith_picture *picture, kith_error *err) {
    float template[2 * KITH_POINTS], points[2 * KITH_POINTS];
    kith_similarity to_chip;
    kith_template(template, "siamese", KITH_CHIP_INNER);
    for (int i = 0; i < 2 * KITH_POINTS; i += 2) {
        template[i] += KITH_CHIP_MARGIN;
        template[i + 1] += KITH_CHIP_MARGIN;
        points[i] = face->points[i] * (float)picture->width / (float)picture->full_width;
        points[i + 1] = face->points[i + 1] * (float)picture->height / (float)picture->full_height;
    }
    if (!kith_similarity_fit(&to_chip, points, template, KITH_POINTS))
        return kith_fail(err, KITH_E_FORMAT, 0, NULL, "a face whose points are one point");
    for (int i = 0; i < 2 * KITH_LANDMARKS; i++) /* those of the network's own chip have the same template */
        chip->landmarks[i] = face->landmarks[i] * KITH_CHIP_INNER + KITH_CHIP_MARGIN;
    return kith_align(chip->rgb, KITH_CHIP_SIDE, &to_chip, picture->rgb, picture->width, picture->height,
                      err);
}

static kith_status from_photo(worker *w, set_file *file, const kith_picture *picture, kith_error *err) {
    const kith_set_options *options = w->crew->options;
    kith_faces faces = {0};
    kith_status status = w->embedder ? KITH_OK : kith_embedder_open(&w->embedder, options->model, 1, err);
    if (status == KITH_OK)
        status = kith_embedder_find(w->embedder, picture, &options->find, &faces, err);
    if (status != KITH_OK)
        return status;
    int largest = kith_which_face(&faces, KITH_WHICH_LARGEST, picture->full_width, picture->full_height);
    if (largest < 0 || !faces.items[largest].chip)
        file->outcome = SET_FACELESS;
    else
        status = cut(&w->chip, &faces.items[largest], picture, err);
    kith_faces_clear(&faces);
    return status;
}

static kith_status from_chip(worker *w, set_file *file, const kith_picture *picture, kith_error *err) {
    if (picture->full_width != KITH_CHIP_SIDE || picture->full_height != KITH_CHIP_SIDE)
        return kith_fail(err, KITH_E_FORMAT, 0, file->path,
                         "%d x %d pixels, where chips have %d x %d (photos are read without --chips)",
                         picture->full_width, picture->full_height, KITH_CHIP_SIDE, KITH_CHIP_SIDE);
    if (w->crew->options->landmarks && !file->landmarks)
        return kith_fail(err, KITH_E_FORMAT, 0, file->path, "has no row in a %s beside it or above",
                         kith_set_landmarks_name);
    memcpy(w->chip.rgb, picture->rgb, sizeof w->chip.rgb);
    if (file->landmarks)
        memcpy(w->chip.landmarks, file->landmarks, sizeof w->chip.landmarks);
    return KITH_OK;
}

static kith_status keep(worker *w, size_t record, kith_error *err) {
    const char *bytes = (const char *)&w->chip;
    size_t written = 0, size = sizeof w->chip;
    while (written < size) {
        off_t at = (off_t)(record * size + written);
        ssize_t got = pwrite(w->crew->fd, bytes + written, size - written, at);
        if (got < 0 && errno != EINTR)
            return kith_fail(err, KITH_E_IO, errno, NULL,
                             "%s for the decoded faces, %zu bytes each (TMPDIR names another folder)",
                             strerror(errno), size);
        written += got > 0 ? (size_t)got : 0;
    }
    return KITH_OK;
}

/* Failures of the one file are in *about it; the status is for what ends all. */
static kith_status decode(worker *w, set_file *file, kith_error *about, kith_error *err) {
    const kith_set_options *options = w->crew->options;
    kith_picture picture = {0};
    void *bytes = NULL;
    size_t size = 0;
    kith_status status = kith_file_read(&bytes, &size, file->path, about);
    bool stranger = !kith_format_extension(file->path) &&
                    (status == KITH_E_LIMIT ||
                     (status == KITH_OK && kith_format_of_bytes(bytes, size) == KITH_FORMAT_NONE));
    if (stranger)
        file->outcome = SET_IGNORED;
    if (status == KITH_OK && !stranger)
        status = kith_picture_decode(&picture, bytes, size, &options->decode, file->path, about);
    free(bytes);
    memset(&w->chip, 0, sizeof w->chip);
    if (picture.rgb && options->kind == KITH_SET_PHOTOS)
        status = from_photo(w, file, &picture, about);
    else if (picture.rgb && options->kind == KITH_SET_CHIPS)
        status = from_chip(w, file, &picture, about);
    kith_picture_clear(&picture);
    if (stranger || status == KITH_OK)
        return KITH_OK;
    bool his = status == KITH_E_FORMAT || status == KITH_E_LIMIT || status == KITH_E_IO;
    if (!his)
        return kith_fail(err, about->code, about->native, about->where, "%s", about->text);
    if (!about->where[0])
        kith_printable(about->where, sizeof about->where, file->path, SIZE_MAX);
    return kith_set_file_fail(file, about) ? KITH_OK : KITH_E_MEMORY;
}

static kith_status handle(worker *w, size_t i, kith_error *err) {
    set_file *file = &w->crew->files->items[i];
    kith_error about = {0};
    if (file->outcome != SET_WAITING)
        return KITH_OK;
    kith_status status = decode(w, file, &about, err);
    if (status != KITH_OK || file->outcome != SET_WAITING)
        return status;
    file->outcome = SET_FACE;
    if (w->crew->options->kind == KITH_SET_LOOK)
        return KITH_OK;
    status = kith_sha256(file->digest, &w->chip, sizeof w->chip, err);
    return status == KITH_OK ? keep(w, i, err) : status;
}

/* ---- threads ---- */

static void *work(void *context) {
    worker *w = context;
    crew *c = w->crew;
    kith_error err = {0};
    kith_status status = KITH_OK;
    for (size_t i; status == KITH_OK && !c->stop && (i = c->next++) < c->files->count;) {
        status = handle(w, i, &err);
        pthread_mutex_lock(&c->lock);
        c->done++;
        pthread_mutex_unlock(&c->lock);
    }
    pthread_mutex_lock(&c->lock);
    if (status != KITH_OK) {
        kith_fail(&c->err, status, err.native, err.where, "%s", err.text[0] ? err.text : "no memory");
        c->stop = true;
    }
    c->working--;
    pthread_cond_signal(&c->moved);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Until all workers have ended: tells how far they are, and passes a signal on to them. */
static kith_status watch(crew *c, kith_error *err) {
    enum { TENTH = 100 * 1000 * 1000, SECOND = 1000 * 1000 * 1000 };
    const kith_set_options *options = c->options;
    kith_status status = KITH_OK;
    pthread_mutex_lock(&c->lock);
    while (c->working > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TENTH;
        until.tv_sec += until.tv_nsec / SECOND;
        until.tv_nsec %= SECOND;
        pthread_cond_timedwait(&c->moved, &c->lock, &until);
        size_t done = c->done;
        pthread_mutex_unlock(&c->lock);
        if (options->progress)
            options->progress(options->context, done, c->files->count);
        if (status == KITH_OK && (status = kith_stop_error(err)) != KITH_OK)
            c->stop = true;
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return status;
}

static int start(crew *c, worker *workers, int count) {
    int started = 0;
    for (; started < count; started++) {
        workers[started].crew = c;
        pthread_mutex_lock(&c->lock);
        c->working++;
        pthread_mutex_unlock(&c->lock);
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
            continue;
        pthread_mutex_lock(&c->lock);
        c->working--;
        pthread_mutex_unlock(&c->lock);
        break;
    }
    return started;
}

kith_status kith_set_decode(set_files *files, int fd, const kith_set_options *options, kith_error *err) {
    int count = options->jobs < 1 ? 1 : options->jobs;
    crew c = {.options = options, .files = files, .fd = fd};
    worker *workers = calloc((size_t)count, sizeof *workers);
    if (!workers)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %d threads", count);
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.moved, NULL);
    int started = start(&c, workers, count);
    kith_status status =
        started > 0 ? watch(&c, err) : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no thread can be started");
    for (int i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        kith_embedder_close(&workers[i].embedder);
    }
    if (status == KITH_OK && c.err.code != KITH_OK)
        status = kith_fail(err, c.err.code, c.err.native, c.err.where, "%s", c.err.text);
    pthread_cond_destroy(&c.moved);
    pthread_mutex_destroy(&c.lock);
    free(workers);
    return status;
}
