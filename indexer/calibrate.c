/* SPDX-License-Identifier: MIT
 *
 * kith-index calibrate: how likely strangers are named in this gallery, measured on its own names; and the
 * names that look wrong.
 */
#include <math.h>

#include "indexer/calibrate_report.h"
#include "indexer/commands.h"
#include "indexer/network_calibration.h"
#include "indexer/options.h"
#include "model/statistics/thresholds.h"
#include "proto/command/program.h"
#include "proto/processors.h"

typedef struct look_choice {
    double fpir;
    long top;
    bool json, drop;
    const char *html;
} look_choice;

typedef struct calibrate_choice {
    kith_gallery_choice gallery;
    kith_model_choice model;
    look_choice look;
} calibrate_choice;

static const calibrate_choice defaults = {
    .gallery = KITH_GALLERY_CHOICE, .model = KITH_MODEL_DEFAULTS, .look = {.fpir = 0.01, .top = 20}};

static const kith_option look_rows[] = {
    {.name = "fpir",
     .type = KITH_OPTION_NUMBER,
     .offset = offsetof(look_choice, fpir),
     .value = "CHANCE",
     .low = 1e-9,
     .high = 0.5,
     .help = "Look for wrong names at the threshold where the model's calibration promises this chance"},
    {.name = "top",
     .type = KITH_OPTION_INTEGER,
     .offset = offsetof(look_choice, top),
     .value = "N",
     .low = 0,
     .high = 1e9,
     .at_least = true,
     .help = "List at most so many suspects, and as many copies",
     .only_here = true},
    {.name = "json",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(look_choice, json),
     .help = "Print one JSON object",
     .only_here = true},
    {.name = "html",
     .type = KITH_OPTION_TEXT,
     .offset = offsetof(look_choice, html),
     .value = "FILE",
     .help = "Write a page with the curve and the suspects' faces side by side as well",
     .only_here = true},
    {.name = "drop",
     .type = KITH_OPTION_FLAG,
     .offset = offsetof(look_choice, drop),
     .help = "Measure nothing: take the gallery's own calibration away, so that the model's counts again",
     .only_here = true},
};

/* Two names that are as alike as every other stranger is to somebody are worth a look, when both are each
 * other's nearest.
 */
static const double OFTEN = 0.5;

/* Everything that a run holds. */
typedef struct calibrating {
    const calibrate_choice *choice;
    kith_gallery *gallery;
    kith_calibration network;
    kith_face_list list;
    kith_compared compared;
    kith_calibrated_gallery result;
} calibrating;

static kith_status load(calibrating *run, kith_error *err) {
    kith_filter named = {0};
    kith_status status = kith_filter_text(&named, KITH_FIELD_PERSON, KITH_NOT_EQUAL, NULL, err);
    if (status == KITH_OK)
        status = kith_face_list_load(&run->list, run->gallery, &named, err);
    if (status == KITH_OK && run->list.person_count < 2)
        status = kith_fail(err, KITH_E_REFUSED, 0, kith_gallery_uri(run->gallery),
                           "%zu of its persons %s a name: there is nobody to compare with",
                           run->list.person_count, run->list.person_count == 1 ? "has" : "have");
    return status;
}

/* Where the model's calibration promises a chance. */
static double threshold_at(const calibrating *run, double chance, bool *extrapolated) {
    double rate = kith_rate_of_one(chance, (double)run->list.named);
    return kith_rate_table_threshold(&run->network.table, rate, extrapolated);
}

static kith_status compare(calibrating *run, kith_error *err) {
    kith_calibrated_gallery *r = &run->result;
    int threads = kith_processors_usable();
    bool ignored;
    r->fpir = run->choice->look.fpir;
    r->threshold = threshold_at(run, r->fpir, &r->extrapolated);
    kith_status status = kith_compare_all(&run->compared, &run->list, r->threshold, threads, err);
    return status == KITH_OK ? kith_suspects_find(&r->suspects, &run->list, &run->compared,
                                                  threshold_at(run, OFTEN, &ignored), threads, err)
                             : status;
}

/* Wrong names can make a table by which hardly anybody would be named: it is not to replace a better one. One
 * that asks for less than the model's is better, even where the network knows few faces again.
 */
static kith_status check_useful(const calibrating *run, const kith_gallery_scores *scores, kith_scoring i,
                                kith_error *err) {
    bool ignored;
    double threshold =
        kith_rate_table_threshold(&run->result.calibration.tables[i], defaults.look.fpir, &ignored);
    double recognised = kith_gallery_recognised(scores, i, threshold);
    if (threshold < 1 && !(recognised < 0.5 && threshold > threshold_at(run, defaults.look.fpir, &ignored)))
        return KITH_OK;
    return kith_fail(
        err, KITH_E_REFUSED, 0, kith_gallery_uri(run->gallery),
        "no calibration was stored: as the names are, the threshold for 1 stranger in %.0f would be %.3f "
        "(%s), which %.0f in 100 faces reach with their own person (mend the suspect names, then run it "
        "again)",
        1 / defaults.look.fpir, threshold, kith_scoring_names[i],
        recognised >= 0 ? floor(100 * recognised) : 0);
}

