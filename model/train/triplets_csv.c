/* SPDX-License-Identifier: MIT
 *
 * Triplets as CSV: one row each, with or without a header line.
 */
#include <errno.h>
#include <libgen.h>
#include <search.h>
#include <strings.h>

#include "model/train/triplets.h"
#include "proto/array.h"
#include "proto/csv.h"
#include "proto/lines.h"
#include "proto/replace.h"
#include "proto/stop.h"

enum { LINE_MOST = 65536, FIELDS_MOST = 64 };

typedef enum column { FILES, CHANGES = FILES + KITH_TRIPLET, SPLIT = CHANGES + KITH_TRIPLET, COLUMNS } column;

static const char *const names[COLUMNS] = {
    "anchor", "positive", "negative", "anchor_augmentation", "positive_augmentation", "negative_augmentation",
    "split"};
static const char *const splits[] = {"train", "validation"};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for triplets");
}

/* ---- reading ---- */

/* A file that rows name, in a tree by path. */
typedef struct known {
    char *path; /* kith_triplets.files owns it */
    uint32_t number;
} known;

typedef struct reader {
    kith_triplets *out;
    size_t file_room;
    void *tree; /* of known */
    char *folder;
    const char *path;
    int places[COLUMNS]; /* of the columns; -1: not there */
    kith_triplets_tell *tell;
    void *context;
} reader;

static int by_path(const void *a, const void *b) {
    return strcmp(((const known *)a)->path, ((const known *)b)->path);
}

/* Takes `path`, newly allocated. */
static kith_status number_of(reader *r, uint32_t *out, char *path, kith_error *err) {
    kith_triplets *triplets = r->out;
    known *key = malloc(sizeof *key), **found = NULL;
    char **files = kith_array_grow(triplets->files, triplets->file_count, &r->file_room, sizeof *files);
    if (files)
        triplets->files = files;
    if (key && files) {
        *key = (known){path, (uint32_t)triplets->file_count};
        found = tsearch(key, &r->tree, by_path);
    }
    if (found)
        *out = (*found)->number;
    if (found && *found == key) {
        files[triplets->file_count++] = path;
        return KITH_OK;
    }
    free(key);
    free(path);
    return found ? KITH_OK : no_memory(err);
}

static kith_status number_file(reader *r, uint32_t *out, const char *field, kith_error *err) {
    char *path = NULL;
    bool whole = field[0] == '/' || strcmp(r->folder, ".") == 0;
    if (asprintf(&path, "%s%s%s", whole ? "" : r->folder, whole ? "" : "/", field) < 0)
        return no_memory(err);
    return number_of(r, out, path, err);
}

/* Tells it; false. */
static bool wrong(reader *r, uint64_t line, const char *what, const char *field) {
    kith_error about = {0};
    char text[128];
    kith_printable(text, sizeof text, field, SIZE_MAX);
    kith_fail(&about, KITH_E_FORMAT, 0, r->path, "line %llu %s%s%s%s; left out", (unsigned long long)line,
              what, *field ? ": '" : "", text, *field ? "'" : "");
    if (r->tell)
        r->tell(r->context, &about);
    return false;
}

/* The field of a column, "" when there is none. */
static const char *field_of(const reader *r, char *const *fields, size_t count, int at) {
    return r->places[at] >= 0 && (size_t)r->places[at] < count ? fields[r->places[at]] : "";
}

/* What is not about files. False: told. */
static bool parse_row(reader *r, kith_triplet *out, char *const *fields, size_t count, uint64_t line) {
    const char *split = field_of(r, fields, count, SPLIT);
    *out = (kith_triplet){.line = (uint32_t)line, .validation = strcasecmp(split, splits[true]) == 0};
    for (int role = 0; role < KITH_TRIPLET; role++) {
        const char *change = field_of(r, fields, count, CHANGES + role);
        if (!*field_of(r, fields, count, FILES + role))
            return wrong(r, line, "has an empty column", names[FILES + role]);
        if (!kith_augmentation_parse(&out->augmentation[role], change))
            return wrong(r, line, "has an unknown augmentation", change);
    }
    if (*split && !out->validation && strcasecmp(split, splits[false]) != 0)
        return wrong(r, line, "has a split that is neither train nor validation", split);
    return true;
}

