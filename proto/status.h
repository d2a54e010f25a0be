/* SPDX-License-Identifier: MIT
 *
 * What went wrong, as a value. Every function of kith that can fail returns a kith_status and fills the
 * caller's kith_error; nothing is printed, allocated or kept in hidden state, so errors cross threads by
 * plain copy. A code exists only where a caller acts differently on it; everything else is in the text.
 */
#ifndef KITH_PROTO_STATUS_H
#define KITH_PROTO_STATUS_H

#include <stddef.h>

typedef enum kith_status {
    KITH_OK = 0,
    KITH_E_USAGE,   /* the words on the command line, or a configuration file */
    KITH_E_FORMAT,  /* one file's data: damaged, cut short, of a kind that is not read; others may be fine */
    KITH_E_LIMIT,   /* one file's data: larger than a stated limit; others may be fine */
    KITH_E_REFUSED, /* gallery, model or data do not fit together, or are damaged as a whole */
    KITH_E_IO,      /* this machine's files; native is errno */
    KITH_E_SERVER,  /* a server; native is the HTTP status, 0 when there was none */
    KITH_E_MEMORY,  /* no memory, or the given budget is too small */
    KITH_E_STOPPED, /* asked to stop by a signal; native is its number */
} kith_status;

/* One failure. `where` names the file, layer, table or URL; `text` says what happened and, in brackets, what
 * to do. Both are printable: kith_fail() escapes control characters and bytes that are not UTF-8.
 */
typedef struct kith_error {
    kith_status code;
    int native;
    char where[384];
    char text[384];
} kith_error;

/* Fills *err (err may be NULL) and returns `code`, so that a failing function ends in one line:
 *     return kith_fail(err, KITH_E_FORMAT, 0, path, "cut short after %zu bytes", size);
 * The first cause wins: an *err that already holds a code is left alone and ITS code is returned.
 * Too long texts are cut at a character, and "..." says so. where may be NULL (nothing to name).
 */
__attribute__((format(printf, 5, 6))) kith_status kith_fail(kith_error *err, kith_status code, int native,
                                                            const char *where, const char *format, ...);

/* Hands on a failure that another kith_error holds; one that names no place still names none. */
kith_status kith_fail_with(kith_error *err, const kith_error *cause);

/* Makes *err fresh: code KITH_OK, empty texts. kith_error e = {0} does the same. */
void kith_error_clear(kith_error *err);

/* What a program ends with after a failure: 2 usage, 4 refused (also a file's FORMAT or LIMIT
 * when that file was all that was asked for), 5 input/output, 6 server, 7 memory, 128 + native for STOPPED.
 * KITH_OK is 0. Exit codes 1 (nothing found) and 3 (some files failed) are outcomes, not failures: see
 * proto/command/program.h.
 */
int kith_exit_code(const kith_error *err);

/* Copies `text` (`length` bytes, or up to its end when length is SIZE_MAX) into out[size], always ended with
 * a zero byte: control characters as \n, \t, \x1b, bytes that are not UTF-8 as \xNN, quotes and backslashes
 * untouched. Returns out. For every untrusted text on its way to a person's terminal.
 */
char *kith_printable(char *out, size_t size, const char *text, size_t length);

#endif
