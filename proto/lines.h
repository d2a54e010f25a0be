/* SPDX-License-Identifier: MIT
 *
 * Lines of a file or pipe, one at a time, in bounded memory: lists of files, CSV, JSON lines. A line that is
 * longer than the limit is reported as such and passed over. One thread.
 */
#ifndef KITH_PROTO_LINES_H
#define KITH_PROTO_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/status.h"

typedef struct kith_lines kith_lines;

typedef enum kith_lines_state {
    KITH_LINES_LINE, /* text and length are the line, without its delimiter and with a zero byte behind it; of
                        lines of text the first one without a byte order mark, which is no part of it */
    KITH_LINES_LONG, /* this line is longer than the limit; it was passed over */
    KITH_LINES_LATER, /* nothing has arrived within the time given */
    KITH_LINES_END,
} kith_lines_state;

typedef struct kith_lines_item {
    kith_lines_state state;
    char *text; /* until the next call; may be changed */
    size_t length;
    uint64_t number; /* from 1 */
} kith_lines_item;

/* path "-" is standard input. most: the longest line, in bytes. KITH_E_IO: cannot be opened. */
kith_status kith_lines_open(kith_lines **out, const char *path, char delimiter, size_t most, kith_error *err);

/* The same of an open file, which kith_lines_close() closes; `where` names it. */
kith_status kith_lines_from(kith_lines **out, int fd, const char *where, char delimiter, size_t most,
                            kith_error *err);
void kith_lines_close(kith_lines **in);

/* wait: the milliseconds to wait for input, -1: until there is some or a signal asks to stop
 * (KITH_E_STOPPED). */
kith_status kith_lines_next(kith_lines *in, kith_lines_item *out, int wait, kith_error *err);

/* A line that is empty, or holds the carriage return of an end of line alone. */
bool kith_lines_blank(const kith_lines_item *line);

#endif
