/* SPDX-License-Identifier: MIT
 *
 * A bounded queue of pointers between threads. Whoever fills it counts what is under way and never puts more
 * into it than it holds; so putting never waits, and the two queues of a run cannot wait for each other.
 */
#ifndef KITH_INDEXER_STAGES_QUEUE_H
#define KITH_INDEXER_STAGES_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

typedef struct kith_queue kith_queue;

kith_status kith_queue_open(kith_queue **out, size_t capacity, kith_error *err);
void kith_queue_free(kith_queue **queue); /* takes NULL; the items are not touched */

void kith_queue_put(kith_queue *queue, void *item); /* never more than capacity at once */

/* The oldest item. NULL: none within `wait` milliseconds (-1: until one comes), or none and the queue is
 * closed.
 */
void *kith_queue_take(kith_queue *queue, int wait);
void kith_queue_close(kith_queue *queue); /* nothing more comes: wakes all who wait */

#endif
