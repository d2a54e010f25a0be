/* SPDX-License-Identifier: MIT */
#include "indexer/files/remaining.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "proto/timestamp.h"

struct kith_remaining {
    const kith_walk_options *options;
    pthread_t thread;
    atomic_bool stop;
    _Atomic uint64_t total;
};

static void *count_ahead(void *argument) {
    kith_remaining *total = argument;
    kith_error err = {0};
    kith_walk *walk = NULL;
    kith_walk_entry entry = {0};
    uint64_t count = 0;
    kith_status status = kith_walk_open(&walk, total->options, &err);
    while (status == KITH_OK && !total->stop) {
        status = kith_walk_next(walk, &entry, &err);
        if (status == KITH_OK && entry.kind == KITH_WALK_END) {
            total->total = count;
            break;
        }
        count++;
    }
    kith_walk_close(&walk);
    return NULL;
}

kith_remaining *kith_remaining_start(const kith_walk_options *options) {
    if (options->list || options->list_fd > 0)
        return NULL;
    kith_remaining *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->options = options;
    sigset_t all, before; /* signals are for the thread that runs the command */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&made->thread, NULL, count_ahead, made);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(made);
        return NULL;
    }
    return made;
}

void kith_remaining_stop(kith_remaining **total) {
    if (!*total)
        return;
    (*total)->stop = true;
    pthread_join((*total)->thread, NULL);
    free(*total);
    *total = NULL;
}

uint64_t kith_remaining_total(const kith_remaining *total) {
    return total ? total->total : 0;
}

bool kith_remaining_count(kith_walk *walk, uint64_t *count) {
    double begun = kith_seconds();
    while (kith_seconds() - begun < 1) {
        kith_walk_entry entry;
        kith_error err = {0};
        if (kith_walk_next(walk, &entry, &err) != KITH_OK || entry.kind == KITH_WALK_LATER)
            return false;
        if (entry.kind == KITH_WALK_END)
            return true;
        ++*count;
    }
    return false;
}
