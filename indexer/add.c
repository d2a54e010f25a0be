/* SPDX-License-Identifier: MIT
 *
 * kith-index add: photos to points.
 */
#include "indexer/commands.h"
#include "indexer/options.h"
#include "proto/command/program.h"

typedef struct naming_choice {
    const char *person, *person_from;
    int which; /* 0: by whether a photo has a name; else kith_which + 1 */
} naming_choice;

typedef struct file_choice {
    const char *files_from;
    bool zero;
    kith_list exclude;
} file_choice;

typedef struct add_choice {
    kith_gallery_choice gallery;
    naming_choice naming;
    file_choice files;
    kith_model_choice model;
    kith_finding_choice finding;
    kith_work_choice work;
} add_choice;

static const kith_option naming_rows[] = {
    {.name = "person",
     .letter = 'p',
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(naming_choice, person),
     .value = "NAME",
     .help = "The photos show this person",
     .only_here = true},
    {.name = "person-from",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(naming_choice, person_from),
     .value = "dir|FILE.csv",
     .help = "A photo shows whom its folder is named after, or whom a table names (lines of path,person; "
             "relative paths are relative to the table)",
     .only_here = true},
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(naming_choice, which),
     .value = "auto|" KITH_WHICH_WORDS,
     .help = "Which faces of a photo are taken, and named when the photo has a name; auto: all, but a photo "
             "with a name must have only one",
     .only_here = true},
};

static const kith_option file_rows[] = {
    {.name = "files-from",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(file_choice, files_from),
     .value = "FILE",
     .help = "Also take the files that FILE lists, one a line; - is standard input",
     .only_here = true},
    {.name = "null",
     .letter = '0',
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(file_choice, zero),
     .help = "The list's paths end with zero bytes instead of newlines",
     .only_here = true},
    EXCLUDE_ROW(file_choice),
};

static int run_add(const kith_arguments *arguments) {
    const add_choice *choice = arguments->values;
    kith_error err = {0};
    kith_naming *naming = NULL;
    if (arguments->operand_count == 0 && !choice->files.files_from) {
        kith_fail(&err, KITH_E_USAGE, 0, NULL,
                  "add needs a PATH, or --files-from (see kith-index add --help)");
        return kith_die(&err);
    }
    if (kith_naming_open(&naming, choice->naming.person, choice->naming.person_from, &err) != KITH_OK)
        return kith_die(&err);
    kith_run_settings settings = {.command = "indexing",
                                  .gallery = &choice->gallery,
                                  .walk = {.operands = arguments->operands,
                                           .operand_count = arguments->operand_count,
                                           .list = choice->files.files_from,
                                           .delimiter = choice->files.zero ? 0 : '\n',
                                           .exclude = choice->files.exclude},
                                  .naming = naming,
                                  .which = choice->naming.which - 1,
                                  .model = &choice->model,
                                  .finding = &choice->finding,
                                  .work = &choice->work};
    int code = kith_run_bulk(&settings);
    kith_naming_close(&naming);
    return code;
}

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(add_choice, gallery)),
    {"Names", naming_rows, COUNT_OF(naming_rows), offsetof(add_choice, naming)},
    {"Files", file_rows, COUNT_OF(file_rows), offsetof(add_choice, files)},
    KITH_MODEL_GROUP(offsetof(add_choice, model)),
    KITH_FINDING_GROUP(offsetof(add_choice, finding)),
    {"Work", kith_work_rows, WORK_ROWS, offsetof(add_choice, work)},
    KITH_SERVER_GROUP(offsetof(add_choice, gallery)),
    KITH_COLLECTION_GROUP(offsetof(add_choice, gallery)),
};

static const add_choice defaults = {.gallery = KITH_GALLERY_CHOICE,
                                    .model = KITH_MODEL_DEFAULTS,
                                    .finding = KITH_FINDING_DEFAULTS,
                                    .work = WORK_DEFAULTS};

static const kith_example examples[] = {
    {"kith-index add ~/Pictures", "every photo below a folder, faces without names"},
    {"kith-index add --person 'Ada Lovelace' ada1.jpg ada2.jpg", "photos of one person"},
    {"kith-index add --person-from dir --which centre people", "people/NAME/*.jpg, the face in the middle"},
    {"find . -name '*.jpg' -print0 | kith-index add -0 --files-from -", "what find finds"},
};

const kith_command kith_add_command = {
    .name = "add",
    .operands = "[PATH...]",
    .least = 0,
    .most = (size_t)-1,
    .summary = "Find the faces of photos and put them into the gallery",
    .text = "Takes every JPEG and PNG file at or below each PATH. Folders are walked in the order of their "
            "bytes; links to files are followed, links to folders below a PATH are not.\n\n"
            "Files that were taken before and did not change (size, time, inode) are not read again, so the "
            "same command goes on after an interruption and costs little when nothing is new. A file whose "
            "content changed replaces its faces. A copy of a known file only adds its path. Copies that two "
            "persons' names claim fail, both.\n\n"
            "At the end an account says what became of every file: seen = indexed + unchanged + without a "
            "face + failed + ignored. Ignored is what is no picture by content nor by name. Exit status 3 "
            "says that some files failed. A gallery on a server is counted at the end: status 4 says that it "
            "holds fewer faces than the ledger knows of.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(add_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_add,
};
