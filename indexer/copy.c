/* SPDX-License-Identifier: MIT
 *
 * kith-index copy: a gallery with everything that belongs to it into another, file or server. Faces that are
 * there already as they should be are passed over, so the same command goes on after an interruption and a
 * later one copies what changed. Memory: 24 bytes for each face of the target.
 */
#include <inttypes.h>

#include "indexer/commands.h"
#include "indexer/options.h"
#include "indexer/store/batch.h"
#include "indexer/store/opened.h"
#include "indexer/store/plural.h"
#include "proto/array.h"
#include "proto/command/program.h"
#include "proto/digest.h"
#include "proto/stop.h"

enum { BATCH = 1000 }; /* faces or records that are written at once: 2 MB */

typedef struct copy_choice {
    kith_gallery_choice from;
    const char *to, *to_key_file;
} copy_choice;

/* A face of the target: its id, and the beginning of a digest of everything but its vector, which does not
 * change without the time of its making.
 */
typedef struct known_face {
    unsigned char id[16], content[8];
} known_face;

typedef struct copy_run {
    kith_opened from, to;
    known_face *known; /* in the order of ids, as galleries give them */
    size_t known_count, known_room, next;
    kith_batch batch;
    uint64_t total, seen, copied, there, records;
    kith_progress *progress;
} copy_run;

static kith_status identify(known_face *out, const kith_point *point, kith_error *err) {
    char digest[KITH_DIGEST_SIZE];
    json_t *json = kith_point_json(point);
    char *text = json ? json_dumps(json, KITH_JSON) : NULL;
    json_decref(json);
    if (!text)
        return kith_fail(err, KITH_E_MEMORY, 0, point->id, "no memory to compare it");
    kith_status status = kith_sha256(digest, text, strlen(text), err);
    free(text);
    digest[2 * sizeof out->content] = 0;
    if (status == KITH_OK &&
        (!kith_id_bytes(out->id, point->id) || !kith_hex_bytes(out->content, sizeof out->content, digest)))
        status = kith_fail(err, KITH_E_REFUSED, 0, point->id, "is no face's id");
    return status;
}

static kith_status note_known(void *context, const kith_point *point, const float *vector, kith_error *err) {
    copy_run *run = context;
    (void)vector;
    known_face *known = kith_array_grow(run->known, run->known_count, &run->known_room, sizeof *known);
    if (!known)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for %zu faces", run->known_count + 1);
    run->known = known;
    kith_status status = kith_stop_error(err);
    if (status == KITH_OK)
        status = identify(&run->known[run->known_count], point, err);
    run->known_count += status == KITH_OK;
    return status;
}

/* Whether the target has a face as it is; ids come in order. */
static bool is_there(copy_run *run, const known_face *face) {
    int order = 1;
    while (run->next < run->known_count &&
           (order = memcmp(run->known[run->next].id, face->id, sizeof face->id)) < 0)
        run->next++;
    return run->next < run->known_count && order == 0 &&
           memcmp(run->known[run->next].content, face->content, sizeof face->content) == 0;
}

static kith_status flush(copy_run *run, kith_error *err) {
    const kith_points *made = &run->batch.made;
    if (made->count == 0)
        return KITH_OK;
    kith_status status = kith_gallery_put(run->to.gallery, made->items, run->batch.vectors, made->count, err);
    if (status == KITH_OK)
        run->copied += made->count;
    kith_batch_clear(&run->batch);
    return status;
}

static kith_status take_point(void *context, const kith_point *point, const float *vector, kith_error *err) {
    copy_run *run = context;
    known_face face;
    kith_status status = kith_stop_error(err);
    if (status == KITH_OK)
        status = identify(&face, point, err);
    if (status != KITH_OK)
        return status;
    kith_progress_update(run->progress, ++run->seen, run->total, NULL);
    if (is_there(run, &face)) {
        run->there++;
        return KITH_OK;
    }
    status = kith_batch_put(&run->batch, point, vector, err);
    return status == KITH_OK && run->batch.made.count >= BATCH ? flush(run, err) : status;
}

static kith_status take_note(void *context, const char *name, const char *text, kith_error *err) {
    return kith_gallery_set_note(((copy_run *)context)->to.gallery, name, text, err);
}

static kith_status flush_records(copy_run *run, kith_error *err) {
    kith_records *records = &run->batch.records;
    kith_status status = kith_ledger_put(run->to.ledger, records->items, records->count, err);
    run->records += status == KITH_OK ? records->count : 0;
    kith_records_clear(records);
    return status;
}

static kith_status take_record(void *context, const kith_record *record, kith_error *err) {
    copy_run *run = context;
    kith_status status = kith_stop_error(err);
    if (status == KITH_OK)
        status = kith_records_add(&run->batch.records, record, err);
    return status == KITH_OK && run->batch.records.count >= BATCH ? flush_records(run, err) : status;
}

/* The new gallery takes the identity with its canary, an old one must have the same. */
static kith_status copy_header(copy_run *run, kith_error *err) {
    kith_identity identity;
    kith_status status = kith_gallery_identity(run->from.gallery, &identity, err);
    if (status == KITH_OK && !identity.pipeline[0])
        status = kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(run->from.gallery),
                           "is new and has nothing to copy (kith-index add)");
    if (status == KITH_OK)
        status = kith_gallery_bind(run->to.gallery, &identity, err);
    return status == KITH_OK ? kith_gallery_notes(run->from.gallery, take_note, run, err) : status;
}

