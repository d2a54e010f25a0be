/* SPDX-License-Identifier: MIT
 *
 * Tables for people: columns that line up whatever the script of a name, colours and shortened paths only on
 * a terminal. A table of which all rows are known is fitted first and printed then; one that grows while it
 * is read (identify) prints each row at once and widens from then on. Cells are untrusted text and are made
 * printable here. Needs a UTF-8 LC_CTYPE, as kith_program_run() sets it.
 */
#ifndef KITH_QUERY_COLUMNS_H
#define KITH_QUERY_COLUMNS_H

#include <stdbool.h>
#include <stdio.h>

enum { KITH_COLUMNS_MOST = 8, KITH_CELL_SIZE = 8192 };

typedef enum kith_style { KITH_PLAIN, KITH_GOOD, KITH_DOUBT, KITH_NEUTRAL, KITH_FAINT } kith_style;

typedef struct kith_column {
    const char *title;
    int least;   /* width */
    bool number; /* at the right edge */
    int share;   /* a path: loses its middle beyond 1 / share of a terminal; 0: never */
} kith_column;

typedef struct kith_cell {
    const char *text; /* NULL: empty */
    kith_style style;
} kith_cell;

typedef struct kith_columns {
    FILE *out;
    const kith_column *columns;
    size_t count;
    int widths[KITH_COLUMNS_MOST];
    int screen; /* columns of the terminal, 0: none */
    bool color;
} kith_columns;

/* The table's columns must outlive it. */
void kith_columns_start(kith_columns *table, FILE *out, const kith_column *columns, size_t count, bool color);

/* Widens the columns for a row that will come. */
void kith_columns_fit(kith_columns *table, const kith_cell *cells);

void kith_columns_head(kith_columns *table);
void kith_columns_row(kith_columns *table, const kith_cell *cells);

/* How many columns of a terminal printable UTF-8 text takes. */
int kith_text_width(const char *text);

/* Text of at most `width` columns: the middle of a longer one becomes an ellipsis, with more of its end left
 * than of its beginning. There is room for two more bytes behind it.
 */
void kith_shorten(char *text, int width);

#endif
