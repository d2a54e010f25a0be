/* SPDX-License-Identifier: MIT
 *
 * A folder with a folder for each person.
 */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "model/evaluate/study_parts.h"
#include "proto/command/program.h"
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
        if (status != KITH_OK || line.state == KITH_LINES_END || line.length == 0)
            continue;
        if (line.state == KITH_LINES_LONG)
            status = kith_fail(err, KITH_E_FORMAT, 0, path, "line %llu is too long for a name",
                               (unsigned long long)line.number);
        else if (!kith_names_add(out, line.text, &number))
            status = no_memory(path, err);
    }
    kith_lines_close(&lines);
    return status;
}

static int by_bytes(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
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

static kith_status take(kith_study *study, const kith_names *only, const FTSENT *entry, kith_error *err) {
    uint32_t photo;
    switch (entry->fts_info) {
    case FTS_F:
        return kith_study_take(study, only, entry->fts_path + strlen(study->folder), &photo, err);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return kith_fail(err, KITH_E_IO, entry->fts_errno, entry->fts_path, "%s", strerror(entry->fts_errno));
    default:
        return KITH_OK;
    }
}

static kith_status walk(kith_study *study, const kith_names *only, kith_error *err) {
    char *root = strdup(study->folder), *roots[] = {root, NULL};
    FTS *tree = root ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_bytes) : NULL;
    FTSENT *entry = NULL;
    kith_status status = KITH_OK;
    if (!tree)
        status = root ? kith_fail(err, KITH_E_IO, errno, study->folder, "%s", strerror(errno))
                      : no_memory(study->folder, err);
    while (status == KITH_OK && (errno = 0, entry = fts_read(tree)))
        status = kith_stop_error(err) == KITH_OK ? take(study, only, entry, err) : KITH_E_STOPPED;
    if (status == KITH_OK && errno != 0)
        status = kith_fail(err, KITH_E_IO, errno, study->folder, "%s", strerror(errno));
    if (tree)
        fts_close(tree);
    free(root);
    return status;
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
    kith_status status =
        options->chips ? kith_study_walk_chips(study, options, only, err) : walk(study, only, err);
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
