/* SPDX-License-Identifier: MIT
 *
 * The workers: threads that take files through read, decode, find, align and embed. Each has its own
 * kith_embedder, opened when its first picture comes; faces of several files are embedded together. A crew
 * owns its two queues: tasks go in by kith_crew_put(), come back by kith_crew_take(), in any order.
 */
#ifndef KITH_INDEXER_STAGES_CREW_H
#define KITH_INDEXER_STAGES_CREW_H

#include "indexer/stages/task.h"
#include "model/which.h"
#include "proto/gallery_options.h"

typedef struct kith_work_settings {
    kith_model *model;
    kith_find_options find;
    kith_decode_options decode;
    int which; /* kith_which, -1: only when a photo has a name, else all */
    const kith_gallery_choice *gallery;
    bool ask;      /* the gallery whether it knows a file's bytes already */
    size_t memory; /* of decoded pixels under way, in bytes */
    int jobs;
} kith_work_settings;

typedef struct kith_crew kith_crew;

/* Starts the workers; the settings are copied, what they point to must outlive the crew. */
kith_status kith_crew_start(kith_crew **out, const kith_work_settings *settings, kith_error *err);

/* Ends them; no task may be under way. Takes NULL. */
void kith_crew_stop(kith_crew **crew);

size_t kith_crew_room(const kith_crew *crew); /* how many more tasks may be put now */
size_t kith_crew_busy(const kith_crew *crew); /* how many were put and not yet taken */
void kith_crew_put(kith_crew *crew, kith_task *task);
kith_task *kith_crew_take(kith_crew *crew, int wait); /* NULL: none within `wait` milliseconds */

/* Takes back tasks that no worker has begun; returns their number. They are freed. */
size_t kith_crew_cancel(kith_crew *crew);

/* True when some embedder has computed its canary: *out is set. */
bool kith_crew_canary(kith_crew *crew, float out[KITH_DIMENSION]);

#endif
