/* SPDX-License-Identifier: MIT */
#include "proto/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "proto/stop.h"

typedef struct crew {
    const kith_workers *with;
    size_t count, together;
    atomic_size_t next, done;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t ended;
    int working;
    kith_error err; /* what ends the work */
} crew;

typedef struct worker {
    crew *crew;
    int number;
    pthread_t thread;
} worker;

static void *work(void *context) {
    worker *w = context;
    crew *c = w->crew;
    kith_error err = {0};
    kith_status status = KITH_OK;
    for (size_t first;
         status == KITH_OK && !c->stop && (first = atomic_fetch_add(&c->next, c->together)) < c->count;) {
        size_t left = c->count - first, count = left < c->together ? left : c->together;
        status = c->with->work(c->with->context, w->number, first, count, &err);
        c->done += count;
    }
    pthread_mutex_lock(&c->lock);
    if (status != KITH_OK) {
        kith_fail_with(&c->err, &err);
        c->stop = true;
    }
    c->working--;
    pthread_cond_signal(&c->ended);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static struct timespec soon(void) {
    enum { TENTH = 100 * 1000 * 1000, SECOND = 1000 * 1000 * 1000 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TENTH;
    until.tv_sec += until.tv_nsec / SECOND;
    until.tv_nsec %= SECOND;
    return until;
}

/* Until all have ended. */
static void watch(crew *c) {
    pthread_mutex_lock(&c->lock);
    while (c->working > 0) {
        const struct timespec until = soon();
        pthread_cond_timedwait(&c->ended, &c->lock, &until);
        pthread_mutex_unlock(&c->lock);
        if (c->with->progress)
            c->with->progress(c->with->progress_context, c->done, c->count);
        if (kith_stop_signal())
            c->stop = true;
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
}

/* Returns how many could be started; c->working is that number. */
static int start(crew *c, worker *workers, int count) {
    pthread_mutex_lock(&c->lock);
    while (c->working < count) {
        worker *w = &workers[c->working];
        *w = (worker){.crew = c, .number = c->working};
        if (pthread_create(&w->thread, NULL, work, w) != 0)
            break;
        c->working++;
    }
    int started = c->working;
    pthread_mutex_unlock(&c->lock);
    return started;
}

kith_status kith_workers_run(const kith_workers *with, size_t count, kith_error *err) {
    int jobs = with->jobs < 1 ? 1 : with->jobs;
    crew c = {.with = with, .count = count, .together = with->together ? with->together : 1};
    worker *workers = calloc((size_t)jobs, sizeof *workers);
    if (!workers)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %d threads", jobs);
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.ended, NULL);
    int started = start(&c, workers, jobs);
    watch(&c);
    for (int i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_cond_destroy(&c.ended);
    pthread_mutex_destroy(&c.lock);
    free(workers);
    if (started == 0)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no thread can be started");
    return c.err.code == KITH_OK ? kith_stop_error(err) : kith_fail_with(err, &c.err);
}
