/* SPDX-License-Identifier: MIT */
#include "model/train/history.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <unistd.h>

#include "proto/array.h"
#include "proto/csv.h"
#include "proto/lines.h"
#include "proto/replace.h"

typedef struct column {
    const char *name;
    bool whole; /* a long, not a double */
    size_t offset;
} column;

static const column columns[] = {
    {"epoch", true, offsetof(kith_epoch, epoch)},
    {"step", true, offsetof(kith_epoch, step)},
    {"loss", false, offsetof(kith_epoch, training.loss)},
    {"s_ap", false, offsetof(kith_epoch, training.s_ap)},
    {"s_an", false, offsetof(kith_epoch, training.s_an)},
    {"to_target", false, offsetof(kith_epoch, training.to_target)},
    {"validation_loss", false, offsetof(kith_epoch, validation.loss)},
    {"validation_s_ap", false, offsetof(kith_epoch, validation.s_ap)},
    {"validation_s_an", false, offsetof(kith_epoch, validation.s_an)},
    {"validation_to_target", false, offsetof(kith_epoch, validation.to_target)},
    {"accuracy", false, offsetof(kith_epoch, accuracy)},
    {"rate", false, offsetof(kith_epoch, rate)},
    {"images_per_second", false, offsetof(kith_epoch, images)},
    {"seconds", false, offsetof(kith_epoch, seconds)},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

kith_status kith_history_add(kith_history *history, const kith_epoch *row, kith_error *err) {
    kith_epoch *rows = kith_array_grow(history->rows, history->count, &history->room, sizeof *rows);
    if (!rows)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the history");
    history->rows = rows;
    history->rows[history->count++] = *row;
    return KITH_OK;
}

void kith_history_clear(kith_history *history) {
    free(history->rows);
    *history = (kith_history){0};
}

static void write_row(FILE *file, const kith_epoch *row) {
    for (int c = 0; c < COLUMNS; c++) {
        const void *field = (const char *)row + columns[c].offset;
        const char *comma = c + 1 < COLUMNS ? "," : "\n";
        if (columns[c].whole)
            fprintf(file, "%ld%s", *(const long *)field, comma);
        else if (isfinite(*(const double *)field))
            fprintf(file, "%.6g%s", *(const double *)field, comma);
        else
            fputs(comma, file);
    }
}

kith_status kith_history_write(const char *path, const kith_history *history, kith_error *err) {
    kith_replacement to;
    kith_status status = kith_replace_begin(&to, path, err);
    if (status != KITH_OK)
        return status;
    for (int c = 0; c < COLUMNS; c++)
        fprintf(to.file, "%s%s", columns[c].name, c + 1 < COLUMNS ? "," : "\n");
    for (size_t i = 0; i < history->count; i++)
        write_row(to.file, &history->rows[i]);
    return kith_replace_end(&to, KITH_OK, err);
}

static bool read_field(void *out, const column *of, const char *text) {
    char *end;
    if (!of->whole && !*text) {
        *(double *)out = NAN;
        return true;
    }
    errno = 0;
    if (of->whole)
        *(long *)out = strtol(text, &end, 10);
    else
        *(double *)out = strtod(text, &end);
    return end != text && !*end && errno == 0 && (!of->whole || *(long *)out >= 0);
}

static bool read_row(kith_epoch *out, const kith_lines_item *line) {
    char *fields[COLUMNS];
    if (kith_csv_row(fields, COLUMNS, line) != COLUMNS)
        return false;
    for (int c = 0; c < COLUMNS; c++)
        if (!read_field((char *)out + columns[c].offset, &columns[c], fields[c]))
            return false;
    return true;
}

static bool is_header(const kith_lines_item *line) {
    char *fields[COLUMNS];
    if (kith_csv_row(fields, COLUMNS, line) != COLUMNS)
        return false;
    for (int c = 0; c < COLUMNS; c++)
        if (strcmp(fields[c], columns[c].name) != 0)
            return false;
    return true;
}

/* A bad line is an error only when others follow: the last one may be unfinished. */
static kith_status read_rows(kith_history *out, kith_lines *lines, const char *path, long last,
                             kith_error *err) {
    kith_lines_item line;
    uint64_t bad = 0;
    kith_status status;
    while ((status = kith_lines_next(lines, &line, -1, err)) == KITH_OK && line.state != KITH_LINES_END) {
        kith_epoch row = {0};
        if (bad > 0 || line.number > KITH_EPOCHS_MOST)
            return kith_fail(err, KITH_E_FORMAT, 0, path,
                             "line %llu is no row of a history (without this file the run goes on, too)",
                             (unsigned long long)(bad > 0 ? bad : line.number));
        bool good = line.number == 1 ? is_header(&line) : read_row(&row, &line);
        if (!good)
            bad = line.number;
        else if (line.number > 1 && row.epoch <= last)
            status = kith_history_add(out, &row, err);
        if (status != KITH_OK)
            return status;
    }
    return status;
}

kith_status kith_history_read(kith_history *out, const char *path, long last, kith_error *err) {
    kith_lines *lines = NULL;
    *out = (kith_history){0};
    if (access(path, F_OK) != 0)
        return KITH_OK;
    kith_status status = kith_lines_open(&lines, path, '\n', 4096, err);
    if (status == KITH_OK)
        status = read_rows(out, lines, path, last, err);
    kith_lines_close(&lines);
    if (status != KITH_OK)
        kith_history_clear(out);
    return status;
}
