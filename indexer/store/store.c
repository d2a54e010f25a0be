/* SPDX-License-Identifier: MIT */
#include "indexer/store/store.h"

#include <errno.h>
#include <inttypes.h>

#include "indexer/store/batch.h"
#include "indexer/store/made.h"
#include "indexer/store/moved.h"
#include "proto/command/program.h"

struct kith_store {
    kith_store_settings settings;
    kith_gallery *gallery; /* both NULL in a dry run without a gallery */
    kith_ledger *ledger;
    kith_batch batch;
    kith_moved moved;
    bool has_canary, begun; /* the run's note is written */
};

kith_status kith_store_open(kith_store **out, const kith_store_settings *settings, kith_error *err) {
    *out = NULL;
    kith_store *made = calloc(1, sizeof *made);
    if (!made)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory");
    made->settings = *settings;
    kith_error why = {0};
    kith_gallery_mode mode = settings->dry_run ? KITH_GALLERY_READ : KITH_GALLERY_CREATE;
    kith_status status = kith_gallery_open_choice(&made->gallery, settings->gallery, mode, &why);
    bool none = status == KITH_E_IO && why.native == ENOENT && settings->dry_run;
    if (status == KITH_OK)
        status = kith_gallery_bind(made->gallery, settings->identity, &why);
    if (status == KITH_OK)
        status = kith_ledger_open(&made->ledger, made->gallery, NULL, &why);
    if (status != KITH_OK && !none) {
        kith_store_close(&made);
        *err = why;
        return status;
    }
    *out = made;
    return KITH_OK;
}

void kith_store_close(kith_store **store) {
    if (!*store)
        return;
    kith_batch_clear(&(*store)->batch);
    kith_moved_clear(&(*store)->moved);
    kith_ledger_close(&(*store)->ledger);
    kith_gallery_close(&(*store)->gallery);
    free(*store);
    *store = NULL;
}

bool kith_store_exists(const kith_store *store) {
    return store->gallery != NULL;
}

kith_status kith_store_find(kith_store *store, const char *path, kith_record *out, bool *found,
                            kith_error *err) {
    *found = false;
    return store->ledger ? kith_ledger_find(store->ledger, path, out, found, err) : KITH_OK;
}

kith_status kith_store_canary(kith_store *store, const float canary[KITH_DIMENSION], kith_error *err) {
    if (store->has_canary || !store->gallery)
        return KITH_OK;
    kith_identity identity = *store->settings.identity;
    identity.has_canary = true;
    memcpy(identity.canary, canary, sizeof identity.canary);
    kith_status status = kith_gallery_bind(store->gallery, &identity, err);
    store->has_canary = status == KITH_OK; /* else nothing is settled, however often it is tried */
    return status;
}

kith_status kith_store_flush(kith_store *store, kith_error *err) {
    kith_batch *batch = &store->batch;
    kith_status status = KITH_OK;
    if (batch->records.count == 0)
        return KITH_OK;
    if (!store->settings.dry_run && !store->begun)
        status =
            kith_ledger_begin_run(store->ledger, store->settings.account->run, store->settings.text, err);
    if (status == KITH_OK && !store->settings.dry_run) {
        store->begun = true;
        status = kith_batch_write(batch, store->gallery, store->ledger, err);
    }
    if (status != KITH_OK)
        return status;
    for (size_t i = 0; i < batch->records.count; i++)
        if (batch->records.items[i].outcome != KITH_FAILED)
            kith_account_add(store->settings.account, &batch->records.items[i], NULL, NULL);
    kith_batch_clear(batch);
    return KITH_OK;
}

kith_status kith_store_flush_due(kith_store *store, kith_error *err) {
    return kith_batch_due(&store->batch) ? kith_store_flush(store, err) : KITH_OK;
}

