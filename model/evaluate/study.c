/* SPDX-License-Identifier: MIT */
#include "model/evaluate/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/array.h"

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the names of the photos");
}

kith_status kith_study_add(kith_study *study, const char *name, uint32_t person, uint32_t *photo,
                           kith_error *err) {
    size_t before = study->names.count;
    kith_study_photo *photos = kith_array_grow(study->photos, before, &study->room, sizeof *photos);
    if (!photos)
        return no_memory(err);
    study->photos = photos;
    if (!kith_names_add(&study->names, name, photo))
        return no_memory(err);
    if (study->names.count > before)
        photos[before] = (kith_study_photo){.person = person};
    return KITH_OK;
}

char *kith_study_path(const kith_study *study, size_t photo) {
    const char *name = study->names.items[photo];
    char *path = NULL;
    if (name[0] == '/')
        return strdup(name);
    return asprintf(&path, "%s/%s", study->folder, name) < 0 ? NULL : path;
}

size_t kith_study_count(const kith_study *study, kith_study_state state) {
    size_t count = 0;
    for (size_t i = 0; i < study->names.count; i++)
        count += study->photos[i].state == state;
    return count;
}

void kith_study_clear(kith_study *study) {
    for (size_t i = 0; i < study->names.count; i++)
        free(study->photos[i].why);
    free(study->photos);
    free(study->embeddings);
    kith_face_set_close(&study->chips);
    kith_names_clear(&study->names);
    kith_names_clear(&study->persons);
    *study = (kith_study){0};
}
