/* SPDX-License-Identifier: MIT */
#include "model/people.h"

#include "proto/command/program.h"
#include "proto/processors.h"

#define PLACE(field) offsetof(kith_people_choice, field)

const kith_option kith_people_rows[KITH_PEOPLE_ROWS] = {
    {.name = "chips",
     .type = KITH_OPTION_FLAG,
     .offset = PLACE(chips),
     .help = "The folder of persons holds aligned faces of 144 pixels with landmarks.csv, not photos",
     .only_here = true},
    {.name = "persons",
     .type = KITH_OPTION_TEXT,
     .offset = PLACE(persons),
     .value = "FILE",
     .help = "Only these of its persons, a folder's name a line",
     .only_here = true},
    {.name = "which",
     .type = KITH_OPTION_CHOICE,
     .offset = PLACE(which),
     .value = "largest|centre|only",
     .help = "Which face of a photo is meant",
     .only_here = true},
    {.name = "jobs",
     .letter = 'j',
     .type = KITH_OPTION_INTEGER,
     .offset = PLACE(jobs),
     .value = "NUMBER",
     .low = 1,
     .high = 512,
     .help = "Photos that are worked on at once; as many as processors may be used when not given"},
};

int kith_people_jobs(const kith_people_choice *choice) {
    return choice->jobs > 0 ? (int)choice->jobs : kith_processors_usable();
}

char *kith_people_folder(const char *operand) {
    char *folder = strdup(operand);
    for (size_t end = folder ? strlen(folder) : 0; end > 1 && folder[end - 1] == '/'; end--)
        folder[end - 1] = 0;
    return folder;
}

kith_status kith_people_gather(kith_study *study, const kith_people_choice *choice, kith_error *err) {
    const kith_people_options options = {.chips = choice->chips,
                                         .landmarks = choice->chips,
                                         .only = choice->persons,
                                         .jobs = kith_people_jobs(choice)};
    return kith_study_people(study, &options, err);
}

static void show_progress(void *context, size_t done, size_t total) {
    kith_progress_update(context, done, total, "");
}

static void show_warning(void *context, const kith_error *warning) {
    (void)context;
    kith_say_error(warning);
}

kith_status kith_people_embed(kith_study *study, kith_model *model, const kith_people_choice *choice,
                              const kith_finding_choice *finding, kith_error *err) {
    kith_progress *progress = kith_progress_start("looking", "photos");
    const kith_embed_options options = {.model = model,
                                        .find = kith_find_options_of(finding),
                                        .decode = kith_decode_options_of(finding),
                                        .which = (kith_which)choice->which,
                                        .jobs = kith_people_jobs(choice),
                                        .progress = show_progress,
                                        .warn = show_warning,
                                        .context = progress};
    kith_status status = kith_study_embed(study, &options, err);
    kith_progress_stop(&progress);
    for (size_t i = 0; i < study->names.count; i++)
        if (study->photos[i].state == KITH_STUDY_FAILED)
            kith_say_error(study->photos[i].why);
    return status;
}

int kith_people_exit(const kith_study *study, const kith_error *err) {
    if (err->code != KITH_OK)
        return kith_die(err);
    return kith_study_count(study, KITH_STUDY_FAILED) > 0 ? KITH_EXIT_PARTIAL : KITH_EXIT_OK;
}