/* A line as fields. False: told. */
static bool split_line(reader *r, char **fields, size_t *count, const kith_lines_item *line) {
    if (line->state == KITH_LINES_LONG)
        return wrong(r, line->number, "is too long", "");
    *count = kith_csv_row(fields, FIELDS_MOST, line);
    return *count >= KITH_TRIPLET || wrong(r, line->number, "is no row of anchor, positive and negative", "");
}

static kith_status add_row(reader *r, const kith_lines_item *line, kith_error *err) {
    char *fields[FIELDS_MOST];
    size_t count = 0;
    kith_triplet triplet;
    if (!split_line(r, fields, &count, line) || !parse_row(r, &triplet, fields, count, line->number))
        return KITH_OK;
    kith_triplet *items = kith_array_grow(r->out->items, r->out->count, &r->out->room, sizeof *items);
    if (!items)
        return no_memory(err);
    r->out->items = items;
    kith_status status = KITH_OK;
    for (int role = 0; role < KITH_TRIPLET && status == KITH_OK; role++)
        status = number_file(r, &triplet.face[role], field_of(r, fields, count, FILES + role), err);
    if (status != KITH_OK)
        return status;
    const uint32_t *face = triplet.face, negative = face[KITH_NEGATIVE];
    if (negative != face[KITH_ANCHOR] && negative != face[KITH_POSITIVE])
        items[r->out->count++] = triplet;
    else
        wrong(r, line->number, "calls a picture another person than itself",
              field_of(r, fields, count, FILES + KITH_NEGATIVE));
    return KITH_OK;
}

/* The first line, when it is a header: where the columns are. *header false: it is a row. */
static kith_status read_header(reader *r, const kith_lines_item *line, bool *header, kith_error *err) {
    char *copy = strdup(line->text), *fields[FIELDS_MOST];
    if (!copy)
        return no_memory(err);
    size_t count = kith_csv_split(fields, FIELDS_MOST, copy);
    *header = false;
    for (int c = 0; c < COLUMNS; c++) {
        r->places[c] = -1;
        for (size_t i = 0; i < count; i++)
            if (strcasecmp(fields[i], names[c]) == 0)
                r->places[c] = (int)i;
        *header |= r->places[c] >= 0;
    }
    free(copy);
    for (int role = 0; role < KITH_TRIPLET; role++) {
        if (*header && r->places[FILES + role] < 0)
            return kith_fail(err, KITH_E_REFUSED, 0, r->path, "its header line has no column '%s'",
                             names[FILES + role]);
        if (!*header)
            r->places[FILES + role] = FILES + role;
    }
    return KITH_OK;
}

static kith_status read_rows(reader *r, kith_lines *lines, kith_error *err) {
    kith_lines_item line;
    bool begun = false;
    kith_status status;
    while ((status = kith_lines_next(lines, &line, -1, err)) == KITH_OK && line.state != KITH_LINES_END) {
        bool header = false;
        if (kith_lines_blank(&line))
            continue;
        if (!begun && line.state == KITH_LINES_LINE)
            status = read_header(r, &line, &header, err);
        begun = true;
        if (status == KITH_OK && !header)
            status = add_row(r, &line, err);
        if (status != KITH_OK)
            break;
    }
    return status;
}

