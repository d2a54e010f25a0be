/* SPDX-License-Identifier: MIT */
#include "indexer/stages/crew.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "indexer/stages/budget.h"
#include "indexer/stages/known.h"
#include "indexer/stages/queue.h"
#include "indexer/stages/read.h"
#include "indexer/store/made.h"
#include "proto/digest.h"

enum {
    BATCH = 8,      /* faces that are embedded together */
    HELD_MOST = 32, /* files whose faces wait for a batch to fill */
    AHEAD = 64,     /* files under way per worker: enough to be busy while the gallery is written */
};

struct kith_crew {
    kith_work_settings settings;
    kith_queue *todo, *done;
    size_t busy, capacity; /* of the thread that puts and takes */
    kith_budget pixels;
    kith_known *known;
    pthread_t *threads;
    int thread_count;
    pthread_mutex_t lock; /* canary */
    bool has_canary;
    float canary[KITH_DIMENSION];
};

/* One thread's things. */
typedef struct crew_worker {
    kith_crew *crew;
    kith_embedder *embedder;
    kith_file_bytes file;
    kith_task *held[HELD_MOST]; /* found, not yet embedded */
    size_t held_count;
    kith_face **chips; /* their chosen faces */
    size_t chip_count, chip_room;
} crew_worker;

static void fail(kith_task *task, const kith_error *err) {
    task->outcome = KITH_FAILED;
    task->err = *err;
}

static void fail_run(kith_task *task, const kith_error *err) {
    fail(task, err);
    task->fatal = true;
}

static kith_status open_embedder(crew_worker *worker, kith_error *err) {
    if (worker->embedder)
        return KITH_OK;
    kith_crew *crew = worker->crew;
    kith_status status = kith_embedder_open(&worker->embedder, crew->settings.model, BATCH, err);
    pthread_mutex_lock(&crew->lock);
    if (status == KITH_OK && !crew->has_canary) {
        status = kith_embedder_canary(worker->embedder, crew->canary, err);
        crew->has_canary = status == KITH_OK;
    }
    pthread_mutex_unlock(&crew->lock);
    return status;
}

/* A file without the beginning of a JPEG or PNG. */
static void judge_other(kith_task *task, kith_format format) {
    kith_error err = {0};
    if (format != KITH_FORMAT_NONE)
        kith_fail(&err, KITH_E_FORMAT, 0, task->path, "is %s, which kith does not read (convert it to JPEG)",
                  kith_format_name(format));
    else if (!kith_format_extension(task->path)) {
        task->outcome = KITH_IGNORED;
        return;
    } else
        kith_fail(&err, KITH_E_FORMAT, 0, task->path,
                  task->stamp.size == 0 ? "is empty" : "is no picture, whatever its name says");
    fail(task, &err);
}

/* Faces that --which does not mean lose their chip, and so are not embedded. */
static kith_status choose_faces(const crew_worker *worker, kith_task *task, kith_error *err) {
    kith_faces *faces = &task->faces;
    int which = worker->crew->settings.which;
    if (which < 0)
        which = task->person ? KITH_WHICH_ONLY : KITH_WHICH_ALL;
    if (which == KITH_WHICH_ALL)
        return KITH_OK;
    size_t count = 0;
    for (size_t i = 0; i < faces->count; i++)
        count += !faces->items[i].small;
    if (which == KITH_WHICH_ONLY && count > 1)
        return kith_several_faces(count, task->path, err);
    int meant = kith_which_face(faces, (kith_which)which, task->width, task->height);
    for (size_t i = 0; i < faces->count; i++)
        if ((int)i != meant) {
            free(faces->items[i].chip);
            faces->items[i].chip = NULL;
        }
    return KITH_OK;
}

