/* SPDX-License-Identifier: MIT */
#include "indexer/stages/queue.h"

#include <assert.h>
#include <pthread.h>

struct kith_queue {
    pthread_mutex_t lock;
    pthread_cond_t more;
    bool closed;
    size_t first, count, capacity;
    void *items[];
};

kith_status kith_queue_open(kith_queue **out, size_t capacity, kith_error *err) {
    kith_queue *made = calloc(1, sizeof *made + capacity * sizeof made->items[0]);
    *out = made;
    if (!made)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a queue of %zu", capacity);
    made->capacity = capacity;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->more, &clock);
    pthread_condattr_destroy(&clock);
    return KITH_OK;
}

void kith_queue_free(kith_queue **queue) {
    if (!*queue)
        return;
    pthread_cond_destroy(&(*queue)->more);
    pthread_mutex_destroy(&(*queue)->lock);
    free(*queue);
    *queue = NULL;
}

void kith_queue_put(kith_queue *queue, void *item) {
    pthread_mutex_lock(&queue->lock);
    assert(queue->count < queue->capacity);
    queue->items[(queue->first + queue->count) % queue->capacity] = item;
    queue->count++;
    pthread_cond_signal(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}

static struct timespec deadline(int wait) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += wait / 1000;
    at.tv_nsec += wait % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

void *kith_queue_take(kith_queue *queue, int wait) {
    void *item = NULL;
    struct timespec until = deadline(wait > 0 ? wait : 0);
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed && wait != 0)
        if (wait < 0)
            pthread_cond_wait(&queue->more, &queue->lock);
        else if (pthread_cond_timedwait(&queue->more, &queue->lock, &until) != 0)
            break;
    if (queue->count > 0) {
        item = queue->items[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
    }
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void kith_queue_close(kith_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->more);
    pthread_mutex_unlock(&queue->lock);
}
