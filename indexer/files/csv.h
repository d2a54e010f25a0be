/* SPDX-License-Identifier: MIT
 *
 * One row of CSV (RFC 4180): fields between commas, quoted ones with "" for a quote. A row is one line: paths
 * with newlines need another way.
 */
#ifndef KITH_INDEXER_CSV_H
#define KITH_INDEXER_CSV_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts `line` in place into up to `most` fields. Returns their number, or 0: more fields, or quotes that do
 * not fit.
 */
size_t kith_csv_split(char **fields, size_t most, char *line);

#endif
