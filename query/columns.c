/* SPDX-License-Identifier: MIT */
#include "query/columns.h"

#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "proto/status.h"

/* One character: its bytes and columns. Text that is not in the locale's encoding counts byte by byte. */
static size_t character(const char *text, int *columns) {
    wchar_t wide;
    mbstate_t state = {0};
    size_t bytes = mbrtowc(&wide, text, MB_CUR_MAX, &state);
    if (bytes == 0 || bytes > MB_CUR_MAX) {
        *columns = 1;
        return 1;
    }
    int width = wcwidth(wide);
    *columns = width < 0 ? 1 : width;
    return bytes;
}

int kith_text_width(const char *text) {
    int width = 0, columns;
    while (*text) {
        text += character(text, &columns);
        width += columns;
    }
    return width;
}

void kith_shorten(char *text, int width) {
    int whole = kith_text_width(text), columns;
    if (whole <= width || width < 3)
        return;
    int head = (width - 1) / 3, tail = width - 1 - head;
    char *cut = text;
    for (int used = 0; *cut; cut += character(cut, &columns)) {
        character(cut, &columns);
        used += columns;
        if (used > head)
            break;
    }
    char *rest = cut;
    for (int left = kith_text_width(rest); left > tail; left -= columns)
        rest += character(rest, &columns);
    static const char ellipsis[] = "\xe2\x80\xa6";
    memmove(cut + sizeof ellipsis - 1, rest, strlen(rest) + 1);
    memcpy(cut, ellipsis, sizeof ellipsis - 1);
}

static int screen_width(FILE *out) {
    struct winsize size;
    if (!isatty(fileno(out)))
        return 0;
    return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void kith_columns_start(kith_columns *table, FILE *out, const kith_column *columns, size_t count,
                        bool color) {
    *table = (kith_columns){.out = out, .columns = columns, .count = count, .color = color};
    table->screen = screen_width(out);
    for (size_t i = 0; i < count; i++) {
        int title = kith_text_width(columns[i].title);
        table->widths[i] = title > columns[i].least ? title : columns[i].least;
    }
}

/* A cell as it will be seen; returns its width. */
static int seen(char out[KITH_CELL_SIZE], const kith_columns *table, size_t column, const char *text) {
    kith_printable(out, KITH_CELL_SIZE - 2, text ? text : "", SIZE_MAX);
    if (table->columns[column].share > 0 && table->screen > 0)
        kith_shorten(out, table->screen / table->columns[column].share);
    return kith_text_width(out);
}

void kith_columns_fit(kith_columns *table, const kith_cell *cells) {
    char text[KITH_CELL_SIZE];
    for (size_t i = 0; i < table->count; i++) {
        int width = seen(text, table, i, cells[i].text);
        if (width > table->widths[i])
            table->widths[i] = width;
    }
}

static const char *const sgr[] = {
    [KITH_PLAIN] = "",           [KITH_GOOD] = "\x1b[1;32m", [KITH_DOUBT] = "\x1b[33m",
    [KITH_NEUTRAL] = "\x1b[36m", [KITH_FAINT] = "\x1b[2m",
};

static void print_cell(const kith_columns *table, size_t column, const char *text, int width,
                       kith_style style, bool last) {
    bool number = table->columns[column].number;
    int gap = table->widths[column] - width;
    const char *start = table->color && *text ? sgr[style] : "";
    fprintf(table->out, "%*s%s%s%s%*s%s", number && gap > 0 ? gap : 0, "", start, text,
            *start ? "\x1b[0m" : "", !number && !last && gap > 0 ? gap : 0, "", last ? "\n" : "  ");
}

/* Cells up to the last that is not empty: no line ends in blanks. */
static size_t filled(const kith_columns *table, const kith_cell *cells) {
    size_t count = table->count;
    while (count > 1 && (!cells[count - 1].text || !*cells[count - 1].text))
        count--;
    return count;
}

void kith_columns_row(kith_columns *table, const kith_cell *cells) {
    char text[KITH_CELL_SIZE];
    size_t count = filled(table, cells);
    kith_columns_fit(table, cells);
    for (size_t i = 0; i < count; i++) {
        int width = seen(text, table, i, cells[i].text);
        print_cell(table, i, text, width, cells[i].style, i + 1 == count);
    }
}

void kith_columns_head(kith_columns *table) {
    kith_cell cells[KITH_COLUMNS_MOST];
    for (size_t i = 0; i < table->count; i++)
        cells[i] = (kith_cell){table->columns[i].title, KITH_FAINT};
    kith_columns_row(table, cells);
}
