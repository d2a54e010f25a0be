/* SPDX-License-Identifier: MIT */
#include "proto/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "proto/stop.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";
enum { CHUNK = 64 * 1024, MARK = sizeof byte_order_mark - 1 };

struct kith_lines {
    int fd;
    char delimiter;
    size_t most;
    char *where;
    char *bytes; /* `from` to `to` is read and not yet given out; room for one zero byte behind */
    size_t from, to, size;
    bool passing, ended; /* inside of a line that is too long; no more to be read */
    uint64_t number;
};

kith_status kith_lines_from(kith_lines **out, int fd, const char *where, char delimiter, size_t most,
                            kith_error *err) {
    *out = NULL;
    kith_lines *in = calloc(1, sizeof *in);
    if (in) {
        *in = (kith_lines){.fd = fd, .delimiter = delimiter, .most = most, .size = CHUNK};
        in->where = strdup(where);
        in->bytes = malloc(CHUNK + 1);
    }
    if (!in || !in->where || !in->bytes) {
        kith_lines_close(&in);
        return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory to read it");
    }
    *out = in;
    return KITH_OK;
}

kith_status kith_lines_open(kith_lines **out, const char *path, char delimiter, size_t most,
                            kith_error *err) {
    *out = NULL;
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == EINTR && kith_stop_signal()) /* a FIFO that nobody writes into */
        return kith_stop_error(err);
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    kith_status status = kith_lines_from(out, fd, standard ? "standard input" : path, delimiter, most, err);
    if (status != KITH_OK && !standard)
        close(fd);
    return status;
}

void kith_lines_close(kith_lines **in) {
    if (!*in)
        return;
    if ((*in)->fd > STDERR_FILENO)
        close((*in)->fd);
    free((*in)->where);
    free((*in)->bytes);
    free(*in);
    *in = NULL;
}

/* Makes room for more bytes behind `to`: by moving, else by growing up to the longest line and its delimiter.
 */
static kith_status make_room(kith_lines *in, kith_error *err) {
    if (in->from > 0) {
        memmove(in->bytes, in->bytes + in->from, in->to - in->from);
        in->to -= in->from;
        in->from = 0;
    }
    if (in->to < in->size)
        return KITH_OK;
    size_t size = in->size * 2;
    char *bytes = realloc(in->bytes, size + 1);
    if (!bytes)
        return kith_fail(err, KITH_E_MEMORY, 0, in->where, "no memory for line %llu",
                         (unsigned long long)in->number + 1);
    in->bytes = bytes;
    in->size = size;
    return KITH_OK;
}

/* Reads once. *later: nothing came in time. A device may never end, so a signal counts even if more is there.
 */
static kith_status fill(kith_lines *in, int wait, bool *later, kith_error *err) {
    *later = false;
    kith_status status = wait < 0 ? kith_stop_error(err) : KITH_OK;
    if (status == KITH_OK)
        status = make_room(in, err);
    if (status != KITH_OK)
        return status;
    struct pollfd ready = {.fd = in->fd, .events = POLLIN};
    int polled = poll(&ready, 1, wait);
    if (polled == 0 || (polled < 0 && errno == EINTR)) {
        *later = true;
        return wait < 0 ? kith_stop_error(err) : KITH_OK;
    }
    ssize_t got = read(in->fd, in->bytes + in->to, in->size - in->to);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        *later = true;
        return KITH_OK;
    }
    if (got < 0)
        return kith_fail(err, KITH_E_IO, errno, in->where, "%s", strerror(errno));
    in->ended = got == 0;
    in->to += (size_t)got;
    return KITH_OK;
}

/* Takes the line of `length` bytes at `from`, and its delimiter when it has one. True: it is to be given out.
 */
static bool take(kith_lines *in, size_t length, bool delimited, kith_lines_item *out) {
    char *text = in->bytes + in->from;
    in->from += length + (delimited ? 1 : 0);
    if (in->passing) {
        in->passing = false;
        return false;
    }
    text[length] = 0;
    if (in->number++ == 0 && in->delimiter == '\n' && strncmp(text, byte_order_mark, MARK) == 0) {
        text += MARK;
        length -= MARK;
    }
    *out = (kith_lines_item){length > in->most ? KITH_LINES_LONG : KITH_LINES_LINE, text, length, in->number};
    return true;
}

kith_status kith_lines_next(kith_lines *in, kith_lines_item *out, int wait, kith_error *err) {
    size_t searched = 0; /* bytes behind `from` that hold no delimiter */
    for (;;) {
        size_t held = in->to - in->from;
        char *end =
            held > searched ? memchr(in->bytes + in->from + searched, in->delimiter, held - searched) : NULL;
        if (end || (in->ended && held > 0)) {
            size_t length = end ? (size_t)(end - in->bytes) - in->from : held;
            searched = 0;
            if (take(in, length, end != NULL, out))
                return KITH_OK;
            continue;
        }
        if (in->ended) {
            *out = (kith_lines_item){.state = KITH_LINES_END, .number = in->number};
            return KITH_OK;
        }
        searched = held;
        if (held > in->most) { /* its end is yet to come: say so now, pass over the rest */
            bool first = !in->passing;
            in->number += first;
            in->passing = true;
            in->from = in->to = 0;
            searched = 0;
            if (first) {
                *out = (kith_lines_item){.state = KITH_LINES_LONG, .number = in->number};
                return KITH_OK;
            }
        }
        bool later;
        kith_status status = fill(in, wait, &later, err);
        if (status != KITH_OK)
            return status;
        if (later && wait >= 0) {
            *out = (kith_lines_item){.state = KITH_LINES_LATER, .number = in->number};
            return KITH_OK;
        }
    }
}

bool kith_lines_blank(const kith_lines_item *line) {
    return line->state == KITH_LINES_LINE &&
           (line->length == 0 || (line->length == 1 && line->text[0] == '\r'));
}
