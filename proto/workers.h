/* SPDX-License-Identifier: MIT
 *
 * Many items of work that do not depend on each other, by threads that take the next ones. The calling thread
 * waits, tells how far they are, and passes a signal to stop on to them.
 */
#ifndef KITH_PROTO_WORKERS_H
#define KITH_PROTO_WORKERS_H

#include <stddef.h>

#include "proto/status.h"

typedef struct kith_workers {
    int jobs;        /* threads, >= 1 */
    size_t together; /* items that a thread takes at once; 0: one */
    /* Does items first..first + count - 1 with what belongs to thread `worker` (0..jobs - 1). An error ends
     * the whole work.
     */
    kith_status (*work)(void *context, int worker, size_t first, size_t count, kith_error *err);
    void *context;
    void (*progress)(void *context, size_t done, size_t total); /* from the calling thread; may be NULL */
    void *progress_context;
} kith_workers;

/* All items 0..count - 1. KITH_E_STOPPED: a signal asked for it. */
kith_status kith_workers_run(const kith_workers *workers, size_t count, kith_error *err);

#endif
