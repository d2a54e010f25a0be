/* SPDX-License-Identifier: MIT */
#include "model/picture/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/stop.h"

enum { PIPE_ROOM = 65536 };

typedef struct buffer {
    char *bytes;
    size_t used, size;
} buffer;

static kith_status too_long(const char *where, kith_error *err) {
    return kith_fail(err, KITH_E_LIMIT, 0, where, "longer than %d MiB", KITH_FILE_MOST >> 20);
}

/* Room for one more byte at least. */
static kith_status grow(buffer *b, const char *where, kith_error *err) {
    if (b->used < b->size)
        return KITH_OK;
    if (b->size > KITH_FILE_MOST)
        return too_long(where, err);
    size_t size = b->size < KITH_FILE_MOST / 2 ? b->size * 2 : (size_t)KITH_FILE_MOST + 1;
    char *bytes = realloc(b->bytes, size);
    if (!bytes)
        return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for %zu bytes", size);
    *b = (buffer){bytes, b->used, size};
    return KITH_OK;
}

static kith_status read_all(buffer *b, int fd, const char *where, kith_error *err) {
    for (;;) {
        kith_status status = grow(b, where, err);
        if (status != KITH_OK)
            return status;
        ssize_t got = read(fd, b->bytes + b->used, b->size - b->used);
        if (got == 0)
            return KITH_OK;
        if (got > 0)
            b->used += (size_t)got;
        else if (errno != EINTR)
            return kith_fail(err, KITH_E_IO, errno, where, "%s", strerror(errno));
        else if (kith_stop_error(err) != KITH_OK)
            return KITH_E_STOPPED;
    }
}

/* Whether it is worth reading; the room for a file: one byte more than it has, to see its end. Standard
 * input may be a pipe.
 */
static kith_status look(size_t *room, int fd, bool standard, const char *where, kith_error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return kith_fail(err, KITH_E_IO, errno, where, "%s", strerror(errno));
    if (S_ISDIR(info.st_mode))
        return kith_fail(err, KITH_E_IO, EISDIR, where, "is a folder (name its photos)");
    if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
        return kith_fail(err, KITH_E_IO, EINVAL, where, "is a device, not a photo");
    if (!S_ISREG(info.st_mode))
        return standard ? KITH_OK
                        : kith_fail(err, KITH_E_IO, EINVAL, where,
                                    "is a FIFO, not a photo (- reads a pipe as standard input)");
    if (info.st_size > KITH_FILE_MOST)
        return too_long(where, err);
    *room = (size_t)info.st_size + 1;
    return KITH_OK;
}

static kith_status read_open(buffer *b, int fd, bool standard, const char *where, kith_error *err) {
    kith_status status = look(&b->size, fd, standard, where, err);
    if (status != KITH_OK)
        return status;
    b->bytes = malloc(b->size);
    if (!b->bytes)
        return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for %zu bytes", b->size);
    return read_all(b, fd, where, err);
}

kith_status kith_file_read(void **out, size_t *size, const char *path, kith_error *err) {
    bool standard = strcmp(path, "-") == 0;
    const char *where = standard ? "standard input" : path;
    buffer b = {.size = PIPE_ROOM};
    *out = NULL;
    *size = 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, where, "%s", strerror(errno));
    kith_status status = read_open(&b, fd, standard, where, err);
    if (!standard)
        close(fd);
    if (status != KITH_OK) {
        free(b.bytes);
        return status;
    }
    *out = b.bytes;
    *size = b.used;
    return KITH_OK;
}
