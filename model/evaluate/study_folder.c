/* SPDX-License-Identifier: MIT
 *
 * A folder with a folder for each person.
 */
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/study_parts.h"
#include "model/train/folder.h"
#include "proto/lines.h"
#include "proto/point.h"

static kith_status no_memory(const char *folder, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, folder, "no memory for the names of its photos");
}

static kith_status read_names(kith_names *out, const char *path, kith_error *err) {
    kith_lines *lines = NULL;
    kith_lines_item line = {0};
    uint32_t number;
    kith_status status = kith_lines_open(&lines, path, '\n', KITH_PATH_MOST, err);
    while (status == KITH_OK && line.state != KITH_LINES_END) {
        status = kith_lines_next(lines, &line, -1, err);
        if (status != KITH_OK || line.state == KITH_LINES_END || kith_lines_blank(&line))
            continue;
        bool text = line.state == KITH_LINES_LINE && strlen(line.text) == line.length;
        if (text && line.text[line.length - 1] == '\r')
            line.text[line.length - 1] = 0;
        if (!text)
            status = kith_fail(err, KITH_E_FORMAT, 0, path, "line %llu is no name",
                               (unsigned long long)line.number);
        else if (!kith_names_add(out, line.text, &number))
            status = no_memory(path, err);
    }
    kith_lines_close(&lines);
    return status;
}

/* Files without a folder of their own are of nobody and passed over, as is what has no picture's name. */
kith_status kith_study_take(kith_study *study, const kith_names *only, const char *name, uint32_t *photo,
                            kith_error *err) {
    uint32_t number = 0;
    while (*name == '/')
        name++;
    *photo = UINT32_MAX;
    const char *slash = strchr(name, '/');
    if (!slash || !kith_format_extension(name))
        return KITH_OK;
    char *person = strndup(name, (size_t)(slash - name));
    kith_status status = person ? KITH_OK : no_memory(study->folder, err);
    if (person && (only->count == 0 || kith_names_find(only, person, &number))) {
        status = kith_names_add(&study->persons, person, &number) ? KITH_OK : no_memory(study->folder, err);
        if (status == KITH_OK)
            status = kith_study_add(study, name, number, photo, err);
    }
    free(person);
    return status;
}

typedef struct walk {
    kith_study *study;
    const kith_names *only;
} walk;

static kith_status visit(void *context, const FTSENT *entry, kith_error *err) {
    const walk *w = context;
    uint32_t photo;
    switch (entry->fts_info) {
    case FTS_F:
    case FTS_SLNONE: /* a photo that cannot be read */
        return kith_study_take(w->study, w->only, entry->fts_path + strlen(w->study->folder), &photo, err);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return kith_fail(err, KITH_E_IO, entry->fts_errno, entry->fts_path, "%s", strerror(entry->fts_errno));
    default:
        return KITH_OK;
    }
}

static kith_status all_are_there(const kith_study *study, const kith_names *only, const char *list,
                                 kith_error *err) {
    uint32_t number;
    for (size_t i = 0; i < only->count; i++)
        if (!kith_names_find(&study->persons, only->items[i], &number))
            return kith_fail(err, KITH_E_REFUSED, 0, list, "%s has no pictures in %s", only->items[i],
                             study->folder);
    return KITH_OK;
}

static kith_status fill(kith_study *study, const kith_people_options *options, const kith_names *only,
                        kith_error *err) {
    walk photos = {study, only};
    kith_status status = options->chips ? kith_study_walk_chips(study, options, only, err)
                                        : kith_folder_walk(study->folder, visit, &photos, err);
    if (status == KITH_OK)
        status = all_are_there(study, only, options->only, err);
    if (status == KITH_OK && study->names.count == 0)
        status = kith_fail(err, KITH_E_REFUSED, 0, study->folder,
                           "no pictures of anybody (it needs a folder for each person)");
    return status;
}

kith_status kith_study_people(kith_study *study, const kith_people_options *options, kith_error *err) {
    kith_names only = {0};
    kith_status status = options->only ? read_names(&only, options->only, err) : KITH_OK;
    if (status == KITH_OK && options->only && only.count == 0)
        status = kith_fail(err, KITH_E_REFUSED, 0, options->only, "names nobody");
    if (status == KITH_OK)
        status = fill(study, options, &only, err);
    kith_names_clear(&only);
    return status;
}
