/* SPDX-License-Identifier: MIT
 *
 * kith-model evaluate: how good a network is, on pairs of photos or on a folder of persons.
 */
#include <stdlib.h>

#include "model/commands.h"
#include "model/evaluate/report.h"
#include "model/people.h"
#include "proto/calibration.h"
#include "proto/command/program.h"

typedef struct evaluate_choice {
    const char *pairs, *groups, *html;
    bool identify, json;
    kith_list sizes;
    long enrolled, draws, seed;
    kith_people_choice people;
    kith_model_choice model;
    kith_finding_choice finding;
} evaluate_choice;

static const evaluate_choice defaults = {.enrolled = 1,
                                         .draws = 20,
                                         .seed = 1,
                                         .people = KITH_PEOPLE_DEFAULTS,
                                         .model = KITH_MODEL_DEFAULTS,
                                         .finding = KITH_FINDING_DEFAULTS};

enum { USUAL_SIZES = 3 };

#define PLACE(field) offsetof(evaluate_choice, field)

static const kith_option what_rows[] = {
    {.name = "pairs",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(pairs),
     .value = "FILE",
     .help =
         "Verify: the list of pairs, LFW's pairs.txt or rows of CSV a,b,same[,fold]; photos lie below DIR",
     .only_here = true},
    {.name = "identify",
     .type = KITH_OPTION_FLAG,
     .offset = PLACE(identify),
     .help = "Identify: DIR has a folder for each person",
     .only_here = true},
    {.name = "groups",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(groups),
     .value = "FILE",
     .help = "Tables for groups: rows of CSV name,group, where a name is a person or a photo",
     .only_here = true},
};

static const kith_option gallery_rows[] = {
    {.name = "gallery-size",
     .type = KITH_OPTION_LIST,
     .offset = PLACE(sizes),
     .value = "PERSONS",
     .help = "Persons in a gallery; an eighth, a quarter and half of those with photos enough when not given",
     .only_here = true},
    {.name = "enrolled",
     .type = KITH_OPTION_INTEGER,
     .offset = PLACE(enrolled),
     .value = "PHOTOS",
     .low = 1,
     .high = 10000,
     .at_least = true,
     .help = "Photos of each person in a gallery; the person's others are probes",
     .only_here = true},
    {.name = "draws",
     .type = KITH_OPTION_INTEGER,
     .offset = PLACE(draws),
     .value = "NUMBER",
     .low = 1,
     .high = 1000,
     .help = "Galleries of each size, drawn by chance",
     .only_here = true},
    {.name = "seed",
     .type = KITH_OPTION_INTEGER,
     .offset = PLACE(seed),
     .value = "NUMBER",
     .low = 0,
     .high = 2147483647,
     .at_least = true,
     .help = "What chance begins with: the same seed draws the same galleries",
     .only_here = true},
};

