/* SPDX-License-Identifier: MIT
 *
 * One line that is drawn over and over on a terminal: how far, how fast, how long still.
 */
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "proto/command/message.h"
#include "proto/command/program.h"
#include "proto/timestamp.h"

struct kith_progress {
    const char *what, *unit;
    double started, drawn; /* seconds; drawn 0: not yet */
};

kith_progress *kith_progress_start(const char *what, const char *unit) {
    const char *terminal = getenv("TERM");
    if (!isatty(STDERR_FILENO) || (terminal && strcmp(terminal, "dumb") == 0))
        return NULL;
    kith_progress *progress = calloc(1, sizeof *progress);
    if (progress)
        *progress = (kith_progress){.what = what, .unit = unit, .started = kith_seconds()};
    return progress;
}

/* "0:07", "12:30", "3:00:00". */
static void time_text(char *out, size_t size, double seconds) {
    unsigned long whole = (unsigned long)seconds, minutes = whole / 60;
    if (minutes >= 60)
        snprintf(out, size, "%lu:%02lu:%02lu", minutes / 60, minutes % 60, whole % 60);
    else
        snprintf(out, size, "%lu:%02lu", minutes, whole % 60);
}

static void progress_text(char *out, size_t size, const kith_progress *progress, uint64_t done,
                          uint64_t total, const char *note) {
    char left[64] = "", of[64] = "", time[32], seen[512];
    double seconds = kith_seconds() - progress->started, rate = (double)done / seconds;
    if (total > 0)
        snprintf(of, sizeof of, " of %llu", (unsigned long long)total);
    if (total > done && done > 0 && (double)(total - done) / rate < 1e6) {
        time_text(time, sizeof time, (double)(total - done) / rate);
        snprintf(left, sizeof left, ", %s left", time);
    }
    kith_printable(seen, sizeof seen, note ? note : "", SIZE_MAX);
    snprintf(out, size, "%s: %llu%s %s, %.*f/s%s%s%s", progress->what, (unsigned long long)done, of,
             progress->unit, rate < 10 ? 1 : 0, rate, left, seen[0] ? ", " : "", seen);
}

/* Cuts a line so that the terminal does not wrap it. */
static void cut(char *line) {
    struct winsize size;
    int most = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
    mbstate_t state = {0};
    for (char *c = line; *c;) {
        wchar_t wide;
        size_t length = mbrtowc(&wide, c, MB_CUR_MAX, &state);
        if (length == 0 || length > MB_CUR_MAX)
            length = 1;
        else if (wcwidth(wide) > 0)
            most -= wcwidth(wide);
        if (most < 0) {
            *c = 0;
            return;
        }
        c += length;
    }
}

void kith_progress_update(kith_progress *progress, uint64_t done, uint64_t total, const char *note) {
    if (!progress)
        return;
    double time = kith_seconds();
    if (time - progress->started < 0.5 || time - progress->drawn < 0.1)
        return;
    char line[900];
    progress_text(line, sizeof line, progress, done, total, note);
    cut(line);
    kith_draw(line);
    progress->drawn = time;
}

void kith_progress_stop(kith_progress **progress) {
    if (*progress && (*progress)->drawn > 0)
        kith_draw("");
    free(*progress);
    *progress = NULL;
}