kith_status kith_store_check(kith_store *store, kith_error *err) {
    uint64_t known = 0, holds = 0;
    if (store->settings.dry_run || !kith_gallery_on_server(store->gallery))
        return KITH_OK;
    kith_status status = kith_gallery_check_place(store->gallery, err);
    if (status == KITH_OK)
        status = kith_ledger_faces(store->ledger, &known, err);
    if (status == KITH_OK)
        status = kith_gallery_count(store->gallery, NULL, &holds, err);
    if (status != KITH_OK || known == holds)
        return status;
    if (known > holds)
        return kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(store->gallery),
                         "holds %" PRIu64 " faces, but this machine's ledger knows of %" PRIu64
                         " (kith-index verify --repair)",
                         holds, known);
    kith_say("%s: holds %" PRIu64 " faces, this machine's ledger knows of %" PRIu64
             " (were the others added elsewhere or imported? kith-index verify lists them)",
             kith_gallery_uri(store->gallery), holds, known);
    return KITH_OK;
}

size_t kith_store_unsaved(const kith_store *store) {
    size_t count = 0;
    for (size_t i = 0; i < store->batch.records.count; i++)
        count += store->batch.records.items[i].outcome != KITH_FAILED;
    return count;
}

/* The record of a task as far as it is known before its outcome. */
static kith_record record_of(const kith_store *store, const kith_task *task) {
    kith_record record = {.path = task->path,
                          .device = task->stamp.device,
                          .inode = task->stamp.inode,
                          .size = task->stamp.size,
                          .modified = task->stamp.modified,
                          .outcome = task->outcome,
                          .person = task->person};
    const char *sha256 = task->read ? task->sha256 : task->recorded_sha256;
    if (!record.person && strcmp(sha256, task->recorded_sha256) == 0)
        record.person = task->recorded_person;
    snprintf(record.sha256, sizeof record.sha256, "%s", sha256);
    snprintf(record.pipeline, sizeof record.pipeline, "%s", store->settings.identity->pipeline);
    snprintf(record.run, sizeof record.run, "%s", store->settings.account->run);
    return record;
}

static bool same_text(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : !a && !b;
}

/* A file that failed is counted and told now; its record is written unless the ledger says the same already.
 */
static kith_status settle_failed(kith_store *store, const kith_task *task, const kith_error *why,
                                 kith_error *err) {
    kith_record record = record_of(store, task);
    record.outcome = KITH_FAILED;
    record.reason = why->text;
    kith_account_add(store->settings.account, &record, NULL, why);
    bool again = task->recorded && task->recorded_outcome == KITH_FAILED &&
                 kith_stamp_same(&task->recorded_stamp, &task->stamp) &&
                 strcmp(task->recorded_sha256, record.sha256) == 0 &&
                 same_text(task->recorded_person, record.person);
    return again ? KITH_OK : kith_batch_record(&store->batch, &record, err);
}

static kith_status settle_ignored(kith_store *store, const kith_task *task, kith_error *err) {
    kith_record record = record_of(store, task);
    record.person = NULL;
    kith_account_add(store->settings.account, &record, "no picture", NULL);
    if (!task->recorded || store->settings.dry_run)
        return KITH_OK;
    return kith_ledger_drop(store->ledger, task->path, err);
}

/* The path's old content is gone: its points lose the path. */
static kith_status leave_old_content(kith_store *store, const kith_task *task, kith_error *err) {
    bool left = task->read && task->recorded_sha256[0] && strcmp(task->recorded_sha256, task->sha256) != 0;
    if (!left || store->settings.dry_run)
        return KITH_OK;
    kith_points old = {0};
    kith_status status = kith_points_of_digest(&old, store->gallery, task->recorded_sha256, err);
    if (status == KITH_OK)
        status = kith_moved_add(&store->moved, &old, task->path, err);
    if (status == KITH_OK)
        status = kith_points_leave_path(&old, store->gallery, task->path, NULL, err);
    kith_points_clear(&old);
    return status;
}

/* Whether a record's file is there as it was: then its claim on its bytes counts. */
static bool stands(const kith_record *record) {
    struct stat seen;
    if (stat(record->path, &seen) != 0)
        return false;
    kith_stamp now = kith_stamp_of_file(&seen), then = kith_stamp_of_record(record);
    return kith_stamp_same(&now, &then);
}

/* A pair of places that name the task's bytes differently; NULL stands for the task's own place. */
typedef struct name_conflict {
    bool found;
    const kith_record *one, *other;
} name_conflict;

