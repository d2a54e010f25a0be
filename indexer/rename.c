/* SPDX-License-Identifier: MIT
 *
 * kith-index rename: a person gets another name. When somebody has it already the two become one, which
 * cannot be undone; so that is asked for. What earlier runs were told stays in the ledger: folders that are
 * called by the old name are not read again for it.
 */
#include <inttypes.h>

#include "indexer/commands.h"
#include "indexer/options.h"
#include "indexer/store/plural.h"
#include "proto/command/program.h"
#include "proto/gallery.h"

typedef struct merge_choice {
    bool merge;
} merge_choice;

typedef struct rename_choice {
    kith_gallery_choice gallery;
    merge_choice merge;
} rename_choice;

static kith_status count_faces(uint64_t *out, kith_gallery *gallery, const char *person, kith_error *err) {
    kith_filter filter = {0};
    kith_status status = kith_filter_text(&filter, KITH_FIELD_PERSON, KITH_EQUAL, person, err);
    return status == KITH_OK ? kith_gallery_count(gallery, &filter, out, err) : status;
}

static kith_status may_merge(uint64_t faces, const char *person, bool merge, kith_error *err) {
    char question[256], name[160];
    snprintf(question, sizeof question, "%s has %" PRIu64 " face%s already: make the two one person?",
             kith_printable(name, sizeof name, person, SIZE_MAX), faces, kith_plural(faces));
    if (faces == 0 || merge || kith_confirm(question))
        return KITH_OK;
    return kith_fail(err, KITH_E_USAGE, 0, person,
                     "is there already, nothing was changed (--merge makes two one)");
}

static int run_rename(const kith_arguments *arguments) {
    const rename_choice *choice = arguments->values;
    const char *old = arguments->operands[0], *new = arguments->operands[1];
    kith_gallery *gallery = NULL;
    kith_error err = {0}, why = {0};
    kith_filter filter = {0};
    uint64_t have = 0, there = 0, changed = 0;
    kith_status status = KITH_OK;
    if (kith_person_check(new, &why) != KITH_OK)
        status = kith_fail(&err, KITH_E_USAGE, 0, NULL, "%s", why.text);
    if (status == KITH_OK)
        status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_WRITE, &err);
    if (status == KITH_OK)
        status = count_faces(&have, gallery, old, &err);
    if (status == KITH_OK && have > 0 && strcmp(old, new) != 0)
        status = count_faces(&there, gallery, new, &err);
    if (status == KITH_OK && have > 0)
        status = may_merge(there, new, choice->merge.merge, &err);
    if (status == KITH_OK)
        status = kith_filter_text(&filter, KITH_FIELD_PERSON, KITH_EQUAL, old, &err);
    if (status == KITH_OK && have > 0)
        status = kith_gallery_name(gallery, &filter, new, &changed, &err);
    kith_gallery_close(&gallery);
    if (status != KITH_OK)
        return kith_die(&err);
    if (have == 0) {
        kith_say("%s: nobody has this name", old);
        return KITH_EXIT_NOTHING;
    }
    printf("%" PRIu64 " face%s now named %s\n", changed, kith_plural(changed), new);
    return KITH_EXIT_OK;
}

static const kith_option merge_rows[] = {
    {.name = "merge",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(merge_choice, merge),
     .help = "Do not ask when somebody has the new name already: the two become one person",
     .only_here = true},
};

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(rename_choice, gallery)),
    {"Name", merge_rows, COUNT_OF(merge_rows), offsetof(rename_choice, merge)},
    KITH_SERVER_GROUP(offsetof(rename_choice, gallery)),
};

static const rename_choice defaults = {.gallery = KITH_GALLERY_CHOICE};

static const kith_example examples[] = {
    {"kith-index rename 'A. Lovelace' 'Ada Lovelace'", "all faces of a person"},
};

const kith_command kith_rename_command = {
    .name = "rename",
    .operands = "OLD NEW",
    .least = 2,
    .most = 2,
    .summary = "Give a person another name",
    .text =
        "Renames all faces of a person. Asks when the new name is somebody's already, as two persons then "
        "become one.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(rename_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_rename,
};
