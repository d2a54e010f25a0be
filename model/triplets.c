/* SPDX-License-Identifier: MIT
 *
 * kith-model triplets: what kith-model train --triplets reads.
 */
#include "model/train/triplets.h"
#include "model/commands.h"
#include "model/options.h"
#include "proto/command/program.h"
#include "proto/processors.h"

enum { FOR_EACH = 5 }; /* triplets of an anchor, when no number is asked for */

typedef struct triplets_choice {
    const char *out;
    long count, seed, jobs;
    double validation;
    kith_finding_choice reading; /* of it only what is about decoding */
} triplets_choice;

static const triplets_choice defaults = {.seed = 1, .validation = 0.2, .reading = KITH_FINDING_DEFAULTS};

static const kith_option options[] = {
    {.name = "out",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(triplets_choice, out),
     .value = "FILE",
     .help = "The file to write; paths of pictures below its folder are written relative to it",
     .only_here = true},
    {.name = "count",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(triplets_choice, count),
     .value = "NUMBER",
     .low = 1,
     .high = 100e6,
     .at_least = true,
     .help = "Triplets in all; five for each picture of somebody with two pictures when not given",
     .only_here = true},
    {.name = "validation",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(triplets_choice, validation),
     .value = "SHARE",
     .low = 0,
     .high = 0.9,
     .help = "Share of the persons that are for validation and in no training triplet",
     .only_here = true},
    {.name = "seed",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(triplets_choice, seed),
     .value = "NUMBER",
     .low = 0,
     .high = 4294967295.0,
     .help = "Beginning of all chance: the same pictures and seed give the same file",
     .only_here = true},
    {.name = "jobs",
     .letter = 'j',
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(triplets_choice, jobs),
     .value = "NUMBER",
     .low = 1,
     .high = 512,
     .help = "Pictures that are read at once; the number of processors when not given"},
};

static const kith_option_group groups[] = {
    {.title = "Triplets", .options = options, .count = sizeof options / sizeof options[0]},
    KITH_READING_GROUP(offsetof(triplets_choice, reading)),
};

static void tell(void *context, kith_set_event event, const char *path, const kith_error *err) {
    char text[256];
    (void)context;
    if (path)
        kith_printable(text, sizeof text, path, SIZE_MAX);
    if (event == KITH_SET_FAILED)
        kith_say_error(err);
    else if (event == KITH_SET_SINGLE)
        kith_say("%s: has one picture and is no anchor (a second one makes pairs)", text);
    else if (event == KITH_SET_UNSPLIT)
        kith_say("too few persons for validation; all triplets are for training");
}

static void show(void *context, size_t done, size_t total) {
    kith_progress_update(context, done, total, NULL);
}

static kith_status look(kith_face_set **out, const triplets_choice *choice, const kith_arguments *arguments,
                        kith_error *err) {
    kith_set_source *sources = calloc(arguments->operand_count, sizeof *sources);
    if (!sources)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the folders");
    for (size_t i = 0; i < arguments->operand_count; i++)
        sources[i] = (kith_set_source){.folder = arguments->operands[i], .named = true};
    kith_progress *progress = kith_progress_start("pictures", "pictures");
    const kith_set_options with = {.sources = sources,
                                   .source_count = arguments->operand_count,
                                   .kind = KITH_SET_LOOK,
                                   .decode = kith_decode_options_of(&choice->reading),
                                   .validation = choice->validation,
                                   .seed = (uint64_t)choice->seed,
                                   .jobs = choice->jobs ? (int)choice->jobs : kith_processors_usable(),
                                   .tell = tell,
                                   .progress = show,
                                   .context = progress};
    kith_status status = kith_face_set_open(out, &with, err);
    kith_progress_stop(&progress);
    free(sources);
    return status;
}

static size_t usual_count(const kith_face_set *set) {
    size_t anchors = 0;
    for (size_t i = 0; i < set->person_count; i++)
        anchors += set->persons[i].count > 1 ? set->persons[i].count : 0;
    return FOR_EACH * anchors;
}

static kith_status make(const triplets_choice *choice, const kith_face_set *set, kith_error *err) {
    kith_triplets *triplets = NULL;
    size_t count = choice->count ? (size_t)choice->count : usual_count(set), validation = 0;
    kith_status status = kith_triplets_make(&triplets, set, count, (uint64_t)choice->seed, err);
    if (status == KITH_OK)
        status = kith_triplets_write(choice->out, triplets, set, err);
    for (size_t i = 0; status == KITH_OK && i < triplets->count; i++)
        validation += triplets->items[i].validation;
    if (status == KITH_OK)
        printf("%zu files: %zu pictures of %zu persons, %zu failed, %zu ignored\n"
               "%zu triplets: %zu for training, %zu for validation\n",
               set->seen, set->count, set->person_count, set->failed, set->ignored, triplets->count,
               triplets->count - validation, validation);
    kith_triplets_free(&triplets);
    return status;
}

static int run(const kith_arguments *arguments) {
    const triplets_choice *choice = arguments->values;
    kith_face_set *set = NULL;
    kith_error err = {0};
    kith_status status = KITH_OK;
    if (!choice->out)
        status = kith_fail(&err, KITH_E_USAGE, 0, "--out", "is missing (the file to write)");
    if (status == KITH_OK)
        status = look(&set, choice, arguments, &err);
    size_t failed = 0;
    if (status == KITH_OK && set) {
        failed = set->failed;
        status = make(choice, set, &err);
    }
    kith_face_set_close(&set);
    if (status != KITH_OK)
        return kith_die(&err);
    return failed == 0 ? KITH_EXIT_OK : KITH_EXIT_PARTIAL;
}

static const kith_example examples[] = {
    {"kith-model triplets photos/people --out triplets.csv", "Of a folder with a folder for each person."},
    {"kith-model train --triplets triplets.csv --arch siamese --out run", "Learns from them."},
};

const kith_command kith_triplets_command = {
    .name = "triplets",
    .operands = "DIR...",
    .least = 1,
    .most = SIZE_MAX,
    .summary = "Make a list of triplets for training",
    .text =
        "Reads folders that have a folder of pictures for each person and writes rows of an anchor, a "
        "positive (the same person on another picture), a negative (another person), how each of the three "
        "is to be changed (mirrored, turned, moved, lighter or darker, blurred, reduced, covered in part) "
        "and whether the row is for training or for validation. No person is in rows of both.\n\n"
        "The file is CSV with a header line. A file made elsewhere needs the columns anchor, positive and "
        "negative alone, paths relative to its folder; anchor_augmentation, positive_augmentation, "
        "negative_augmentation and split are read where they are there.\n\n"
        "Pictures that cannot be read and persons with one picture are told. Whether there is a face in a "
        "picture is found when it is trained on.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(triplets_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run,
};
