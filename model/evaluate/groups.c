/* SPDX-License-Identifier: MIT */
#include "model/evaluate/groups.h"

#include <stdlib.h>
#include <string.h>

#include "proto/csv.h"
#include "proto/lines.h"

enum { GROUPS_MOST = 1000 };

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the groups");
}

/* A group more, without members. */
static kith_status add_group(kith_groups *out, const char *name, uint32_t *group, const char *path,
                             kith_error *err) {
    size_t before = out->names.count;
    if (!kith_names_add(&out->names, name, group))
        return no_memory(err);
    if (out->names.count == before)
        return KITH_OK;
    if (before == GROUPS_MOST)
        return kith_fail(err, KITH_E_REFUSED, 0, path, "more than %d groups", GROUPS_MOST);
    bool *members = reallocarray(out->members, before + 1, out->photos * sizeof *members);
    if (!members)
        return no_memory(err);
    memset(members + before * out->photos, 0, out->photos * sizeof *members);
    out->members = members;
    return KITH_OK;
}

/* A person's photos, or one photo. */
static bool mark(kith_groups *out, const kith_study *study, const char *name, uint32_t group) {
    bool *members = out->members + group * out->photos;
    uint32_t number;
    if (kith_names_find(&study->names, name, &number)) {
        members[number] = true;
        return true;
    }
    if (!kith_names_find(&study->persons, name, &number))
        return false;
    for (size_t i = 0; i < out->photos; i++)
        members[i] |= study->photos[i].person == number;
    return true;
}

static kith_status take_line(kith_groups *out, const kith_study *study, const kith_lines_item *line,
                             const char *path, size_t *rows, kith_error *err) {
    char *fields[2];
    uint32_t group;
    if (kith_csv_row(fields, 2, line) != 2 || fields[0][0] == 0 || fields[1][0] == 0)
        return kith_fail(err, KITH_E_REFUSED, 0, path, "line %llu is not name,group",
                         (unsigned long long)line->number);
    if (line->number == 1 && strcmp(fields[0], "name") == 0 && strcmp(fields[1], "group") == 0)
        return KITH_OK;
    kith_status status = add_group(out, fields[1], &group, path, err);
    bool known = status == KITH_OK && mark(out, study, fields[0], group);
    *rows += 1;
    out->unknown += !known;
    return status;
}

kith_status kith_groups_read(kith_groups *out, const kith_study *study, const char *path, kith_error *err) {
    kith_lines *lines = NULL;
    kith_lines_item line = {0};
    size_t rows = 0;
    *out = (kith_groups){.photos = study->names.count};
    kith_status status = kith_lines_open(&lines, path, '\n', KITH_PATH_MOST, err);
    while (status == KITH_OK && line.state != KITH_LINES_END) {
        status = kith_lines_next(lines, &line, -1, err);
        if (status == KITH_OK && line.state != KITH_LINES_END && !kith_lines_blank(&line))
            status = take_line(out, study, &line, path, &rows, err);
    }
    kith_lines_close(&lines);
    if (status == KITH_OK && (out->names.count == 0 || out->unknown == rows))
        status = kith_fail(err, KITH_E_REFUSED, 0, path,
                           "names nobody who is here (the first column is a person or a photo)");
    if (status != KITH_OK)
        kith_groups_clear(out);
    return status;
}

bool kith_groups_has(const kith_groups *groups, size_t group, uint32_t photo) {
    return groups->members[group * groups->photos + photo];
}

void kith_groups_clear(kith_groups *groups) {
    kith_names_clear(&groups->names);
    free(groups->members);
    *groups = (kith_groups){0};
}
