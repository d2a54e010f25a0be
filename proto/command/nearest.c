/* SPDX-License-Identifier: MIT
 *
 * Which known word a misspelt one may have meant: the fewest insertions, deletions, replacements and swaps of
 * neighbours (optimal string alignment distance; Damerau 1964).
 */
#include <stdint.h>

#include "proto/command/table.h"

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][LONGEST + 1]; /* two rows back, one row back, this row; turned round */
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

void kith_nearest_offer(kith_nearest *nearest, const char *candidate, size_t length) {
    size_t given = strlen(nearest->word);
    if (given == 0 || given > LONGEST || length > LONGEST)
        return;
    size_t found = distance(nearest->word, given, candidate, length);
    if (given >= 3 && given < length && memcmp(nearest->word, candidate, given) == 0)
        found = 1; /* its beginning */
    if (found > (given < 5 ? 1 : given / 3))
        return;
    if (!nearest->best || found < nearest->distance) {
        nearest->best = candidate;
        nearest->length = length;
        nearest->distance = found;
    }
}
