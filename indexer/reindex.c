/* SPDX-License-Identifier: MIT
 *
 * kith-index reindex: a new gallery, made by another network or pipeline, from the photos that an old gallery
 * knows and that are still there. It is an `add` of the old gallery's paths, in which each new face takes the
 * name of the old one that it covers.
 */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "indexer/commands.h"
#include "indexer/options.h"
#include "indexer/store/carry.h"
#include "indexer/store/opened.h"
#include "indexer/store/plural.h"
#include "proto/command/program.h"

typedef struct target_choice {
    const char *to, *to_key_file;
    int which; /* carry_which */
    bool alias;
} target_choice;

typedef struct reindex_choice {
    kith_gallery_choice gallery;
    target_choice target;
    kith_model_choice model;
    kith_finding_choice finding;
    kith_work_choice work;
} reindex_choice;

/* The paths go to an unlinked file, not into memory. */
typedef struct photo_listing {
    FILE *file;
    kith_opened *source;
    bool faceless; /* also photos without a face */
} photo_listing;

static kith_status list_path(const photo_listing *listing, const char *path, kith_error *err) {
    if (fwrite(path, strlen(path) + 1, 1, listing->file) == 1)
        return KITH_OK;
    return kith_fail(err, KITH_E_IO, errno, "temporary list of photos", "%s", strerror(errno));
}

static kith_status list_record(void *context, const kith_record *record, kith_error *err) {
    const photo_listing *listing = context;
    bool wanted = record->outcome == KITH_INDEXED || (listing->faceless && record->outcome == KITH_NO_FACE);
    return wanted ? list_path(listing, record->path, err) : KITH_OK;
}

/* Imported faces have paths without records. */
static kith_status list_point(void *context, const kith_point *point, const float *vector, kith_error *err) {
    const photo_listing *listing = context;
    kith_status status = KITH_OK;
    (void)vector;
    for (size_t i = 0; i < point->path_count && status == KITH_OK; i++) {
        kith_record record;
        bool found;
        status = kith_ledger_find(listing->source->ledger, point->paths[i], &record, &found, err);
        if (status == KITH_OK && !found)
            status = list_path(listing, point->paths[i], err);
    }
    return status;
}

