/* SPDX-License-Identifier: MIT */
#include "indexer/files/naming.h"

#include <stdbool.h>
#include <strings.h>

#include "indexer/files/path.h"
#include "proto/array.h"
#include "proto/csv.h"
#include "proto/lines.h"
#include "proto/point.h"

typedef struct row {
    char *path, *person;
    uint64_t line;
    bool met;
} row;

struct kith_naming {
    const char *person; /* borrowed */
    bool by_folder;
    row *rows; /* by path */
    size_t count, room;
    char folder[KITH_PERSON_MOST + 1];
};

enum { ROWS_MOST = 50 * 1000 * 1000 };

static int by_path(const void *a, const void *b) {
    return strcmp(((const row *)a)->path, ((const row *)b)->path);
}

static kith_status add_row(kith_naming *naming, row added, kith_error *err) {
    row *rows = naming->count < ROWS_MOST
                    ? kith_array_grow(naming->rows, naming->count, &naming->room, sizeof *rows)
                    : NULL;
    if (rows)
        naming->rows = rows;
    if (!rows || !added.path || !added.person) {
        free(added.path);
        free(added.person);
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the table of persons");
    }
    rows[naming->count++] = added;
    return KITH_OK;
}

static kith_status bad_line(const char *file, uint64_t line, const char *what, kith_error *err) {
    return kith_fail(err, KITH_E_REFUSED, 0, file, "line %llu %s", (unsigned long long)line, what);
}

static kith_status read_row(kith_naming *naming, kith_path_resolver *resolver, const char *file,
                            const char *folder, const kith_lines_item *line, kith_error *err) {
    char *fields[2], *path = NULL;
    if (line->state == KITH_LINES_LONG || strlen(line->text) != line->length)
        return bad_line(file, line->number, "is no text of a sensible length", err);
    if (kith_lines_blank(line))
        return KITH_OK;
    if (kith_csv_split(fields, 2, line->text) != 2)
        return bad_line(file, line->number, "is not: path,person (quote what has commas)", err);
    if (line->number == 1 && strcasecmp(fields[0], "path") == 0 && strcasecmp(fields[1], "person") == 0)
        return KITH_OK;
    kith_error why = {0};
    if (fields[0][0] == 0)
        return bad_line(file, line->number, "has no path", err);
    if (kith_person_check(fields[1], &why) != KITH_OK)
        return bad_line(file, line->number, why.text, err);
    char *full = fields[0][0] == '/' ? strdup(fields[0]) : kith_path_join(folder, fields[0]);
    kith_status status = full ? kith_path_absolute(&path, resolver, full, err)
                              : kith_fail(err, KITH_E_MEMORY, 0, file, "no memory to read it");
    free(full);
    if (status != KITH_OK)
        return status;
    return add_row(naming, (row){.path = path, .person = strdup(fields[1]), .line = line->number}, err);
}

static kith_status check_rows(kith_naming *naming, const char *file, kith_error *err) {
    if (naming->count > 0)
        qsort(naming->rows, naming->count, sizeof *naming->rows, by_path);
    for (size_t i = 1; i < naming->count; i++) {
        const row *one = &naming->rows[i - 1], *other = &naming->rows[i];
        if (strcmp(one->path, other->path) == 0 && strcmp(one->person, other->person) != 0)
            return kith_fail(
                err, KITH_E_REFUSED, 0, file, "lines %llu and %llu name the same photo %s and %s",
                (unsigned long long)one->line, (unsigned long long)other->line, one->person, other->person);
    }
    return KITH_OK;
}

static kith_status read_rows(kith_naming *naming, const char *file, kith_error *err) {
    kith_lines *in = NULL;
    kith_path_resolver resolver = {0};
    kith_lines_item line = {0};
    const char *slash = strrchr(file, '/');
    char *folder = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
    kith_status status = folder ? kith_lines_open(&in, file, '\n', KITH_PATH_MOST + KITH_PERSON_MOST, err)
                                : kith_fail(err, KITH_E_MEMORY, 0, file, "no memory to read it");
    while (status == KITH_OK && line.state != KITH_LINES_END) {
        status = kith_lines_next(in, &line, -1, err);
        if (status == KITH_OK && line.state != KITH_LINES_END)
            status = read_row(naming, &resolver, file, folder, &line, err);
    }
    if (status == KITH_OK)
        status = check_rows(naming, file, err);
    kith_path_resolver_clear(&resolver);
    kith_lines_close(&in);
    free(folder);
    return status;
}

kith_status kith_naming_open(kith_naming **out, const char *person, const char *from, kith_error *err) {
    *out = NULL;
    if (person && from)
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "--person and --person-from cannot both be given");
    if (person) {
        kith_error why = {0};
        if (kith_person_check(person, &why) != KITH_OK)
            return kith_fail(err, KITH_E_USAGE, 0, "--person", "%s", why.text);
    }
    kith_naming *made = calloc(1, sizeof *made);
    if (!made)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory");
    made->person = person;
    made->by_folder = from && strcmp(from, "dir") == 0;
    kith_status status = from && !made->by_folder ? read_rows(made, from, err) : KITH_OK;
    if (status != KITH_OK)
        kith_naming_close(&made);
    *out = made;
    return status;
}

void kith_naming_close(kith_naming **naming) {
    if (!*naming)
        return;
    for (size_t i = 0; i < (*naming)->count; i++) {
        free((*naming)->rows[i].path);
        free((*naming)->rows[i].person);
    }
    free((*naming)->rows);
    free(*naming);
    *naming = NULL;
}

static kith_status folder_of(kith_naming *naming, const char *path, const char **out, kith_error *err) {
    const char *end = strrchr(path, '/'), *begin = end;
    while (begin && begin > path && begin[-1] != '/')
        begin--;
    if (!end || begin == end)
        return KITH_OK;
    size_t length = (size_t)(end - begin);
    if (length < sizeof naming->folder) {
        memcpy(naming->folder, begin, length);
        naming->folder[length] = 0;
    }
    kith_error why = {0};
    if (length >= sizeof naming->folder || kith_person_check(naming->folder, &why) != KITH_OK)
        return kith_fail(err, KITH_E_FORMAT, 0, path,
                         "its folder's name is no person's name (rename it, or give names by a CSV file)");
    *out = naming->folder;
    return KITH_OK;
}

kith_status kith_naming_of(kith_naming *naming, const char *path, const char **out, kith_error *err) {
    *out = naming->person;
    if (naming->by_folder)
        return folder_of(naming, path, out, err);
    row key = {.path = (char *)path};
    row *found =
        naming->count > 0 ? bsearch(&key, naming->rows, naming->count, sizeof *naming->rows, by_path) : NULL;
    if (!found)
        return KITH_OK;
    for (row *same = found; same >= naming->rows && strcmp(same->path, path) == 0; same--)
        same->met = true;
    for (row *same = found; same < naming->rows + naming->count && strcmp(same->path, path) == 0; same++)
        same->met = true;
    *out = found->person;
    return KITH_OK;
}

const char *kith_naming_unmet(const kith_naming *naming, size_t *next) {
    while (*next < naming->count)
        if (!naming->rows[(*next)++].met)
            return naming->rows[*next - 1].path;
    return NULL;
}