static const kith_option report_rows[] = {
    {.name = "json",
     .type = KITH_OPTION_FLAG,
     .offset = PLACE(json),
     .help = "Print one JSON object",
     .only_here = true},
    {.name = "html",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(html),
     .value = "FILE",
     .help = "Write a page with tables, charts and the worst errors as well",
     .only_here = true},
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static const kith_option_group groups[] = {
    {"What", what_rows, COUNT(what_rows), 0},
    {"Galleries", gallery_rows, COUNT(gallery_rows), 0},
    {"Report", report_rows, COUNT(report_rows), 0},
    KITH_PEOPLE_GROUP(PLACE(people)),
    KITH_MODEL_GROUP(PLACE(model)),
    KITH_FINDING_GROUP(PLACE(finding)),
};

/* ---- what is asked ---- */

/* Everything that a run holds. */
typedef struct evaluation {
    const evaluate_choice *choice;
    kith_model *model;
    kith_study study;
    kith_pair_list pairs;
    kith_groups groups;
    kith_verification verification;
    kith_identification identification;
    size_t *given, *sizes; /* of galleries */
    kith_identify_options options;
    kith_calibration calibration;
} evaluation;

static kith_status check(const evaluate_choice *c, kith_error *err) {
    if (!c->pairs == !c->identify)
        return kith_fail(err, KITH_E_USAGE, 0, NULL,
                         "either --pairs FILE or --identify says what DIR is for");
    if (c->pairs && (c->people.chips || c->people.persons || c->sizes.count > 0))
        return kith_fail(err, KITH_E_USAGE, 0,
                         c->people.chips     ? "--chips"
                         : c->people.persons ? "--persons"
                                             : "--gallery-size",
                         "goes with --identify");
    return KITH_OK;
}

static int by_number(const void *left, const void *right) {
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return (a > b) - (a < b);
}

static kith_status read_sizes(evaluation *e, kith_error *err) {
    const kith_list *given = &e->choice->sizes;
    e->given = calloc(given->count + 1, sizeof *e->given);
    e->sizes = calloc(given->count + USUAL_SIZES, sizeof *e->sizes);
    if (!e->given || !e->sizes)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the sizes of galleries");
    for (size_t i = 0; i < given->count; i++) {
        char *end;
        long size = strtol(given->items[i], &end, 10);
        if (*end != 0 || end == given->items[i] || size < 1 || size > 1000000000)
            return kith_fail(err, KITH_E_USAGE, 0, "--gallery-size", "'%s' is not a number of persons",
                             given->items[i]);
        e->given[i] = (size_t)size;
    }
    return KITH_OK;
}

/* Rising, each once: where not given, an eighth, a quarter and half of the persons that can be drawn. */
static void choose_sizes(evaluation *e, size_t eligible) {
    size_t given = e->choice->sizes.count, count = given ? given : USUAL_SIZES, kept = 0;
    for (size_t i = 0; i < count; i++)
        e->sizes[i] = given ? e->given[i] : eligible >> (USUAL_SIZES - i);
    qsort(e->sizes, count, sizeof *e->sizes, by_number);
    for (size_t i = 0; i < count; i++)
        if (e->sizes[i] > 0 && (kept == 0 || e->sizes[i] != e->sizes[kept - 1]))
            e->sizes[kept++] = e->sizes[i];
    e->options.sizes = e->sizes;
    e->options.size_count = kept;
}

/* What can be drawn from the photos that are left: all of them, before anybody has looked at one. */
static kith_status plan(evaluation *e, kith_error *err) {
    const evaluate_choice *c = e->choice;
    e->options.enrolled = (size_t)c->enrolled;
    e->options.draws = (size_t)c->draws;
    e->options.seed = (uint64_t)c->seed;
    e->options.jobs = kith_people_jobs(&c->people);
    size_t eligible = kith_identify_eligible(&e->study, e->options.enrolled);
    if (c->sizes.count == 0 && eligible < 2)
        return kith_fail(
            err, KITH_E_REFUSED, 0, e->study.folder,
            "too few persons: 2 with at least %zu photos that can be read are needed, %zu of %zu have them",
            e->options.enrolled + 1, eligible, e->study.persons.count);
    choose_sizes(e, eligible);
    return kith_identify_check(&e->study, &e->options, err);
}

/* The model's calibration, when it has one: what would come of asking for an FPIR. */
static kith_status read_calibration(evaluation *e, kith_error *err) {
    const char *text = kith_model_metadata(e->model, "kith.calibration");
    if (!text)
        return KITH_OK;
    e->options.network = &e->calibration.table;
    return kith_calibration_parse(&e->calibration, text, kith_model_identity(e->model)->network, err);
}

/* ---- from the folder to figures ---- */

static kith_status gather(evaluation *e, kith_error *err) {
    const evaluate_choice *c = e->choice;
    kith_status status = c->pairs ? kith_pair_list_read(&e->pairs, &e->study, c->pairs, err)
                                  : kith_people_gather(&e->study, &c->people, err);
    if (status == KITH_OK && c->groups)
        status = kith_groups_read(&e->groups, &e->study, c->groups, err);
    if (status == KITH_OK && e->groups.unknown > 0)
        kith_say("%s: names that nobody has here: %zu", c->groups, e->groups.unknown);
    if (status == KITH_OK && c->identify)
        status = read_calibration(e, err);
    return status == KITH_OK && c->identify ? plan(e, err) : status;
}

static kith_status measure(evaluation *e, kith_error *err) {
    const evaluate_choice *c = e->choice;
    const kith_groups *by = c->groups ? &e->groups : NULL;
    if (c->pairs)
        return kith_verify(&e->verification, &e->study, &e->pairs, by, (uint64_t)c->seed, err);
    kith_status status = plan(e, err);
    return status == KITH_OK ? kith_identify(&e->identification, &e->study, &e->options, by, err) : status;
}

static kith_status tell(const evaluation *e, kith_error *err) {
    const evaluate_choice *c = e->choice;
    const kith_decode_options decode = kith_decode_options_of(&c->finding);
    const kith_report report = {.identity = kith_model_identity(e->model),
                                .study = &e->study,
                                .groups = c->groups ? &e->groups : NULL,
                                .pairs = &e->pairs,
                                .verification = c->pairs ? &e->verification : NULL,
                                .options = &e->options,
                                .identification = c->pairs ? NULL : &e->identification};
    kith_status status = KITH_OK;
    if (c->json)
        status = kith_print_json(kith_report_json(&report), KITH_JSON, err);
    else
        kith_report_text(stdout, &report);
    return status == KITH_OK && c->html ? kith_report_html(c->html, &report, &decode, err) : status;
}

static kith_status evaluate(evaluation *e, kith_error *err) {
    const kith_model_options options = kith_model_options_of(&e->choice->model);
    kith_status status = kith_model_open(&e->model, &options, err);
    if (status == KITH_OK)
        status = gather(e, err);
    if (status == KITH_OK)
        status = kith_people_embed(&e->study, e->model, &e->choice->people, &e->choice->finding, err);
    if (status == KITH_OK)
        status = measure(e, err);
    return status == KITH_OK ? tell(e, err) : status;
}

static int run(const kith_arguments *arguments) {
    const evaluate_choice *choice = arguments->values;
    kith_error err = {0};
    char *folder = kith_people_folder(arguments->operands[0]);
    kith_status status = folder ? check(choice, &err) : kith_fail(&err, KITH_E_MEMORY, 0, NULL, "no memory");
    evaluation e = {.choice = choice, .study = {.folder = folder}};
    if (status == KITH_OK)
        status = read_sizes(&e, &err);
    if (status == KITH_OK)
        evaluate(&e, &err);
    int code = kith_people_exit(&e.study, &err);
    kith_verification_clear(&e.verification);
    kith_identification_clear(&e.identification);
    kith_groups_clear(&e.groups);
    kith_pair_list_clear(&e.pairs);
    kith_study_clear(&e.study);
    kith_model_close(&e.model);
    free(e.given);
    free(e.sizes);
    free(folder);
    return code;
}

static const kith_example examples[] = {
    {"kith-model evaluate --pairs lfw/pairs.txt lfw",
     "Measures the network that comes with kith on LFW's pairs."},
    {"kith-model evaluate --identify --html report.html ~/photos/by-name",
     "Draws galleries from a folder of named persons, and writes a page with charts."},
    {"kith-model evaluate --identify --gallery-size 100 --enrolled 10 --json DIR",
     "What ten photos of each of 100 persons are good for."},
};

const kith_command kith_evaluate_command = {
    .name = "evaluate",
    .operands = "DIR",
    .least = 1,
    .most = 1,
    .summary = "Measure how good a network is",
    .text =
        "With --pairs two photos at a time are compared: are they of one person? Accuracy is the mean over "
        "folds, each judged with the threshold that is best on the others; AUC, EER and TAR at FAR say how "
        "the threshold trades one error for the other. A photo's person, whom intervals and groups go by, is "
        "the first folder of its path; in a CSV in which some photo has none, or a pair says otherwise, "
        "those are one person whom rows with 1 connect.\n\n"
        "With --identify galleries of persons are drawn from DIR, again and again, and asked about "
        "everybody's other photos. Rank 1 is how often the right person comes first. FNIR is how many photos "
        "of persons in the gallery are missed (somebody else is nearer, or the score is too low) when the "
        "threshold names the share FPIR of strangers' photos.\n\n"
        "A photo in which no face is found counts as an error and is reported apart. One that cannot be read "
        "takes no part; the exit code is 3 then. A rate is only stated when there are pairs or strangers "
        "enough for one of them to reach it. Intervals are those of 1,000 samples of the persons.\n\n"
        "What was computed is kept in $XDG_CACHE_HOME/kith, by the pipeline and the bytes of each photo, so "
        "that a stopped run continues and the next one takes seconds.",
    .groups = groups,
    .group_count = COUNT(groups),
    .size = sizeof(evaluate_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT(examples),
    .run = run,
};