/* Faces first, records behind them: the ledger never speaks of faces that are not there. */
static kith_status copy_content(copy_run *run, kith_error *err) {
    kith_error flushing = {0};
    kith_status status = kith_gallery_each(run->to.gallery, NULL, false, note_known, run, err);
    if (status == KITH_OK)
        status = kith_gallery_each(run->from.gallery, NULL, true, take_point, run, err);
    bool may_save = status == KITH_OK || status == KITH_E_STOPPED;
    if (may_save && flush(run, &flushing) != KITH_OK && status == KITH_OK)
        status = kith_fail_with(err, &flushing);
    if (status == KITH_OK)
        status = kith_ledger_copy_runs(run->to.ledger, run->from.ledger, err);
    if (status == KITH_OK)
        status = kith_ledger_under(run->from.ledger, NULL, take_record, run, err);
    return status == KITH_OK ? flush_records(run, err) : status;
}

static kith_status compare_counts(const copy_run *run, kith_error *err) {
    uint64_t from = 0, to = 0;
    kith_status status = kith_gallery_count(run->from.gallery, NULL, &from, err);
    if (status == KITH_OK)
        status = kith_gallery_count(run->to.gallery, NULL, &to, err);
    if (status != KITH_OK || from == to)
        return status;
    return kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(run->to.gallery),
                     "holds %" PRIu64 " faces, the other gallery %" PRIu64 " (%s)", to, from,
                     to < from ? "run it again"
                               : "it has faces that were never there or are gone; copy into a new one");
}

static kith_status copy(copy_run *run, const copy_choice *choice, kith_error *err) {
    kith_gallery_choice to;
    if (!choice->to)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "copy needs --to GALLERY");
    kith_status status = kith_gallery_choose_other(&to, &choice->from, choice->to, choice->to_key_file, err);
    if (status == KITH_OK)
        status = kith_opened_open(&run->from, &choice->from, KITH_GALLERY_READ, err);
    if (status == KITH_OK && strcmp(kith_gallery_uri(run->from.gallery), choice->to) == 0)
        status = kith_fail(err, KITH_E_USAGE, 0, choice->to, "is the gallery that is copied");
    if (status == KITH_OK)
        status = kith_opened_open(&run->to, &to, KITH_GALLERY_CREATE, err);
    if (status == KITH_OK)
        status = copy_header(run, err);
    if (status == KITH_OK)
        status = kith_gallery_count(run->from.gallery, NULL, &run->total, err);
    if (status != KITH_OK)
        return status;
    run->progress = kith_progress_start("copying", "faces");
    status = copy_content(run, err);
    kith_progress_stop(&run->progress);
    return status == KITH_OK ? compare_counts(run, err) : status;
}

static int run_copy(const kith_arguments *arguments) {
    copy_run run = {0};
    kith_error err = {0};
    kith_status status = copy(&run, arguments->values, &err);
    if (run.seen > 0 || status == KITH_OK)
        printf("%" PRIu64 " of %" PRIu64 " face%s seen: %" PRIu64 " copied, %" PRIu64
               " there already; %" PRIu64 " record%s of the ledger\n",
               run.seen, run.total, kith_plural(run.total), run.copied, run.there, run.records,
               kith_plural(run.records));
    kith_batch_clear(&run.batch);
    free(run.known);
    kith_opened_close(&run.to);
    kith_opened_close(&run.from);
    return status == KITH_OK ? KITH_EXIT_OK : kith_die(&err);
}

static const kith_option rows[] = {
    {.name = "from",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(copy_choice, from.gallery),
     .value = "GALLERY",
     .help = "What is copied; the default gallery when not given",
     .only_here = true},
    {.name = "to",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(copy_choice, to),
     .value = "GALLERY",
     .help = "Where it goes; made when it is not there",
     .only_here = true},
    TO_KEY_ROW(copy_choice),
};

static const kith_option_group groups[] = {
    {"Galleries", rows, COUNT_OF(rows), 0},
    KITH_SERVER_GROUP(offsetof(copy_choice, from)),
    KITH_COLLECTION_GROUP(offsetof(copy_choice, from)),
};

static const copy_choice defaults = {.from = KITH_GALLERY_CHOICE};

static const kith_example examples[] = {
    {"kith-index copy --to qdrant+http://localhost:6333/faces", "from this machine's file to a server"},
    {"kith-index copy --from qdrant+http://localhost:6333/faces --to faces.kith", "and back"},
};

const kith_command kith_copy_command = {
    .name = "copy",
    .operands = "",
    .summary = "Copy a gallery, from a file to a server or back",
    .text =
        "Copies faces with vectors and names, the pipeline with its test vector, notes, and the ledger, so "
        "that the next add reads nothing again. Faces that the target has already are passed over: the same "
        "command goes on after an interruption, and a later one copies only what changed. At the end the "
        "exact counts are compared; exit status 4 says that they differ.\n\n"
        "The ledger of a gallery on a server lies on the machine that indexes: copy there. When both "
        "galleries are on servers, the same certificates are for both, but each API key goes to one server: "
        "--api-key-file is for --from then, --to-api-key-file for --to.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(copy_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_copy,
};
