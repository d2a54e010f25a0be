/* SPDX-License-Identifier: MIT */
#include "query/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/program.h"

typedef struct buffer {
    char *bytes;
    size_t used, size;
} buffer;

/* Room for one more byte at least. */
static kith_status grow(buffer *b, const char *where, kith_error *err) {
    if (b->used < b->size)
        return KITH_OK;
    if (b->size >= KITH_FILE_MOST)
        return kith_fail(err, KITH_E_LIMIT, 0, where, "longer than %d MiB", KITH_FILE_MOST / 1024 / 1024);
    size_t size = b->size * 2 < KITH_FILE_MOST ? b->size * 2 : KITH_FILE_MOST;
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

/* Whether it is worth reading, and the room to begin with: one byte more than a file has, to see its end. */
static kith_status look(buffer *b, int fd, const char *where, kith_error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return kith_fail(err, KITH_E_IO, errno, where, "%s", strerror(errno));
    if (S_ISDIR(info.st_mode))
        return kith_fail(err, KITH_E_IO, EISDIR, where, "is a folder (name its photos)");
    if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
        return kith_fail(err, KITH_E_IO, EINVAL, where, "is a device, not a photo");
    bool known = S_ISREG(info.st_mode) && info.st_size > 0;
    b->size = 64 * 1024;
    if (known && info.st_size >= KITH_FILE_MOST)
        b->used = b->size = KITH_FILE_MOST; /* grow() refuses it */
    else if (known)
        b->size = (size_t)info.st_size + 1;
    return grow(b, where, err);
}

kith_status kith_file_read(void **out, size_t *size, const char *path, kith_error *err) {
    bool standard = strcmp(path, "-") == 0;
    const char *where = standard ? "standard input" : path;
    buffer b = {0};
    kith_status status;
    *out = NULL;
    *size = 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, where, "%s", strerror(errno));
    status = look(&b, fd, where, err);
    if (status == KITH_OK && !(b.bytes = malloc(b.size)))
        status = kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for %zu bytes", b.size);
    if (status == KITH_OK)
        status = read_all(&b, fd, where, err);
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