static name_conflict find_conflict(const kith_records *same, const kith_task *task) {
    const char *person = task->person;
    name_conflict conflict = {0};
    for (size_t i = 0; i < same->count; i++) {
        const kith_record *record = &same->items[i];
        if (!record->person || strcmp(record->path, task->path) == 0 || !stands(record))
            continue;
        conflict.one = record;
        if (person && strcmp(person, record->person) != 0) {
            conflict.found = true;
            break;
        }
        person = record->person;
        conflict.other = record;
    }
    return conflict;
}

static void describe(kith_error *why, const char *path, const char *twin) {
    kith_fail(why, KITH_E_FORMAT, 0, path,
              "has the same bytes as %s, which has another name (keep one of them)", twin);
}

/* Takes an indexed place of the same bytes back. */
static kith_status withdraw(kith_store *store, const kith_record *was, const char *twin, kith_error *err) {
    kith_error why = {0};
    describe(&why, was->path, twin);
    kith_account_withdraw(store->settings.account, was, &why);
    kith_record record = *was;
    record.outcome = KITH_FAILED;
    record.faces = 0;
    record.reason = why.text;
    return kith_batch_record(&store->batch, &record, err);
}

/* A place that names the bytes differently than `record` does. */
static const char *twin_of(const kith_record *record, const kith_task *task, name_conflict conflict) {
    bool same = record->person && strcmp(record->person, conflict.one->person) == 0;
    return !same ? conflict.one->path : conflict.other ? conflict.other->path : task->path;
}

static kith_status settle_conflict(kith_store *store, const kith_task *task, const kith_records *same,
                                   name_conflict conflict, kith_error *err) {
    kith_status status = KITH_OK;
    kith_filter filter = {0};
    for (size_t i = 0; i < same->count && status == KITH_OK; i++) {
        const kith_record *record = &same->items[i];
        if (record->outcome != KITH_FAILED && strcmp(record->path, task->path) != 0)
            status = withdraw(store, record, twin_of(record, task, conflict), err);
    }
    if (status == KITH_OK)
        status = kith_filter_text(&filter, KITH_FIELD_SHA256, KITH_EQUAL, task->sha256, err);
    if (status == KITH_OK && !store->settings.dry_run)
        status = kith_gallery_remove(store->gallery, &filter, NULL, err);
    kith_error why = {0};
    describe(&why, task->path, conflict.one->path);
    return status == KITH_OK ? settle_failed(store, task, &why, err) : status;
}

/* Points that the photo had and has no more. */
static kith_status remove_left(kith_store *store, const kith_points *had, const kith_points *has,
                               kith_error *err) {
    kith_status status = KITH_OK;
    for (size_t i = 0; i < had->count && status == KITH_OK && !store->settings.dry_run; i++) {
        bool still = false;
        for (size_t k = 0; k < has->count && !still; k++)
            still = strcmp(had->items[i].id, has->items[k].id) == 0;
        kith_filter filter = {0};
        if (!still)
            status = kith_filter_text(&filter, KITH_FIELD_ID, KITH_EQUAL, had->items[i].id, err);
        if (!still && status == KITH_OK)
            status = kith_gallery_remove(store->gallery, &filter, NULL, err);
    }
    return status;
}

/* New faces: all points of these bytes are made anew. */
static kith_status settle_faces(kith_store *store, const kith_task *task, const kith_points *had,
                                kith_error *err) {
    const kith_store_settings *settings = &store->settings;
    kith_record record = record_of(store, task);
    kith_points made = {0};
    const float **vectors = NULL;
    const char *claim = NULL;
    kith_status status = kith_made_points(&made, &vectors, task, had, settings->identity->pipeline,
                                          settings->account->run, err);
    if (status == KITH_OK && !task->person)
        status = kith_moved_name(&store->moved, &made, err);
    kith_error why = {0};
    if (status == KITH_OK && settings->carry) {
        status = settings->carry(settings->carry_context, task, made.items, made.count, &claim, &why);
        kith_made_drop(&made, vectors);
        record.person = claim;
    }
    if (why.code == KITH_E_FORMAT) {
        status = settle_failed(store, task, &why, err);
        goto out;
    }
    if (why.code != KITH_OK)
        *err = why;
    for (size_t i = 0; i < made.count && status == KITH_OK; i++)
        status = kith_batch_put(&store->batch, &made.items[i], vectors[i], err);
    if (status == KITH_OK)
        status = remove_left(store, had, &made, err);
    settings->account->renamed += kith_made_renamed(&made, had);
    record.outcome = made.count > 0 ? KITH_INDEXED : KITH_NO_FACE;
    record.faces = (int)made.count;
    if (status == KITH_OK)
        status = kith_batch_record(&store->batch, &record, err);
out:
    kith_points_clear(&made);
    free(vectors);
    return status;
}

