/* SPDX-License-Identifier: MIT
 *
 * What the three programs share towards the person who runs them: exit codes that are outcomes, one-line
 * messages, progress and questions. Programs only; library code never prints.
 */
#ifndef KITH_PROTO_COMMAND_PROGRAM_H
#define KITH_PROTO_COMMAND_PROGRAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/status.h"

enum {
    KITH_EXIT_OK = 0,      /* done; identify: somebody matched; compare: the same; search: something found */
    KITH_EXIT_NOTHING = 1, /* nobody matched, different, nothing found */
    KITH_EXIT_USAGE = 2,
    KITH_EXIT_PARTIAL = 3, /* done, but some files failed: the account says which */
};

/* `kith-index: WHERE: TEXT` on standard error, made printable, one line, one write. Thread-safe. */
void kith_say_error(const kith_error *err);
__attribute__((format(printf, 1, 2))) void kith_say(const char *format, ...);

/* Writes out what is buffered for standard output: after each line that a waiting reader shall see, and to
 * learn that nobody reads any more. KITH_E_IO: it could not be written, now or earlier; KITH_E_STOPPED with
 * SIGPIPE: the reader went away, of which kith_say_error() and kith_die() say nothing. kith_program_run()
 * does it at the end.
 */
kith_status kith_output_flush(kith_error *err);

/* One JSON object as a line on standard output; takes the object over. flags: jansson's. A failed write shows
 * when the output is flushed. KITH_E_MEMORY: the object is NULL, or part of the line is missing.
 */
kith_status kith_print_json(json_t *object, size_t flags, kith_error *err);

/* Prints the error and returns its exit code: `return kith_die(&err);` at the end of a command. */
int kith_die(const kith_error *err);

/* The program's name for messages; set by kith_program_run(). */
const char *kith_program_name(void);

/* True when colours belong on this stream: it is a terminal, NO_COLOR is not set, and --color agrees. */
typedef enum kith_color { KITH_COLOR_AUTO, KITH_COLOR_ALWAYS, KITH_COLOR_NEVER } kith_color;
bool kith_use_color(kith_color wanted, int fd);

/* Progress on standard error, drawn only when it is a terminal and the work takes longer than half a second,
 * at most ten times a second: done / total, rate, time left, and a note (a count of failures, a name). total
 * 0: not known yet. One thread at a time per progress; kith_say() and progress do not tear each other's
 * lines.
 */
typedef struct kith_progress kith_progress;
kith_progress *kith_progress_start(const char *what, const char *unit); /* NULL when nothing is to be drawn */
void kith_progress_update(kith_progress *progress, uint64_t done, uint64_t total, const char *note);
void kith_progress_stop(kith_progress **progress); /* takes NULL, sets NULL, wipes the line */

/* Asks on the terminal; true for yes. False, without asking, when standard input is no terminal. */
bool kith_confirm(const char *question);

#endif
