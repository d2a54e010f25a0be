/* SPDX-License-Identifier: MIT */
#include "tests/cli/support/sample.h"

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "proto/command/program.h"
#include "proto/stop.h"

static const kith_option place_options[] = {
    {.name = "gallery",
     .letter = 'g',
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(sample_place, gallery),
     .value = "URI",
     .help = "the gallery: a file, or qdrant+http://HOST/COLLECTION"},
};

static const kith_option name_options[] = {
    {.name = "person",
     .letter = 'p',
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(sample_show, person),
     .value = "NAME",
     .help = "give the faces this name"},
    {.name = "which",
     .letter = 'w',
     .type = KITH_OPTION_CHOICE,
     .offset = offsetof(sample_show, which),
     .value = "largest|centre|only|all",
     .help = "the face that gets the name"},
};

static const kith_option work_options[] = {
    {.name = "exclude",
     .letter = 'x',
     .type = KITH_OPTION_LIST,
     .offset = offsetof(sample_show, exclude),
     .value = "GLOB",
     .help = "leave out what matches (it's compared with whole paths: [a-c]*)"},
    {.name = "leave-out-what-is-below",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(sample_show, below),
     .value = "FOLDER",
     .help = "nothing there is looked at"},
    {.name = "force",
     .letter = 'f',
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(sample_show, force),
     .help = "do it all again",
     .only_here = true},
    {.name = "sync",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(sample_show, sync),
     .help = "wait for the disk"},
    {.name = "jobs",
     .letter = 'j',
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(sample_show, jobs),
     .value = "N",
     .low = 1,
     .high = 512,
     .help = "workers; one per processor unless given"},
    {.name = "memory",
     .type = KITH_OPTION_BYTES,
     .offset = offsetof(sample_show, memory),
     .value = "SIZE",
     .low = 64 << 20,
     .high = 64.0 * (1 << 30),
     .at_least = true,
     .help = "most memory for decoded pixels"},
    {.name = "min-score",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(sample_show, min_score),
     .value = "S",
     .low = 0,
     .high = 1,
     .help = "leave out faces whose score is lower"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const kith_option_group show_groups[] = {
    {"Naming", name_options, COUNT(name_options), 0},
    {"Work", work_options, COUNT(work_options), 0},
    {"Gallery", place_options, COUNT(place_options), offsetof(sample_show, place)},
};

static const kith_option_group fail_groups[] = {
    {"Gallery", place_options, COUNT(place_options), 0},
};

static const sample_show show_defaults = {.sync = true, .memory = 512 << 20, .min_score = 0.7, .which = 3};
static const kith_option_group flood_groups[] = {
    {"Gallery", place_options, COUNT(place_options), 0},
};

static const sample_place fail_defaults = {0}, flood_defaults = {"other.kith"};

static const kith_example show_examples[] = {
    {"kith-sample show -p 'Ann Lee' ~/Photos", "Shows what it was asked for."},
};

static int run_show(const kith_arguments *arguments) {
    const sample_show *options = arguments->values;
    printf("gallery %s\n", options->place.gallery ? options->place.gallery : "-");
    printf("person %s\n", options->person ? options->person : "-");
    printf("which %d\n", options->which);
    for (size_t i = 0; i < options->exclude.count; i++)
        printf("exclude %s\n", options->exclude.items[i]);
    printf("force %d sync %d jobs %ld memory %zu min-score %g\n", options->force, options->sync,
           options->jobs, options->memory, options->min_score);
    for (size_t i = 0; i < arguments->operand_count; i++)
        printf("operand %s\n", arguments->operands[i]);
    return KITH_EXIT_OK;
}

/* Ends as an error of the named kind does. */
static int run_fail(const kith_arguments *arguments) {
    static const struct {
        const char *name;
        kith_status code;
    } kinds[] = {{"format", KITH_E_FORMAT},
                 {"refused", KITH_E_REFUSED},
                 {"io", KITH_E_IO},
                 {"server", KITH_E_SERVER},
                 {"memory", KITH_E_MEMORY}};
    kith_error err = {0};
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, arguments->operands[0]) == 0)
            kith_fail(&err, kinds[i].code, 0, "a\nb", "an error of the kind %s (nothing to do)",
                      kinds[i].name);
    return kith_die(&err);
}

/* Waits until it is asked to stop. */
static int run_wait(const kith_arguments *arguments) {
    (void)arguments;
    kith_error err = {0};
    printf("waiting\n");
    kith_progress *progress = kith_progress_start("Waiting", "turns");
    for (uint64_t turn = 0; kith_output_flush(&err) == KITH_OK && kith_stop_error(&err) == KITH_OK; turn++) {
        kith_progress_update(progress, turn, 1000, "with a note");
        usleep(20000);
    }
    kith_progress_stop(&progress);
    return kith_die(&err);
}

/* Lines without end, or as many as wanted. */
static int run_flood(const kith_arguments *arguments) {
    (void)arguments;
    kith_error err = {0};
    for (int i = 0; i < 100000; i++)
        if (printf("line %d\n", i) < 0 || (i % 1000 == 0 && kith_output_flush(&err) != KITH_OK))
            break;
    return err.code == KITH_OK ? KITH_EXIT_OK : kith_die(&err);
}

static const kith_command commands[] = {
    {.name = "show",
     .operands = "PATH...",
     .least = 1,
     .most = (size_t)-1,
     .summary = "print what was received",
     .text = "Every option is printed with its value, then the operands in their order. "
             "A number may be written with --jobs=4 or -j4. See the examples for more.\n\n"
             "Values that were not given are those of the defaults. .conf files count too.",
     .groups = show_groups,
     .group_count = COUNT(show_groups),
     .size = sizeof(sample_show),
     .defaults = &show_defaults,
     .examples = show_examples,
     .example_count = COUNT(show_examples),
     .run = run_show},
    {.name = "fail",
     .operands = "KIND",
     .least = 1,
     .most = 1,
     .summary = "end with an error of a kind",
     .text = "Nothing else happens.",
     .groups = fail_groups,
     .group_count = COUNT(fail_groups),
     .size = sizeof(sample_place),
     .defaults = &fail_defaults,
     .run = run_fail},
    {.name = "wait",
     .operands = "",
     .summary = "wait for a signal",
     .text = "It ends as any program does that is asked to stop.",
     .run = run_wait},
    {.name = "flood",
     .operands = "",
     .summary = "print many lines",
     .text = "Until they are all printed or nobody reads them.",
     .groups = flood_groups,
     .group_count = COUNT(flood_groups),
     .size = sizeof(sample_place),
     .defaults = &flood_defaults,
     .run = run_flood},
};

static const kith_man_item variables[] = {{"SAMPLE_MOON", "What stands for no option."}, {NULL, NULL}};
static const kith_man_item files[] = {{"~/.local/share/sample", "What --sync writes. Nothing."},
                                      {NULL, NULL}};

const kith_program sample_program = {
    .name = "kith-sample",
    .summary = "a table with nothing behind it",
    .text = "It shows what the command line understands. Nothing is read or written.",
    .commands = commands,
    .command_count = COUNT(commands),
    .variables = variables,
    .files = files,
};
