/* SPDX-License-Identifier: MIT
 *
 * landmarks.csv: the 68 points of each chip in a folder, or in the folders of a folder.
 */
#include <errno.h>
#include <math.h>

#include "model/train/faces_parts.h"
#include "proto/array.h"
#include "proto/csv.h"
#include "proto/lines.h"

const char kith_set_landmarks_name[] = "landmarks.csv";

enum { VALUES = 2 * KITH_LANDMARKS, LINE_MOST = 16384 };
static const float FARTHEST = 10000; /* pixels from the chip's corner */

typedef struct row {
    char *name;
    float values[VALUES];
} row;

/* One folder, with or without the file. */
typedef struct table {
    char *folder;
    bool there;
    row *rows; /* by name */
    size_t count, room;
} table;

struct set_landmarks {
    table *tables;
    size_t count, room;
};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for landmarks");
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const row *)a)->name, ((const row *)b)->name);
}

static bool parse(row *out, const kith_lines_item *line) {
    char *fields[VALUES + 1], *end = NULL;
    if (kith_csv_row(fields, VALUES + 1, line) != VALUES + 1 || !*fields[0])
        return false;
    out->name = fields[0];
    for (int i = 0; i < VALUES; i++) {
        out->values[i] = strtof(fields[i + 1], &end);
        if (end == fields[i + 1] || *end || !(fabsf(out->values[i]) <= FARTHEST))
            return false;
    }
    return true;
}

static kith_status add_row(table *into, const kith_lines_item *line, const char *path, kith_error *err) {
    row parsed;
    if (kith_lines_blank(line))
        return KITH_OK;
    if (!parse(&parsed, line))
        return kith_fail(err, KITH_E_REFUSED, 0, path,
                         "line %llu is not a picture's path and %d numbers between commas",
                         (unsigned long long)line->number, VALUES);
    row *rows = kith_array_grow(into->rows, into->count, &into->room, sizeof *rows);
    if (!rows)
        return no_memory(err);
    into->rows = rows;
    rows[into->count] = parsed;
    rows[into->count].name = strdup(parsed.name);
    if (!rows[into->count].name)
        return no_memory(err);
    into->count++;
    return KITH_OK;
}

static bool differ(const row *one, const row *other) {
    for (size_t i = 0; i < sizeof one->values / sizeof one->values[0]; i++)
        if (one->values[i] != other->values[i])
            return true;
    return false;
}

/* Which of two rows is right nobody can know; the same twice does no harm. */
static kith_status sort_rows(table *in, const char *path, kith_error *err) {
    if (in->count > 1)
        qsort(in->rows, in->count, sizeof *in->rows, by_name);
    for (size_t i = 1; i < in->count; i++) {
        const row *one = &in->rows[i - 1], *other = &in->rows[i];
        if (by_name(one, other) == 0 && differ(one, other))
            return kith_fail(err, KITH_E_REFUSED, 0, path, "two rows of '%s' differ", one->name);
    }
    return KITH_OK;
}

static kith_status read_table(table *into, const char *path, kith_error *err) {
    kith_lines *lines = NULL;
    kith_lines_item line;
    kith_error cause = {0};
    kith_status status = kith_lines_open(&lines, path, '\n', LINE_MOST, &cause);
    if (status == KITH_E_IO && cause.native == ENOENT)
        return KITH_OK;
    if (status != KITH_OK)
        return kith_fail_with(err, &cause);
    into->there = true;
    while (status == KITH_OK && (status = kith_lines_next(lines, &line, -1, err)) == KITH_OK &&
           line.state != KITH_LINES_END)
        status = add_row(into, &line, path, err);
    kith_lines_close(&lines);
    return status == KITH_OK ? sort_rows(into, path, err) : status;
}

/* Where the folder named by `length` bytes of `path` is among the tables, or belongs. */
static size_t place_of(const set_landmarks *landmarks, const char *path, size_t length, bool *found) {
    size_t low = 0, high = landmarks->count;
    *found = false;
    while (low < high && !*found) {
        size_t middle = (low + high) / 2;
        const char *folder = landmarks->tables[middle].folder;
        int order = strncmp(folder, path, length);
        *found = order == 0 && folder[length] == 0;
        if (*found)
            low = middle;
        else if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The table of that folder (length 0: the current one), read when it is new. */
static kith_status table_of(const table **out, set_landmarks *landmarks, const char *path, size_t length,
                            kith_error *err) {
    bool found;
    size_t at = place_of(landmarks, path, length, &found);
    table *tables = kith_array_grow(landmarks->tables, landmarks->count, &landmarks->room, sizeof *tables);
    if (!tables)
        return no_memory(err);
    landmarks->tables = tables;
    *out = &tables[at];
    if (found)
        return KITH_OK;
    char *folder = strndup(path, length), *name = NULL;
    if (!folder || asprintf(&name, "%s%s%s", folder, length ? "/" : "", kith_set_landmarks_name) < 0) {
        free(folder);
        return no_memory(err);
    }
    memmove(&tables[at + 1], &tables[at], (landmarks->count - at) * sizeof *tables);
    tables[at] = (table){.folder = folder};
    landmarks->count++;
    kith_status status = read_table(&tables[at], name, err);
    free(name);
    return status;
}

/* The length of the folder's part of the first `length` bytes of a path; SIZE_MAX: no folder above it. */
static size_t folder_of(const char *path, size_t length) {
    if (length == 0)
        return SIZE_MAX;
    const char *slash = memrchr(path, '/', length);
    size_t at = slash ? (size_t)(slash - path) : 0;
    return slash == path ? 1 : at;
}

/* The file's own folder, or the one above, whichever has landmarks. */
static kith_status find(set_landmarks *landmarks, set_file *file, kith_error *err) {
    size_t length = strlen(file->path);
    const table *in = NULL;
    for (int above = 0; above < 2 && !(in && in->there); above++) {
        size_t shorter = folder_of(file->path, length);
        if (shorter >= length)
            return KITH_OK;
        length = shorter;
        kith_status status = table_of(&in, landmarks, file->path, length, err);
        if (status != KITH_OK)
            return status;
    }
    while (file->path[length] == '/')
        length++;
    const row key = {.name = file->path + length};
    const row *found = in && in->count ? bsearch(&key, in->rows, in->count, sizeof *in->rows, by_name) : NULL;
    file->landmarks = found ? found->values : NULL;
    return KITH_OK;
}

kith_status kith_set_landmarks_find(set_landmarks **out, set_files *files, kith_error *err) {
    set_landmarks *landmarks = *out = calloc(1, sizeof *landmarks);
    if (!landmarks)
        return no_memory(err);
    kith_status status = KITH_OK;
    for (size_t i = 0; i < files->count && status == KITH_OK; i++)
        if (files->items[i].outcome == SET_WAITING)
            status = find(landmarks, &files->items[i], err);
    return status;
}

void kith_set_landmarks_free(set_landmarks **landmarks) {
    for (size_t t = 0; *landmarks && t < (*landmarks)->count; t++) {
        table *old = &(*landmarks)->tables[t];
        for (size_t i = 0; i < old->count; i++)
            free(old->rows[i].name);
        free(old->rows);
        free(old->folder);
    }
    if (*landmarks)
        free((*landmarks)->tables);
    free(*landmarks);
    *landmarks = NULL;
}
