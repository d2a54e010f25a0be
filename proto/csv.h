/* SPDX-License-Identifier: MIT
 *
 * One row of CSV (RFC 4180): fields between commas, quoted ones with "" for a quote. A row is one line: paths
 * with newlines need another way.
 */
#ifndef KITH_PROTO_CSV_H
#define KITH_PROTO_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "proto/lines.h"

/* Cuts `line` in place into up to `most` fields. Returns their number, or 0: more fields, or quotes that do
 * not fit.
 */
size_t kith_csv_split(char **fields, size_t most, char *line);

/* The same of a line that was read; 0 as well: it is too long, or no text. */
size_t kith_csv_row(char **fields, size_t most, const kith_lines_item *line);

/* Writes one field, quoted where it must be; the commas are the caller's. */
void kith_csv_put(FILE *out, const char *field);

#endif
