/* SPDX-License-Identifier: MIT
 *
 * What kith-index has seen: one record per path, so that a second run reads nothing that did not change and
 * every file has exactly one outcome. Lies in the gallery's own file for SQLite, in a file of its own in
 * $XDG_STATE_HOME/kith/ for Qdrant. Points are written first, then their records: a crash repeats work and
 * loses none. One thread at a time.
 */
#ifndef KITH_PROTO_LEDGER_H
#define KITH_PROTO_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/gallery.h"
#include "proto/point.h"
#include "proto/status.h"

typedef enum kith_outcome {
    KITH_INDEXED,   /* its faces are points */
    KITH_UNCHANGED, /* seen before, not read again; never stored */
    KITH_NO_FACE,   /* decoded, no face that counts */
    KITH_FAILED,    /* with a reason; tried again in each run */
    KITH_IGNORED,   /* no picture */
} kith_outcome;

const char *
kith_outcome_name(kith_outcome outcome); /* "indexed", "unchanged", "no face", "failed", "ignored" */

typedef struct kith_record {
    const char *path;   /* absolute, true bytes */
    const char *person; /* the name that the run gave, NULL: none */
    const char *reason; /* why it failed, NULL */
    uint64_t device, inode;
    int64_t size, modified; /* bytes; nanoseconds since 1970 */
    kith_outcome outcome;
    int faces;
    char sha256[KITH_DIGEST_SIZE]; /* "" when the file could not be read */
    char pipeline[KITH_PIPELINE_SIZE];
    char run[KITH_ID_SIZE];
} kith_record;

typedef struct kith_ledger kith_ledger;

/* The ledger of a gallery. path: a ledger file of its own, or NULL for the gallery's default place. The
 * gallery must stay open longer than its ledger. A gallery on a server that is only read and has no ledger
 * on this machine has an empty one.
 */
kith_status kith_ledger_open(kith_ledger **out, kith_gallery *gallery, const char *path, kith_error *err);
void kith_ledger_close(kith_ledger **ledger);

/* The record of a path: *found false when there is none. Texts in *out live until the next call on this
 * ledger. */
kith_status kith_ledger_find(kith_ledger *ledger, const char *path, kith_record *out, bool *found,
                             kith_error *err);

/* Writes records, all or nothing per call. A path has one record: the newest. */
kith_status kith_ledger_put(kith_ledger *ledger, const kith_record *records, size_t count, kith_error *err);

/* Walks the records of paths at or below `path` (NULL: all), by path; or those of a digest. As with
 * kith_gallery_each(), visit ends the walk by a status and must not write.
 */
typedef kith_status (*kith_record_visit)(void *context, const kith_record *record, kith_error *err);
kith_status kith_ledger_under(kith_ledger *ledger, const char *path, kith_record_visit visit, void *context,
                              kith_error *err);
kith_status kith_ledger_of_digest(kith_ledger *ledger, const char *sha256, kith_record_visit visit,
                                  void *context, kith_error *err);

/* How many faces the photos have that are indexed: so many points the gallery should hold of them. */
kith_status kith_ledger_faces(kith_ledger *ledger, uint64_t *out, kith_error *err);

/* Forgets the records at or below a path (NULL: all). */
kith_status kith_ledger_drop(kith_ledger *ledger, const char *path, kith_error *err);

/* Makes sure that nothing of forgotten records is left in the bytes of a ledger file of its own; in the
 * gallery's file kith_gallery_purge() has done that.
 */
kith_status kith_ledger_purge(kith_ledger *ledger, kith_error *err);

/* Notes a run before its first point: id, time, version, and its settings as a JSON object. */
kith_status kith_ledger_begin_run(kith_ledger *ledger, const char *run, const char *settings,
                                  kith_error *err);

/* The notes of all runs of another ledger, for a copy of its gallery. */
kith_status kith_ledger_copy_runs(kith_ledger *to, kith_ledger *from, kith_error *err);

#endif
