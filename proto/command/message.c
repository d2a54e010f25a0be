/* SPDX-License-Identifier: MIT
 *
 * Lines for the person at the terminal: one write each, so that lines of several threads and processes stay
 * whole, and never over a progress line that is being drawn.
 */
#include "proto/command/message.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "proto/command/program.h"
#include "proto/stop.h"

static const char *name = "kith";

/* Guards standard error and `drawn`: whether a progress line stands there. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool drawn;

static const char wipe[] = "\r\x1b[K";

void kith_program_set_name(const char *program) {
    name = program;
}

const char *kith_program_name(void) {
    return name;
}

/* Nothing can be done when standard error itself fails. */
static void write_all(const char *text, size_t size) {
    while (size > 0) {
        ssize_t wrote = write(STDERR_FILENO, text, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return;
        text += wrote;
        size -= (size_t)wrote;
    }
}

void kith_draw(const char *line) {
    char text[1024];
    pthread_mutex_lock(&lock);
    int length = snprintf(text, sizeof text, "%s%s", wipe, line);
    write_all(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
    drawn = *line != 0;
    pthread_mutex_unlock(&lock);
}

void kith_say(const char *format, ...) {
    char raw[6144], line[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&lock);
    int used = snprintf(line, sizeof line, "%s%s: ", drawn ? wipe : "", name);
    kith_printable(line + used, sizeof line - (size_t)used - 1, raw, SIZE_MAX);
    size_t length = strlen(line);
    line[length] = '\n';
    write_all(line, length + 1);
    drawn = false;
    pthread_mutex_unlock(&lock);
}

void kith_say_error(const kith_error *err) {
    if (err->code == KITH_E_STOPPED && err->native == SIGPIPE)
        return; /* the reader went away, as in `... | head`: nobody wants to hear of it */
    if (err->where[0])
        kith_say("%s: %s", err->where, err->text);
    else
        kith_say("%s", err->text);
}

int kith_die(const kith_error *err) {
    kith_say_error(err);
    return kith_exit_code(err);
}

bool kith_use_color(kith_color wanted, int fd) {
    if (wanted != KITH_COLOR_AUTO)
        return wanted == KITH_COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM"); /* https://no-color.org */
    return !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0) && isatty(fd);
}

bool kith_confirm(const char *question) {
    if (!isatty(STDIN_FILENO))
        return false;
    char text[1024], line[1200];
    kith_printable(text, sizeof text, question, SIZE_MAX);
    snprintf(line, sizeof line, "%s [y/N] ", text);
    pthread_mutex_lock(&lock);
    write_all(line, strlen(line));
    drawn = false;
    pthread_mutex_unlock(&lock);
    int first = getchar();
    for (int c = first; c != '\n' && c != EOF;)
        c = getchar(); /* the rest of the line is no answer to the next question */
    return first == 'y' || first == 'Y';
}

/* A pipe or socket without a reader says so even when the failed write lies long ago. */
static bool reader_is_gone(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

kith_status kith_output_flush(kith_error *err) {
    static int native;   /* of the first failure: the stream remembers no more than that there was one */
    if (!ferror(stdout)) /* else errno may still say why; callers ask right after they wrote */
        errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return KITH_OK;
    native = native ? native : errno;
    if (native == EPIPE || reader_is_gone())
        return kith_fail(err, KITH_E_STOPPED, SIGPIPE, "standard output", "its reader went away");
    if (native == EINTR && kith_stop_signal())
        return kith_stop_error(err);
    return kith_fail(err, KITH_E_IO, native, "standard output", "could not be written%s%s",
                     native ? ": " : "", native ? strerror(native) : "");
}

kith_status kith_print_json(json_t *object, size_t flags, kith_error *err) {
    if (!object)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for an answer");
    bool whole = json_dumpf(object, stdout, flags) == 0 || ferror(stdout);
    putchar('\n');
    json_decref(object);
    return whole ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for an answer");
}
