/* SPDX-License-Identifier: MIT
 *
 * kith-model calibrate: how alike different persons look to a network, measured on a folder of persons and
 * written into its model file.
 */
#include <stdlib.h>

#include "model/commands.h"
#include "model/evaluate/calibration_report.h"
#include "model/network/safetensors.h"
#include "model/people.h"
#include "proto/command/program.h"

typedef struct calibrate_choice {
    const char *out, *name, *html;
    bool json;
    kith_people_choice people;
    kith_model_choice model;
    kith_finding_choice finding;
} calibrate_choice;

static const calibrate_choice defaults = {
    .people = KITH_PEOPLE_DEFAULTS, .model = KITH_MODEL_DEFAULTS, .finding = KITH_FINDING_DEFAULTS};

#define PLACE(field) offsetof(calibrate_choice, field)

static const kith_option rows[] = {
    {.name = "out",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(out),
     .value = "FILE",
     .help = "Write the calibrated model there; into the file of --weights when not given",
     .only_here = true},
    {.name = "name",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(name),
     .value = "WORDS",
     .help = "What the faces are, for those who read the model file; DIR's name when not given",
     .only_here = true},
    {.name = "json",
     .type = KITH_OPTION_FLAG,
     .offset = PLACE(json),
     .help = "Print one JSON object",
     .only_here = true},
    {.name = "html",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(html),
     .value = "FILE",
     .help = "Write a page with the curve and the pairs that look most wrong as well",
     .only_here = true},
};

static const kith_option_group groups[] = {
    {"Calibration", rows, sizeof rows / sizeof rows[0], 0},
    KITH_PEOPLE_GROUP(PLACE(people)),
    KITH_MODEL_GROUP(PLACE(model)),
    KITH_FINDING_GROUP(PLACE(finding)),
};

/* ---- from the folder to the file ---- */

/* Everything that a run holds. */
typedef struct calibrating {
    const calibrate_choice *choice;
    char path[4096]; /* of the weights */
    kith_model *model;
    kith_study study;
    kith_measured_calibration measured;
} calibrating;

/* Which file is changed. A shipped network's is everybody's: it has to be named by its path. */
static kith_status find_file(calibrating *run, kith_error *err) {
    const char *weights = run->choice->model.weights ? run->choice->model.weights : "mobileface";
    kith_status status = kith_weights_path(run->path, sizeof run->path, weights, err);
    if (status == KITH_OK && !run->choice->out && strcmp(run->path, weights) != 0)
        return kith_fail(
            err, KITH_E_USAGE, 0, "--out",
            "is missing: '%.40s' is a shipped network, whose file stays as it is (--out FILE takes "
            "a calibrated copy for --weights; --weights with a path changes the file itself)",
            weights);
    return status;
}

static kith_status write_into_file(const calibrating *run, kith_error *err) {
    const char *out = run->choice->out ? run->choice->out : run->path;
    kith_tensors *tensors = NULL;
    json_t *json = kith_calibration_json(&run->measured.calibration);
    char *text = json ? json_dumps(json, KITH_JSON_SHORT) : NULL;
    kith_status status = text ? kith_tensors_read(&tensors, run->path, false, err)
                              : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a calibration");
    if (status == KITH_OK)
        status = kith_tensors_write_with(out, tensors, "kith.calibration", text, err);
    if (status == KITH_OK)
        kith_say("%s: was written, with thresholds for kith-query", out);
    kith_tensors_free(&tensors);
    free(text);
    json_decref(json);
    return status;
}

static kith_status tell(const calibrating *run, kith_error *err) {
    const kith_decode_options decode = kith_decode_options_of(&run->choice->finding);
    const kith_calibration_report report = {kith_model_identity(run->model), &run->study, &run->measured};
    kith_status status = KITH_OK;
    if (run->choice->json)
        status = kith_print_json(kith_calibration_report_json(&report), KITH_JSON_SHORT, err);
    else
        kith_calibration_report_text(stdout, &report);
    return status == KITH_OK && run->choice->html
               ? kith_calibration_report_html(run->choice->html, &report, &decode, err)
               : status;
}

static const char *last_part(const char *folder) {
    const char *slash = strrchr(folder, '/');
    return slash && slash[1] ? slash + 1 : folder;
}

static kith_status calibrate(calibrating *run, kith_error *err) {
    const calibrate_choice *choice = run->choice;
    const kith_model_options options = kith_model_options_of(&choice->model);
    kith_status status = find_file(run, err);
    if (status == KITH_OK)
        status = kith_model_open(&run->model, &options, err);
    if (status == KITH_OK)
        status = kith_people_gather(&run->study, &choice->people, err);
    if (status == KITH_OK)
        status = kith_people_embed(&run->study, run->model, &choice->people, &choice->finding, err);
    if (status == KITH_OK)
        status = kith_calibration_measure(&run->measured, &run->study,
                                          choice->name ? choice->name : last_part(run->study.folder),
                                          kith_people_jobs(&choice->people), err);
    if (status == KITH_OK)
        status = write_into_file(run, err);
    return status == KITH_OK ? tell(run, err) : status;
}

static int run_calibrate(const kith_arguments *arguments) {
    kith_error err = {0};
    char *folder = kith_people_folder(arguments->operands[0]);
    calibrating run = {.choice = arguments->values, .study = {.folder = folder}};
    if (folder)
        calibrate(&run, &err);
    else
        kith_fail(&err, KITH_E_MEMORY, 0, NULL, "no memory");
    int code = kith_people_exit(&run.study, &err);
    kith_measured_calibration_clear(&run.measured);
    kith_study_clear(&run.study);
    kith_model_close(&run.model);
    free(folder);
    return code;
}

static const kith_example examples[] = {
    {"kith-model calibrate --weights mine.safetensors ~/photos/by-name",
     "Measures a network on named persons and writes the thresholds into its file."},
    {"kith-model calibrate --out calibrated.safetensors --html curve.html ~/photos/by-name",
     "A calibrated copy of the shipped network, for --weights, and a drawing of the curve."},
};

const kith_command kith_calibrate_command = {
    .name = "calibrate",
    .operands = "DIR",
    .least = 1,
    .most = 1,
    .summary = "Measure how alike strangers look to a network",
    .text =
        "DIR has a folder for each person. Each face is compared with all faces of other persons; for a "
        "chance of error the threshold is the likeness that so many of these pairs reach, 3 at least. Rarer "
        "errors are extrapolated and marked so. The margin says how far the second best person must be below "
        "the best for an answer to count: one right answer in a hundred is closer.\n\n"
        "The table is written into the model file (its metadata kith.calibration), from which kith-query "
        "takes thresholds: into a copy with --out, or into the file whose path --weights names. A shipped "
        "network, which --weights names by a word, is only copied. The network stays what it is: galleries "
        "that it made still fit. Persons who are there twice, and photos under a wrong name, make "
        "thresholds too strict; --html shows the pairs to look at.\n\n"
        "Exits with 3 when some photos cannot be read; with 4, and writes nothing, when there are too few "
        "persons, or when fewer than one in ten pairs of photos of one person reach the threshold that one "
        "in a hundred pairs of different persons do.",
    .groups = groups,
    .group_count = sizeof groups / sizeof groups[0],
    .size = sizeof(calibrate_choice),
    .defaults = &defaults,
    .examples = examples,
    .example_count = sizeof examples / sizeof examples[0],
    .run = run_calibrate,
};
