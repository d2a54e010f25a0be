/* SPDX-License-Identifier: MIT
 *
 * One file on its way through a run: made by the walk, filled by a worker, settled by the store. One thread
 * has it at a time; the queues between them pass it on.
 */
#ifndef KITH_INDEXER_STAGES_TASK_H
#define KITH_INDEXER_STAGES_TASK_H

#include "indexer/files/stamp.h"
#include "model/embedder.h"
#include "proto/ledger.h"

typedef struct kith_task {
    char *path;
    char *person; /* the name that this run gives, NULL: none */
    kith_stamp stamp;

    /* what the ledger knew of this path; the digest is "" when it knew none */
    bool recorded;
    kith_outcome recorded_outcome;
    kith_stamp recorded_stamp;
    char recorded_sha256[KITH_DIGEST_SIZE];
    char *recorded_person;

    /* by a worker */
    kith_outcome outcome; /* INDEXED, NO_FACE, FAILED, IGNORED */
    bool known; /* these bytes went through this pipeline before: nothing was embedded, `faces` is empty */
    bool anew;  /* by the thread that puts: they are to be embedded even if they did */
    bool read;  /* its content was seen: it is known to be what `sha256` says, or no photo any more */
    bool fatal; /* the failure is not the file's: the run ends */
    char sha256[KITH_DIGEST_SIZE];
    int width, height;
    char taken[KITH_TIME_SIZE];
    kith_faces faces; /* those with `embedded` become points */
    kith_error err;   /* why it failed */
} kith_task;

/* NULL: no memory. person may be NULL; record: what the ledger knows, or NULL. */
kith_task *kith_task_new(const char *path, const kith_stamp *stamp, const char *person,
                         const kith_record *record);
void kith_task_free(kith_task *task); /* takes NULL */

#endif