/* What cannot be learned from is told at the end: what looks wrong is worth knowing all the same. */
static kith_status learn(calibrating *run, kith_error *unfit, kith_error *err) {
    kith_gallery_calibration *c = &run->result.calibration;
    const kith_gallery_scores scores = {run->compared.scores, run->list.persons, run->list.named,
                                        run->list.person_count, &run->network.table};
    kith_status status = KITH_OK;
    for (int i = 0; i < KITH_SCORINGS && status == KITH_OK; i++) {
        bool ignored;
        double wrong;
        status = kith_thresholds_of_gallery(&c->tables[i], &scores, (kith_scoring)i,
                                            kith_gallery_uri(run->gallery), unfit);
        if (status == KITH_OK)
            status = check_useful(run, &scores, (kith_scoring)i, unfit);
        c->margins[i] = run->network.margin;
        if (status == KITH_OK)
            kith_margin_of(&c->margins[i], &wrong, run->compared.scores, run->list.named, (kith_scoring)i,
                           kith_rate_table_threshold(&c->tables[i], run->result.fpir, &ignored));
    }
    if (status == KITH_E_REFUSED)
        return KITH_OK;
    if (status != KITH_OK) {
        *err = *unfit;
        return status;
    }
    c->faces = run->list.named;
    c->persons = run->list.person_count;
    c->compared = kith_gallery_compared(&scores);
    kith_time_now(c->made);
    run->result.stored = true;
    return kith_gallery_calibration_store(run->gallery, c, err);
}

static kith_status calibrate(calibrating *run, kith_error *unfit, kith_error *err) {
    const look_choice *look = &run->choice->look;
    kith_status status =
        kith_gallery_open_choice(&run->gallery, &run->choice->gallery, KITH_GALLERY_WRITE, err);
    if (status == KITH_OK)
        status = kith_network_calibration(&run->network, run->gallery, &run->choice->model, err);
    if (status == KITH_OK)
        status = load(run, err);
    if (status == KITH_OK)
        status = compare(run, err);
    if (status == KITH_OK)
        status = learn(run, unfit, err);
    if (status != KITH_OK)
        return status;
    run->result.uri = kith_gallery_uri(run->gallery);
    run->result.list = &run->list;
    run->result.network = &run->network;
    status = look->json ? kith_calibrated_json(&run->result, (size_t)look->top, err)
                        : kith_calibrated_text(&run->result, (size_t)look->top, err);
    return status == KITH_OK && look->html
               ? kith_calibrated_html(look->html, &run->result, (size_t)look->top, err)
               : status;
}

static int drop(const calibrate_choice *choice) {
    kith_gallery *gallery = NULL;
    kith_gallery_calibration there;
    kith_error err = {0}, damaged = {0};
    bool found = false;
    kith_status status = KITH_OK;
    if (choice->look.json || choice->look.html)
        status = kith_fail(&err, KITH_E_USAGE, 0, "--drop", "measures nothing (leave out --json and --html)");
    if (status == KITH_OK)
        status = kith_gallery_open_choice(&gallery, &choice->gallery, KITH_GALLERY_WRITE, &err);
    if (status == KITH_OK) { /* a damaged one is dropped, too */
        kith_gallery_calibration_read(&there, &found, gallery, &damaged);
        status = kith_gallery_calibration_drop(gallery, &err);
    }
    if (status == KITH_OK)
        kith_say(found ? "%s: its own calibration is gone, the model's counts again"
                       : "%s: has no calibration of its own",
                 kith_gallery_uri(gallery));
    kith_gallery_close(&gallery);
    return status != KITH_OK ? kith_die(&err) : found ? KITH_EXIT_OK : KITH_EXIT_NOTHING;
}

static int run_calibrate(const kith_arguments *arguments) {
    calibrating run = {.choice = arguments->values};
    kith_error err = {0}, unfit = {0};
    if (run.choice->look.drop)
        return drop(run.choice);
    kith_status status = calibrate(&run, &unfit, &err);
    kith_suspects_clear(&run.result.suspects);
    kith_compared_clear(&run.compared);
    kith_face_list_clear(&run.list);
    kith_gallery_close(&run.gallery);
    if (status != KITH_OK)
        return kith_die(&err);
    return unfit.code != KITH_OK ? kith_die(&unfit) : KITH_EXIT_OK;
}

static const kith_option_group groups[] = {
    KITH_GALLERY_GROUP(offsetof(calibrate_choice, gallery)),
    {"Looking", look_rows, COUNT_OF(look_rows), offsetof(calibrate_choice, look)},
    KITH_MODEL_GROUP(offsetof(calibrate_choice, model)),
    KITH_SERVER_GROUP(offsetof(calibrate_choice, gallery)),
};

static const kith_example examples[] = {
    {"kith-index calibrate", "measures the gallery; kith-query decides by it from then on"},
    {"kith-index calibrate --html names.html", "shows the faces whose names look wrong"},
};

const kith_command kith_calibrate_command = {
    .name = "calibrate",
    .operands = "",
    .summary = "Measure how likely strangers are named in the gallery, and find wrong names",
    .text =
        "Each face with a name is asked about among the faces of all other persons, as if it were a "
        "stranger. How often somebody would be named, at which threshold, is stored in the gallery; "
        "kith-query takes its thresholds from there from then on, and says so when the gallery has changed "
        "by a quarter since. Chances that were not seen at least 3 times are extrapolated with the curve "
        "of the model's calibration.\n\n"
        "Wrong names make strangers of known persons, and thresholds too strict. So faces that are more "
        "like another person than like their own, and two names that look like one person, are listed, the "
        "most suspect first, with the chance that a stranger is named when each is mended: kith-index "
        "label gives a face another name, kith-index rename makes two names one. Then run it again.\n\n"
        "Exits with 4, and stores nothing, when there are too few persons to learn from, or when wrong names "
        "drive the threshold for 1 stranger in 100 so high that most faces would not be recognised as their "
        "own person's; what looks wrong is listed all the same. What was stored before still counts then; "
        "--drop takes it away.",
    .groups = groups,
    .group_count = COUNT_OF(groups),
    .size = sizeof(calibrate_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .run = run_calibrate,
};
