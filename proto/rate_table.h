/* SPDX-License-Identifier: MIT
 *
 * How alike two faces must be for a chance of error: thresholds by rate, as calibrations measure them, and
 * what lies between and beyond. Pure arithmetic; thread-safe.
 */
#ifndef KITH_PROTO_RATE_TABLE_H
#define KITH_PROTO_RATE_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

enum { KITH_RATE_ROWS = 128 };

typedef struct kith_rate_table {
    size_t count;                     /* at least 2 */
    double rate[KITH_RATE_ROWS];      /* falling, in (0, 1] */
    double threshold[KITH_RATE_ROWS]; /* cosines, never falling */
    double supported;                 /* rates from here on were measured; lower rows are extrapolated */
} kith_rate_table;

/* The threshold at a rate: between rows linear in log(rate); above the first row the first threshold; below
 * the last one the line through the last two rows goes on. At most 1. *extrapolated: nothing was measured
 * there.
 */
double kith_rate_table_threshold(const kith_rate_table *table, double rate, bool *extrapolated);

/* The reverse: the rate at which a threshold stands; at most the first row's. */
double kith_rate_table_rate(const kith_rate_table *table, double threshold);

/* The rate of one comparison when `comparisons` of them together shall err with `chance`, were they
 * independent: 1 - (1 - chance)^(1 / comparisons); and back. Fewer than one counts as one.
 */
double kith_rate_of_one(double chance, double comparisons);
double kith_rate_of_all(double rate, double comparisons);

/* The rates that tables have rows for: 0.5, 0.2, 0.1, 0.05, ... as far as 1e-9; 0 when `row` is beyond. */
double kith_rate_of_row(size_t row);

/* Members of an object: KEY (the rates), "threshold", "supported". Reading refuses anything else
 * (KITH_E_REFUSED; `what` names the object), but for "supported", which is the last row when it is not there.
 * Writing gives not 0 when there is no memory.
 */
kith_status kith_rate_table_read(kith_rate_table *out, const json_t *object, const char *key,
                                 const char *where, const char *what, kith_error *err);
int kith_rate_table_members(json_t *object, const char *key, const kith_rate_table *table);

#endif
