/* SPDX-License-Identifier: MIT */
#include "model/evaluate/pairs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "proto/array.h"
#include "proto/csv.h"
#include "proto/lines.h"

enum {
    FIELDS = 4,
    USUAL_FOLDS = 10,
    FOLDS_MOST = 10000,
    ROWS_MOST = 1000000000,
    PAIRS_MOST = INT_MAX,
    LINE_MOST = 2 * KITH_PATH_MOST + 64,
};

typedef struct pair_reader {
    kith_pair_list *list;
    kith_study *study;
    const char *path;
    bool lfw, has_folds;   /* in a CSV: it names them */
    bool folders;          /* a photo's first folder is its person */
    long folds, rows;      /* of LFW: what its first line says; rows of each kind in a fold */
    kith_names fold_names; /* of a CSV */
} pair_reader;

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the list of pairs");
}

static kith_status bad_line(const pair_reader *reader, uint64_t line, const char *what, kith_error *err) {
    return kith_fail(err, KITH_E_REFUSED, 0, reader->path, "line %llu %s", (unsigned long long)line, what);
}

/* Whom the photos show is known when all pairs are: person 0 until then. */
static kith_status add_pair(pair_reader *reader, const char *a, const char *b, kith_pair pair,
                            kith_error *err) {
    kith_pair_list *list = reader->list;
    kith_status status = kith_study_add(reader->study, a, 0, &pair.a, err);
    if (status == KITH_OK)
        status = kith_study_add(reader->study, b, 0, &pair.b, err);
    if (status != KITH_OK)
        return status;
    if (pair.a == pair.b)
        return bad_line(reader, pair.line, "pairs a photo with itself", err);
    if (list->count == PAIRS_MOST)
        return kith_fail(err, KITH_E_LIMIT, 0, reader->path, "more than %d pairs", PAIRS_MOST);
    kith_pair *items = kith_array_grow(list->items, list->count, &list->room, sizeof *items);
    if (!items)
        return no_memory(err);
    list->items = items;
    items[list->count++] = pair;
    return KITH_OK;
}

/* ---- LFW ---- */

static bool number_of(long *out, const char *text, long low, long high) {
    char *end;
    *out = strtol(text, &end, 10);
    return end != text && *end == 0 && *out >= low && *out <= high;
}

/* Words between spaces or tabs, cut in place; 0: more than FIELDS. */
static size_t split_words(char *fields[FIELDS], char *line) {
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        if (count == FIELDS)
            return 0;
        fields[count++] = word;
    }
    return count;
}

/* "10<tab>300" or "1100": nothing but numbers. Leaves the line as it is when it is something else. */
static bool take_lfw_header(pair_reader *reader, char *line) {
    char *fields[FIELDS];
    if (line[strspn(line, "0123456789 \t\r")] != 0)
        return false;
    size_t count = split_words(fields, line);
    reader->folds = 1;
    return (count == 1 && number_of(&reader->rows, fields[0], 1, ROWS_MOST)) ||
           (count == 2 && number_of(&reader->folds, fields[0], 1, FOLDS_MOST) &&
            number_of(&reader->rows, fields[1], 1, ROWS_MOST));
}

static kith_status take_lfw_row(pair_reader *reader, const kith_lines_item *line, kith_error *err) {
    char *fields[FIELDS], a[1024], b[1024];
    long i, j, block = 2 * reader->rows;
    size_t count = split_words(fields, line->text);
    if (count < 3 || !number_of(&i, fields[1], 0, ROWS_MOST) ||
        !number_of(&j, fields[count - 1], 0, ROWS_MOST))
        return bad_line(reader, line->number, "is neither \"name i j\" nor \"name i name j\"", err);
    const char *second = count == 4 ? fields[2] : fields[0];
    if (snprintf(a, sizeof a, "%s/%s_%04ld.jpg", fields[0], fields[0], i) >= (int)sizeof a ||
        snprintf(b, sizeof b, "%s/%s_%04ld.jpg", second, second, j) >= (int)sizeof b)
        return bad_line(reader, line->number, "has a name that is too long", err);
    const kith_pair pair = {
        .same = count == 3, .fold = (int)((long)reader->list->count / block), .line = (uint32_t)line->number};
    return add_pair(reader, a, b, pair, err);
}