kith_status kith_triplets_read(kith_triplets **out, const char *path, kith_triplets_tell *tell_row,
                               void *context, kith_error *err) {
    kith_lines *lines = NULL;
    reader r = {.path = path, .tell = tell_row, .context = context, .places = {0, 1, 2, -1, -1, -1, -1}};
    char *copy = strdup(path);
    r.out = *out = calloc(1, sizeof **out);
    if (!copy || !*out) {
        free(copy);
        kith_triplets_free(out);
        return no_memory(err);
    }
    r.folder = dirname(copy);
    kith_status status = kith_lines_open(&lines, path, '\n', LINE_MOST, err);
    if (status == KITH_OK)
        status = read_rows(&r, lines, err);
    if (status == KITH_OK && r.out->count == 0)
        status = kith_fail(err, KITH_E_REFUSED, 0, path, "no row of it is a triplet");
    kith_lines_close(&lines);
    tdestroy(r.tree, free);
    free(copy);
    if (status != KITH_OK)
        kith_triplets_free(out);
    return status;
}

/* ---- writing ---- */

/* How faces are called in the file; the folder that was resolved last is remembered. */
typedef struct places {
    char *base; /* the CSV file's folder, resolved */
    char *folder, *resolved;
} places;

static void places_clear(places *p) {
    free(p->base);
    free(p->folder);
    free(p->resolved);
}

static kith_status resolve(char **out, const char *folder, kith_error *err) {
    *out = realpath(folder, NULL);
    if (*out)
        return KITH_OK;
    return errno == ENOMEM ? no_memory(err) : kith_fail(err, KITH_E_IO, errno, folder, "%s", strerror(errno));
}

/* Makes p->resolved the folder of `path`. */
static kith_status enter(places *p, const char *path, kith_error *err) {
    char *copy = strdup(path);
    if (!copy)
        return no_memory(err);
    const char *folder = dirname(copy);
    kith_status status = KITH_OK;
    if (!p->folder || !p->resolved || strcmp(p->folder, folder) != 0) {
        free(p->folder);
        free(p->resolved);
        p->resolved = NULL;
        p->folder = strdup(folder);
        status = p->folder ? resolve(&p->resolved, folder, err) : no_memory(err);
    }
    free(copy);
    return status;
}

static kith_status put_path(FILE *file, places *p, const char *path, kith_error *err) {
    kith_status status = enter(p, path, err);
    if (status != KITH_OK || !p->resolved)
        return status;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *whole = NULL;
    if (asprintf(&whole, "%s/%s", strcmp(p->resolved, "/") == 0 ? "" : p->resolved, name) < 0)
        return no_memory(err);
    size_t length = strlen(p->base);
    bool below = strncmp(whole, p->base, length) == 0 && whole[length] == '/';
    kith_csv_put(file, below ? whole + length + 1 : whole);
    free(whole);
    return KITH_OK;
}

static kith_status put_row(FILE *file, places *p, const kith_triplet *triplet, const kith_face_set *set,
                           kith_error *err) {
    kith_status status = KITH_OK;
    for (int role = 0; role < KITH_TRIPLET && status == KITH_OK; role++) {
        status = put_path(file, p, set->faces[triplet->face[role]].path, err);
        fputc(',', file);
    }
    for (int role = 0; role < KITH_TRIPLET; role++) {
        char text[KITH_AUGMENTATION_TEXT];
        kith_augmentation_text(text, &triplet->augmentation[role]);
        fprintf(file, "%s,", text);
    }
    fprintf(file, "%s\n", splits[triplet->validation]);
    return status;
}

kith_status kith_triplets_write(const char *path, const kith_triplets *triplets, const kith_face_set *set,
                                kith_error *err) {
    kith_replacement file;
    places p = {0};
    char *copy = strdup(path);
    kith_status status = copy ? resolve(&p.base, dirname(copy), err) : no_memory(err);
    if (status == KITH_OK)
        status = kith_replace_begin(&file, path, err);
    if (status == KITH_OK) {
        for (int c = 0; c < COLUMNS; c++)
            fprintf(file.file, "%s%c", names[c], c + 1 < COLUMNS ? ',' : '\n');
        for (size_t i = 0; i < triplets->count && status == KITH_OK; i++)
            if ((status = kith_stop_error(err)) == KITH_OK)
                status = put_row(file.file, &p, &triplets->items[i], set, err);
        status = kith_replace_end(&file, status, err);
    }
    places_clear(&p);
    free(copy);
    return status;
}