static kith_status decode_and_find(crew_worker *worker, kith_task *task, kith_error *err) {
    kith_crew *crew = worker->crew;
    const kith_work_settings *settings = &crew->settings;
    const kith_file_bytes *file = &worker->file;
    kith_picture picture = {0};
    int width, height;
    size_t memory;
    kith_status status = kith_picture_measure(file->bytes, file->size, &width, &height, &memory,
                                              &settings->decode, task->path, err);
    if (status == KITH_OK)
        status = kith_budget_take(&crew->pixels, memory, task->path, err);
    if (status != KITH_OK)
        return status;
    status = kith_picture_decode(&picture, file->bytes, file->size, &settings->decode, task->path, err);
    task->width = picture.full_width;
    task->height = picture.full_height;
    memcpy(task->taken, picture.taken, sizeof task->taken);
    if (status == KITH_OK) { /* not before: nothing but damaged pictures needs no network */
        status = open_embedder(worker, err);
        task->fatal = status != KITH_OK;
    }
    if (status == KITH_OK) {
        status = kith_embedder_find(worker->embedder, &picture, &settings->find, &task->faces, err);
        task->fatal = status == KITH_E_REFUSED;
    }
    kith_picture_clear(&picture);
    kith_budget_give(&crew->pixels, memory);
    return status;
}

/* Everything up to the chips. */
static void look_into(crew_worker *worker, kith_task *task) {
    kith_format format;
    kith_error err = {0};
    if (kith_read_picture(&worker->file, &format, &task->stamp, task->path, &err) != KITH_OK) {
        fail(task, &err);
        return;
    }
    task->read = true;
    if (format != KITH_FORMAT_JPEG && format != KITH_FORMAT_PNG) {
        judge_other(task, format);
        return;
    }
    if (kith_sha256(task->sha256, worker->file.bytes, worker->file.size, &err) != KITH_OK ||
        (!task->anew && kith_known_outcome(worker->crew->known, task->sha256, &task->known, &task->outcome,
                                           &err) != KITH_OK)) {
        fail_run(task, &err);
        return;
    }
    if (task->known)
        return;
    if (decode_and_find(worker, task, &err) != KITH_OK || choose_faces(worker, task, &err) != KITH_OK)
        fail(task, &err);
}

static kith_status hold(crew_worker *worker, kith_task *task, kith_error *err) {
    size_t needed = worker->chip_count + task->faces.count;
    if (needed > worker->chip_room) {
        kith_face **chips = realloc(worker->chips, 2 * needed * sizeof(void *));
        if (!chips)
            return kith_fail(err, KITH_E_MEMORY, 0, task->path, "no memory for its faces");
        worker->chips = chips;
        worker->chip_room = 2 * needed;
    }
    for (size_t i = 0; i < task->faces.count; i++)
        if (task->faces.items[i].chip)
            worker->chips[worker->chip_count++] = &task->faces.items[i];
    worker->held[worker->held_count++] = task;
    return KITH_OK;
}

/* After embedding: what the file came to. */
static void conclude(kith_task *task) {
    size_t chosen = 0, embedded = 0;
    for (size_t i = 0; i < task->faces.count; i++) {
        kith_face *face = &task->faces.items[i];
        chosen += face->chip != NULL;
        embedded += face->embedded;
        free(face->chip); /* it has served; the queue shall not be full of them */
        face->chip = NULL;
    }
    task->outcome = chosen == 0 ? KITH_NO_FACE : KITH_INDEXED;
    if (chosen > 0 && embedded == 0) {
        kith_error err = {0};
        kith_fail(&err, KITH_E_FORMAT, 0, task->path, "gives no finite embedding");
        fail(task, &err);
    }
}

/* Embeds what is held and hands it on. */
static void finish_held(crew_worker *worker) {
    kith_error err = {0};
    kith_status status = worker->chip_count > 0
                             ? kith_embedder_embed(worker->embedder, worker->chips, worker->chip_count, &err)
                             : KITH_OK;
    for (size_t i = 0; i < worker->held_count; i++) {
        conclude(worker->held[i]);
        if (status != KITH_OK)
            fail_run(worker->held[i], &err);
        kith_queue_put(worker->crew->done, worker->held[i]);
    }
    worker->held_count = worker->chip_count = 0;
}