static kith_status check_lfw(pair_reader *reader, kith_error *err) {
    size_t wanted = (size_t)reader->folds * 2 * (size_t)reader->rows;
    if (reader->list->count != wanted)
        return kith_fail(err, KITH_E_REFUSED, 0, reader->path,
                         "its first line promises %zu pairs, and there are %zu (is it complete?)", wanted,
                         reader->list->count);
    reader->list->folds = (int)reader->folds;
    return KITH_OK;
}

/* ---- CSV ---- */

static kith_status take_csv_row(pair_reader *reader, const kith_lines_item *line, kith_error *err) {
    char *fields[FIELDS];
    uint32_t fold = 0;
    size_t count = kith_csv_split(fields, FIELDS, line->text);
    bool first = reader->list->count == 0;
    if (count < 3 || (!first && (count == 4) != reader->has_folds))
        return bad_line(reader, line->number, "is not a,b,same or a,b,same,fold like the others", err);
    if (line->number == 1 && strcmp(fields[2], "same") == 0)
        return KITH_OK;
    bool same = strcmp(fields[2], "1") == 0;
    if (fields[0][0] == 0 || fields[1][0] == 0 || (!same && strcmp(fields[2], "0") != 0))
        return bad_line(reader, line->number, "wants two photos, and 1 (the same person) or 0", err);
    reader->has_folds = count == 4;
    if (reader->has_folds && !kith_names_add(&reader->fold_names, fields[3], &fold))
        return no_memory(err);
    if (fold >= FOLDS_MOST)
        return bad_line(reader, line->number, "is of too many different folds", err);
    const kith_pair pair = {.same = same, .fold = (int)fold, .line = (uint32_t)line->number};
    return add_pair(reader, fields[0], fields[1], pair, err);
}

/* ---- folds and persons ---- */

/* Each kind of pair is cut into equal parts, in its order. */
static void cut_folds(kith_pair_list *list) {
    size_t all[2] = {0}, seen[2] = {0};
    for (size_t i = 0; i < list->count; i++)
        all[list->items[i].same]++;
    size_t least = all[0] < all[1] ? all[0] : all[1];
    list->folds = least < USUAL_FOLDS ? (int)least : USUAL_FOLDS;
    for (size_t i = 0; i < list->count; i++) {
        kith_pair *pair = &list->items[i];
        pair->fold = (int)(seen[pair->same]++ * (size_t)list->folds / all[pair->same]);
    }
}

static uint32_t root_of(uint32_t *parents, uint32_t photo) {
    while (parents[photo] != photo)
        photo = parents[photo] = parents[parents[photo]];
    return photo;
}

/* Length of the folder that a photo lies in, the first one of its path; 0: none. */
static size_t folder_of(const char *name) {
    size_t length = strcspn(name, "/");
    return name[length] ? length : 0;
}

/* Whether folders are persons in a CSV, too: each photo has one, and no pair says otherwise. */
static bool folders_are_persons(const pair_reader *reader) {
    char *const *names = reader->study->names.items;
    for (size_t i = 0; i < reader->list->count; i++) {
        const kith_pair *pair = &reader->list->items[i];
        const char *a = names[pair->a], *b = names[pair->b];
        size_t length = folder_of(a);
        bool same = length == folder_of(b) && memcmp(a, b, length) == 0;
        if (length == 0 || folder_of(b) == 0 || same != pair->same)
            return false;
    }
    return true;
}

