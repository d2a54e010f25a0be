/* SPDX-License-Identifier: MIT
 *
 * Where finished files go: decides what a gallery and its ledger hold afterwards, and writes it in batches.
 * What a file's bytes come to depends on which places hold them and what names those give, never on the order
 * in which they arrive. One thread.
 *
 * - The same bytes at several places are one set of points with several paths.
 * - Places that name the same bytes differently all fail, and the bytes have no points.
 * - A path whose content changed leaves the points of its old content; points without a path go.
 * - Points that are made again keep the name that somebody gave them, unless this run gives one.
 */
#ifndef KITH_INDEXER_STORE_STORE_H
#define KITH_INDEXER_STORE_STORE_H

#include "indexer/stages/task.h"
#include "indexer/store/account.h"
#include "model/which.h"
#include "proto/gallery_options.h"

typedef struct kith_store kith_store;

/* What `reindex` knows of a photo from the gallery that it reads: called with the photo's new points before
 * they are written. May name them; an empty id says that the face is to be left out. *claim: the name that
 * was given for the photo's path (lives until the next call). KITH_E_FORMAT: the photo fails, the run goes
 * on.
 */
typedef kith_status (*kith_carry_over)(void *context, const kith_task *task, kith_point *points, size_t count,
                                       const char **claim, kith_error *err);

typedef struct kith_store_settings {
    const kith_gallery_choice *gallery;
    const kith_identity *identity; /* without canary */
    const char *text;              /* the run's settings, a JSON object */
    kith_which which;              /* the faces that get the name, of photos that have one */
    bool dry_run;
    kith_account *account; /* its run id is the run's */
    kith_carry_over carry; /* NULL: none */
    void *carry_context;
} kith_store_settings;

/* Makes the gallery when there is none, and ties it to the identity. A dry run writes nothing and does
 * without a gallery.
 */
kith_status kith_store_open(kith_store **out, const kith_store_settings *settings, kith_error *err);
void kith_store_close(kith_store **store);       /* what was not flushed is lost */
bool kith_store_exists(const kith_store *store); /* there is a gallery */

/* What the ledger knows of a path; valid until the next call. */
kith_status kith_store_find(kith_store *store, const char *path, kith_record *out, bool *found,
                            kith_error *err);

/* Before the first faces are settled: refuses when the gallery's vectors come from other arithmetic. */
kith_status kith_store_canary(kith_store *store, const float canary[KITH_DIMENSION], kith_error *err);

/* Settles a task that is not `fatal`. Failures are counted now, the rest when it is saved. *again: nothing
 * was settled, as the faces of known bytes are gone meanwhile (they left the place that held them); a worker
 * has to find them again.
 */
kith_status kith_store_settle(kith_store *store, const kith_task *task, bool *again, kith_error *err);

/* Writes all, or only when enough has come together or waits for long. */
kith_status kith_store_flush(kith_store *store, kith_error *err);
kith_status kith_store_flush_due(kith_store *store, kith_error *err);

/* After the last flush: does a gallery on a server hold all faces that the ledger knows of? KITH_E_REFUSED:
 * it has fewer. More (added elsewhere, imported) are said. Files are not asked: they hold what they took.
 */
kith_status kith_store_check(kith_store *store, kith_error *err);

/* Files that were settled and are neither saved nor counted. */
size_t kith_store_unsaved(const kith_store *store);

#endif