/* A descriptor at the beginning of the list; -1 on failure. */
static int list_photos(kith_opened *source, bool faceless, kith_error *err) {
    photo_listing listing = {.file = tmpfile(), .source = source, .faceless = faceless};
    if (!listing.file) {
        kith_fail(err, KITH_E_IO, errno, "temporary list of photos", "%s", strerror(errno));
        return -1;
    }
    kith_status status = kith_ledger_under(source->ledger, NULL, list_record, &listing, err);
    if (status == KITH_OK)
        status = kith_gallery_each(source->gallery, NULL, false, list_point, &listing, err);
    int fd = -1;
    if (status == KITH_OK && (fflush(listing.file) != 0 || (fd = dup(fileno(listing.file))) < 0))
        kith_fail(err, KITH_E_IO, errno, "temporary list of photos", "%s", strerror(errno));
    fclose(listing.file);
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static kith_status check_alias(kith_opened *source, kith_error *err) {
    if (kith_gallery_is_alias(source->gallery))
        return KITH_OK;
    return kith_fail(err, KITH_E_USAGE, 0, kith_gallery_uri(source->gallery),
                     "is no alias on a server, so its name cannot be given to another (without --switch)");
}

/* Everybody who asks by the old gallery's name is answered by the new one. */
static int switch_alias(kith_opened *source, const kith_gallery_choice *target) {
    kith_gallery *to = NULL;
    kith_error err = {0};
    kith_status status = kith_gallery_check_place(source->gallery, &err);
    if (status == KITH_OK)
        status = kith_gallery_open_choice(&to, target, KITH_GALLERY_WRITE, &err);
    if (status == KITH_OK)
        status = kith_gallery_switch(source->gallery, to, &err);
    kith_gallery_close(&to);
    if (status != KITH_OK)
        return kith_die(&err);
    kith_say("%s is now %s; the collection that it was stays until it is deleted",
             kith_gallery_uri(source->gallery), target->gallery);
    return KITH_EXIT_OK;
}

static int run_reindex(const kith_arguments *arguments) {
    const reindex_choice *choice = arguments->values;
    kith_opened source = {0};
    kith_gallery_choice target;
    kith_error err = {0};
    int code = 0, fd = -1;
    if (!choice->target.to)
        kith_fail(&err, KITH_E_USAGE, 0, NULL, "reindex needs --to NEW");
    else if (kith_gallery_choose_other(&target, &choice->gallery, choice->target.to,
                                       choice->target.to_key_file, &err) == KITH_OK &&
             kith_opened_open(&source, &choice->gallery, KITH_GALLERY_READ, &err) == KITH_OK &&
             (!choice->target.alias || check_alias(&source, &err) == KITH_OK))
        fd = list_photos(&source, choice->target.which == KITH_CARRY_ALL, &err);
    if (fd < 0) {
        kith_opened_close(&source);
        return kith_die(&err);
    }
    kith_carrier carrier = {.source = &source, .which = (kith_carry_which)choice->target.which};
    kith_run_settings settings = {.command = "reindexing",
                                  .gallery = &target,
                                  .walk = {.list_fd = fd, .delimiter = 0},
                                  .which = KITH_WHICH_ALL,
                                  .model = &choice->model,
                                  .finding = &choice->finding,
                                  .work = &choice->work,
                                  .carry = kith_carry_names,
                                  .carry_context = &carrier};
    code = kith_run_bulk(&settings);
    if (carrier.lost > 0) {
        kith_say("%" PRIu64 " face%s of the old gallery not found again", carrier.lost,
                 kith_plural(carrier.lost));
        code = code == KITH_EXIT_OK ? KITH_EXIT_PARTIAL : code;
    }
    if (choice->target.alias && code == KITH_EXIT_OK)
        code = switch_alias(&source, &target);
    else if (choice->target.alias)
        kith_say("%s means what it meant: something failed (a run in which nothing does switches it)",
                 kith_gallery_uri(source.gallery));
    kith_carrier_clear(&carrier);
    kith_opened_close(&source);
    return code;
}

static const kith_option target_rows[] = {
    {.name = "to",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(target_choice, to),
     .value = "NEW",
     .help = "The new gallery; one that an interrupted reindex began is gone on with",
     .only_here = true},
    TO_KEY_ROW(target_choice),
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(target_choice, which),
     .value = "known|all",
     .help = "Take the faces that the old gallery has, or also others that are found now",
     .only_here = true},
    {.name = "switch",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(target_choice, alias),
     .help = "Then give the old gallery's name, an alias on a server, to the new one, when nothing failed in "
             "this run",
     .only_here = true},
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(reindex_choice, gallery)),
    {"Target", target_rows, COUNT_OF(target_rows), offsetof(reindex_choice, target)},
    KITH_MODEL_GROUP(offsetof(reindex_choice, model)),
    KITH_FINDING_GROUP(offsetof(reindex_choice, finding)),
    {"Work", kith_work_rows, WORK_ROWS_OF_REINDEX, offsetof(reindex_choice, work)},
    KITH_SERVER_GROUP(offsetof(reindex_choice, gallery)),
    KITH_COLLECTION_GROUP(offsetof(reindex_choice, gallery)),
};

static const reindex_choice defaults = {.gallery = KITH_GALLERY_CHOICE,
                                        .model = KITH_MODEL_DEFAULTS,
                                        .finding = KITH_FINDING_DEFAULTS,
                                        .work = WORK_DEFAULTS};

static const kith_example examples[] = {
    {"kith-index reindex --to new.kith --weights better.safetensors", "the same faces by another network"},
    {"kith-index reindex --gallery qdrant+http://localhost:6333/faces --to "
     "qdrant+http://localhost:6333/faces-2 "
     "--switch",
     "behind the alias faces"},
};

const kith_command kith_reindex_command = {
    .name = "reindex",
    .operands = "",
    .summary = "Make a new gallery with another network from the same photos",
    .text =
        "Reads the photos of the gallery that are still there, finds and embeds their faces anew, and gives "
        "each the name of the old face that its box covers. Photos that are gone or cannot be read are "
        "listed as failed; faces that are not found again are listed, too. The old gallery stays as it "
        "is.\n\n"
        "On a server, programs may ask for an alias of a collection. --switch gives it to the new collection "
        "in one step: whoever asks is answered by the old one until then, and by the new one from then on.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(reindex_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_reindex,
};
