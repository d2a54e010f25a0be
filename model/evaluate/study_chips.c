/* SPDX-License-Identifier: MIT
 *
 * A study of faces that are aligned already.
 */
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/study_parts.h"

typedef struct chip_telling {
    kith_study *study;
    const kith_names *only;
    kith_status status;
    kith_error *err;
} chip_telling;

/* A picture that failed belongs to the study when its person does. */
static void tell(void *context, kith_set_event event, const char *path, const kith_error *why) {
    chip_telling *telling = context;
    kith_study *study = telling->study;
    uint32_t photo;
    if (event != KITH_SET_FAILED || telling->status != KITH_OK)
        return;
    telling->status =
        kith_study_take(study, telling->only, path + strlen(study->folder), &photo, telling->err);
    if (telling->status != KITH_OK || photo == UINT32_MAX)
        return;
    study->photos[photo].state = KITH_STUDY_FAILED;
    study->photos[photo].why = malloc(sizeof *why);
    if (study->photos[photo].why)
        *study->photos[photo].why = *why;
    else
        telling->status = kith_fail(telling->err, KITH_E_MEMORY, 0, path, "no memory for its failure");
}

kith_status kith_study_walk_chips(kith_study *study, const kith_people_options *people,
                                  const kith_names *only, kith_error *err) {
    chip_telling telling = {.study = study, .only = only, .err = err};
    const kith_set_source source = {study->folder, true};
    const kith_set_options options = {.sources = &source,
                                      .source_count = 1,
                                      .kind = KITH_SET_CHIPS,
                                      .landmarks = people->landmarks,
                                      .jobs = people->jobs,
                                      .tell = tell,
                                      .context = &telling};
    kith_status status = kith_face_set_open(&study->chips, &options, err);
    if (status == KITH_OK)
        status = telling.status;
    for (size_t i = 0; status == KITH_OK && i < study->chips->count; i++) {
        uint32_t photo;
        status = kith_study_take(study, only, study->chips->faces[i].name, &photo, err);
        if (status == KITH_OK && photo != UINT32_MAX)
            study->photos[photo].chip = study->chips->faces[i].chip;
    }
    return status;
}