/* Bytes that were indexed before: their points get the path, and the name that this run gives. */
static kith_status settle_known(kith_store *store, const kith_task *task, kith_points *had, kith_error *err) {
    kith_record record = record_of(store, task);
    kith_error why = {0};
    kith_status status = KITH_OK;
    if (task->person)
        kith_known_name(had, task, store->settings.which, &store->settings.account->renamed, &why);
    if (why.code == KITH_E_MEMORY) {
        *err = why;
        return why.code;
    }
    if (why.code != KITH_OK)
        return settle_failed(store, task, &why, err);
    for (size_t i = 0; i < had->count && status == KITH_OK; i++) {
        status = kith_point_add_path(&had->items[i], task->path, err);
        if (status == KITH_OK)
            status = kith_batch_change(&store->batch, &had->items[i], err);
    }
    record.faces = (int)had->count;
    return status == KITH_OK ? kith_batch_record(&store->batch, &record, err) : status;
}

/* Whether the bytes are indexed at another place as well, which came first: of places that are indexed in one
 * run one is none.
 */
static bool is_copy(const kith_store *store, const kith_task *task, const kith_records *same) {
    bool was_here = task->recorded && task->recorded_outcome == KITH_INDEXED &&
                    strcmp(task->recorded_sha256, task->sha256) == 0;
    for (size_t i = 0; i < same->count; i++) {
        const kith_record *other = &same->items[i];
        bool first = !was_here || strcmp(other->run, store->settings.account->run) == 0;
        if (first && other->outcome == KITH_INDEXED && strcmp(other->path, task->path) != 0 && stands(other))
            return true;
    }
    return false;
}

/* A picture that was decoded, now or earlier. */
static kith_status settle_picture(kith_store *store, const kith_task *task, bool *again, kith_error *err) {
    kith_records same = {0};
    kith_points had = {0};
    kith_status status = KITH_OK;
    if (store->ledger)
        status = kith_records_of_digest(&same, store->ledger, task->sha256, err);
    name_conflict conflict = find_conflict(&same, task);
    uint64_t failed = store->settings.account->failed;
    if (status == KITH_OK && store->gallery && !conflict.found)
        status = kith_points_of_digest(&had, store->gallery, task->sha256, err);
    *again = status == KITH_OK && !conflict.found && task->known && task->outcome == KITH_INDEXED &&
             had.count == 0;
    if (status == KITH_OK && !*again)
        status = conflict.found ? settle_conflict(store, task, &same, conflict, err)
                 : task->known  ? settle_known(store, task, &had, err)
                                : settle_faces(store, task, &had, err);
    if (status == KITH_OK && !*again && failed == store->settings.account->failed &&
        is_copy(store, task, &same))
        status = kith_texts_add(&store->settings.account->copies, task->path, err);
    kith_points_clear(&had);
    kith_records_clear(&same);
    return status;
}

kith_status kith_store_settle(kith_store *store, const kith_task *task, bool *again, kith_error *err) {
    kith_status status = KITH_OK;
    *again = false;
    if (kith_batch_holds(&store->batch, task->sha256, task->path) ||
        (task->recorded && kith_batch_holds(&store->batch, task->recorded_sha256, task->path)))
        status = kith_store_flush(store, err);
    if (status == KITH_OK)
        status = leave_old_content(store, task, err);
    if (status != KITH_OK)
        return status;
    if (task->outcome == KITH_FAILED)
        return settle_failed(store, task, &task->err, err);
    if (task->outcome == KITH_IGNORED)
        return settle_ignored(store, task, err);
    return settle_picture(store, task, again, err);
}