static void *work(void *argument) {
    crew_worker worker = {.crew = argument};
    kith_crew *crew = argument;
    for (;;) {
        kith_task *task = kith_queue_take(crew->todo, worker.held_count > 0 ? 0 : -1);
        if (!task && worker.held_count == 0)
            break;
        if (!task) {
            finish_held(&worker);
            continue;
        }
        kith_error err = {0};
        task->outcome = KITH_INDEXED;
        look_into(&worker, task);
        bool wants = task->outcome == KITH_INDEXED && !task->known;
        if (wants && hold(&worker, task, &err) != KITH_OK) {
            fail(task, &err);
            wants = false;
        }
        if (!wants)
            kith_queue_put(crew->done, task);
        if (worker.chip_count >= BATCH || worker.held_count == HELD_MOST)
            finish_held(&worker);
    }
    kith_embedder_close(&worker.embedder);
    kith_file_bytes_clear(&worker.file);
    free(worker.chips);
    return NULL;
}

/* Signals are for the thread that started the crew. */
static kith_status start_threads(kith_crew *crew, kith_error *err) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int native = 0;
    while (native == 0 && crew->thread_count < crew->settings.jobs) {
        native = pthread_create(&crew->threads[crew->thread_count], NULL, work, crew);
        crew->thread_count += native == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return crew->thread_count > 0
               ? KITH_OK
               : kith_fail(err, KITH_E_MEMORY, native, NULL, "cannot start a thread: %s", strerror(native));
}

kith_status kith_crew_start(kith_crew **out, const kith_work_settings *settings, kith_error *err) {
    *out = NULL;
    kith_crew *made = calloc(1, sizeof *made);
    if (!made)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for workers");
    made->settings = *settings;
    made->capacity = (size_t)settings->jobs * AHEAD;
    kith_budget_init(&made->pixels, settings->memory);
    pthread_mutex_init(&made->lock, NULL);
    made->threads = calloc((size_t)settings->jobs, sizeof *made->threads);
    kith_status status =
        made->threads ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for workers");
    if (status == KITH_OK)
        status = kith_known_open(&made->known, settings->gallery, settings->ask,
                                 kith_model_identity(settings->model)->pipeline, err);
    if (status == KITH_OK)
        status = kith_queue_open(&made->todo, made->capacity, err);
    if (status == KITH_OK)
        status = kith_queue_open(&made->done, made->capacity, err);
    if (status == KITH_OK)
        status = start_threads(made, err);
    if (status != KITH_OK)
        kith_crew_stop(&made);
    *out = made;
    return status;
}

void kith_crew_stop(kith_crew **crew) {
    struct kith_crew *old = *crew;
    if (!old)
        return;
    if (old->todo)
        kith_queue_close(old->todo);
    for (int i = 0; old->threads && i < old->thread_count; i++)
        pthread_join(old->threads[i], NULL);
    kith_queue_free(&old->todo);
    kith_queue_free(&old->done);
    kith_known_close(&old->known);
    kith_budget_release(&old->pixels);
    pthread_mutex_destroy(&old->lock);
    free(old->threads);
    free(old);
    *crew = NULL;
}

size_t kith_crew_room(const kith_crew *crew) {
    return crew->capacity - crew->busy;
}

size_t kith_crew_busy(const kith_crew *crew) {
    return crew->busy;
}

void kith_crew_put(kith_crew *crew, kith_task *task) {
    crew->busy++;
    kith_queue_put(crew->todo, task);
}

kith_task *kith_crew_take(kith_crew *crew, int wait) {
    kith_task *task = kith_queue_take(crew->done, wait);
    crew->busy -= task != NULL;
    return task;
}

size_t kith_crew_cancel(kith_crew *crew) {
    size_t count = 0;
    for (kith_task *task; (task = kith_queue_take(crew->todo, 0)); count++)
        kith_task_free(task);
    crew->busy -= count;
    return count;
}

bool kith_crew_canary(kith_crew *crew, float out[KITH_DIMENSION]) {
    pthread_mutex_lock(&crew->lock);
    bool has = crew->has_canary;
    if (has)
        memcpy(out, crew->canary, sizeof crew->canary);
    pthread_mutex_unlock(&crew->lock);
    return has;
}