/* The name of the person of a photo: its folder, or the first photo that pairs connect it with. */
static char *person_of(const pair_reader *reader, uint32_t *parents, uint32_t photo) {
    const char *name = reader->study->names.items[photo];
    return reader->folders ? strndup(name, strcspn(name, "/"))
                           : strdup(reader->study->names.items[root_of(parents, photo)]);
}

static kith_status name_persons(const pair_reader *reader, uint32_t *parents, kith_error *err) {
    kith_study *study = reader->study;
    for (uint32_t i = 0; i < study->names.count; i++) {
        char *person = person_of(reader, parents, i);
        bool good = person && kith_names_add(&study->persons, person, &study->photos[i].person);
        free(person);
        if (!good)
            return no_memory(err);
    }
    for (size_t i = 0; i < reader->list->count; i++) {
        const kith_pair *pair = &reader->list->items[i];
        if (!pair->same && study->photos[pair->a].person == study->photos[pair->b].person)
            return bad_line(reader, pair->line, "calls two photos different that others make one person",
                            err);
    }
    return KITH_OK;
}

static kith_status find_persons(const pair_reader *reader, kith_error *err) {
    uint32_t *parents = calloc(reader->study->names.count + 1, sizeof *parents);
    if (!parents)
        return no_memory(err);
    for (uint32_t i = 0; i < reader->study->names.count; i++)
        parents[i] = i;
    for (size_t i = 0; i < reader->list->count; i++) {
        const kith_pair *pair = &reader->list->items[i];
        uint32_t a = root_of(parents, pair->a), b = root_of(parents, pair->b);
        if (pair->same)
            parents[a > b ? a : b] = a > b ? b : a;
    }
    kith_status status = name_persons(reader, parents, err);
    free(parents);
    return status;
}

static kith_status take_line(pair_reader *reader, const kith_lines_item *line, kith_error *err) {
    if (line->state == KITH_LINES_LONG || line->number > UINT32_MAX)
        return bad_line(reader, line->number, "is too long", err);
    if (kith_lines_blank(line))
        return KITH_OK;
    if (strlen(line->text) != line->length)
        return bad_line(reader, line->number, "is no text", err);
    if (line->number == 1 && take_lfw_header(reader, line->text)) {
        reader->lfw = true;
        return KITH_OK;
    }
    return reader->lfw ? take_lfw_row(reader, line, err) : take_csv_row(reader, line, err);
}

static kith_status read_all(pair_reader *reader, kith_error *err) {
    kith_lines *lines = NULL;
    kith_lines_item line = {0};
    kith_status status = kith_lines_open(&lines, reader->path, '\n', LINE_MOST, err);
    while (status == KITH_OK && line.state != KITH_LINES_END) {
        status = kith_lines_next(lines, &line, -1, err);
        if (status == KITH_OK && line.state != KITH_LINES_END)
            status = take_line(reader, &line, err);
    }
    kith_lines_close(&lines);
    if (status == KITH_OK && reader->lfw)
        status = check_lfw(reader, err);
    if (status == KITH_OK && reader->list->count == 0)
        status = kith_fail(err, KITH_E_REFUSED, 0, reader->path, "has no pairs");
    return status;
}

kith_status kith_pair_list_read(kith_pair_list *out, kith_study *study, const char *path, kith_error *err) {
    pair_reader reader = {.list = out, .study = study, .path = path};
    *out = (kith_pair_list){0};
    kith_status status = read_all(&reader, err);
    reader.folders = reader.lfw || folders_are_persons(&reader);
    if (status == KITH_OK)
        status = find_persons(&reader, err);
    if (reader.has_folds)
        out->folds = (int)reader.fold_names.count;
    if (status == KITH_OK && out->folds < 2)
        cut_folds(out);
    kith_names_clear(&reader.fold_names);
    if (status != KITH_OK)
        kith_pair_list_clear(out);
    return status;
}

void kith_pair_list_clear(kith_pair_list *list) {
    free(list->items);
    *list = (kith_pair_list){0};
}
