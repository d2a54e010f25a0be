/* SPDX-License-Identifier: MIT
 *
 * kith-index prune: photos that are gone from the disk leave the gallery. A folder that is gone or empty as a
 * whole is rather a disk that is not mounted, and refused.
 */
#include <inttypes.h>

#include "indexer/commands.h"
#include "indexer/files/path.h"
#include "indexer/options.h"
#include "indexer/store/places.h"
#include "indexer/store/plural.h"
#include "indexer/store/texts.h"
#include "proto/command/program.h"
#include "proto/stop.h"

typedef struct root_choice {
    bool missing_root;
} root_choice;

typedef struct prune_choice {
    kith_gallery_choice gallery;
    root_choice root;
} prune_choice;

typedef struct pruned {
    uint64_t paths, faces, unclear;
} pruned;

/* Paths that are gone; those that cannot be told (no permission, a broken disk) are named and counted. */
typedef struct gone_search {
    const char *root;
    kith_texts gone, unclear;
} gone_search;

static kith_status look(gone_search *search, const char *path, kith_error *err) {
    struct stat seen;
    kith_place place = kith_place_look(path, &seen);
    if (place == KITH_PLACE_FILE)
        return KITH_OK;
    return kith_texts_add(place == KITH_PLACE_GONE ? &search->gone : &search->unclear, path, err);
}

static kith_status look_at_point(void *context, const kith_point *point, const float *vector,
                                 kith_error *err) {
    gone_search *search = context;
    kith_status status = KITH_OK;
    (void)vector;
    for (size_t i = 0; i < point->path_count && status == KITH_OK; i++)
        if (kith_path_is_under(point->paths[i], search->root))
            status = look(search, point->paths[i], err);
    return status;
}

static kith_status look_at_record(void *context, const kith_record *record, kith_error *err) {
    return look(context, record->path, err);
}

static kith_status prune(kith_opened *opened, const char *root, pruned *out, kith_error *err) {
    gone_search search = {.root = root};
    kith_filter filter = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_PATH, KITH_UNDER, root, err);
    if (status == KITH_OK)
        status = kith_gallery_each(opened->gallery, &filter, false, look_at_point, &search, err);
    if (status == KITH_OK)
        status = kith_ledger_under(opened->ledger, root, look_at_record, &search, err);
    kith_texts_unique(&search.gone);
    kith_texts_unique(&search.unclear);
    for (size_t i = 0; i < search.unclear.count; i++)
        kith_say("%s: cannot be looked at, and stays", search.unclear.items[i]);
    out->unclear += search.unclear.count;
    for (size_t i = 0; i < search.gone.count && status == KITH_OK; i++) {
        status = kith_stop_error(err);
        if (status == KITH_OK)
            status = kith_place_leave(opened, search.gone.items[i], &out->faces, err);
        out->paths += status == KITH_OK;
    }
    kith_texts_clear(&search.gone);
    kith_texts_clear(&search.unclear);
    return status;
}

static int run_prune(const kith_arguments *arguments) {
    const prune_choice *choice = arguments->values;
    kith_opened opened = {0};
    pruned gone = {0};
    kith_path_resolver resolver = {0};
    kith_error err = {0};
    kith_status status = kith_opened_open(&opened, &choice->gallery, KITH_GALLERY_WRITE, &err);
    for (size_t i = 0; i < arguments->operand_count && status == KITH_OK; i++) {
        char *root = NULL;
        status = kith_path_absolute(&root, &resolver, arguments->operands[i], &err);
        if (status == KITH_OK && !choice->root.missing_root)
            status = kith_place_check_root(root, "say --missing-root when it is really gone", &err);
        if (status == KITH_OK)
            status = prune(&opened, root, &gone, &err);
        free(root);
    }
    kith_path_resolver_clear(&resolver);
    kith_opened_close(&opened);
    if (status == KITH_OK || gone.paths > 0)
        printf("%" PRIu64 " file%s gone from the disk and now from the gallery, with %" PRIu64 " face%s\n",
               gone.paths, kith_plural(gone.paths), gone.faces, kith_plural(gone.faces));
    if (status != KITH_OK)
        return kith_die(&err);
    return gone.unclear > 0 ? KITH_EXIT_PARTIAL : KITH_EXIT_OK;
}

static const kith_option root_rows[] = {
    {.name = "missing-root",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(root_choice, missing_root),
     .help = "PATH itself may be gone or empty",
     .only_here = true},
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(prune_choice, gallery)),
    {"What", root_rows, COUNT_OF(root_rows), offsetof(prune_choice, root)},
    KITH_SERVER_GROUP(offsetof(prune_choice, gallery)),
};

static const prune_choice defaults = {.gallery = KITH_GALLERY_CHOICE};

static const kith_example examples[] = {
    {"kith-index prune ~/Pictures", "after photos were deleted or moved"},
};

const kith_command kith_prune_command = {
    .name = "prune",
    .operands = "PATH...",
    .least = 1,
    .most = (size_t)-1,
    .summary = "Remove the photos that are gone from the disk",
    .text =
        "Looks whether the files at or below each PATH that the gallery knows still exist. Those that do "
        "not lose their place there; faces that have no place left go. A PATH that is itself missing or an "
        "empty folder is refused: it may be a disk that is not mounted.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(prune_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_prune,
};
