/* SPDX-License-Identifier: MIT
 *
 * A bulk run, as `add` and `reindex` do: walk, workers, store. The calling thread walks and writes, in turns
 * and as little as keeps the workers busy; whatever is under way is bounded. Asked to stop, it saves what is
 * finished and says how much was not reached.
 */
#ifndef KITH_INDEXER_STAGES_RUN_H
#define KITH_INDEXER_STAGES_RUN_H

#include "indexer/files/naming.h"
#include "indexer/files/walk.h"
#include "indexer/store/store.h"
#include "model/options.h"

typedef struct kith_work_choice {
    long jobs; /* 0: as many as processors are usable */
    size_t memory;
    bool force, dry_run, json;
    const char *log;
} kith_work_choice;

typedef struct kith_run_settings {
    const char *command; /* what progress says: "indexing" */
    const kith_gallery_choice *gallery;
    kith_walk_options walk;
    kith_naming *naming; /* NULL: no names */
    int which;           /* kith_which, -1: only when a photo has a name, else all */
    const kith_model_choice *model;
    const kith_finding_choice *finding;
    const kith_work_choice *work;
    kith_carry_over carry; /* NULL: none */
    void *carry_context;
} kith_run_settings;

/* Does everything, prints the account, returns the exit code. */
int kith_run_bulk(const kith_run_settings *settings);

#endif
