/* SPDX-License-Identifier: MIT */
#include "indexer/stages/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM_KEPT = 16 << 20, TRIES = 3 };

void kith_file_bytes_clear(kith_file_bytes *bytes) {
    free(bytes->bytes);
    *bytes = (kith_file_bytes){0};
}

static kith_status make_room(kith_file_bytes *out, size_t size, const char *path, kith_error *err) {
    if (out->room >= size && (out->room <= ROOM_KEPT || size > ROOM_KEPT))
        return KITH_OK;
    kith_file_bytes_clear(out); /* before the next is taken: a huge file does not cost twice */
    out->bytes = malloc(size);
    if (!out->bytes)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for its %zu bytes", size);
    out->room = size;
    return KITH_OK;
}

/* Up to `size` bytes; fewer only at the end of the file. Returns -1 and errno on failure. */
static ssize_t read_all(int fd, unsigned char *bytes, size_t size) {
    size_t got = 0;
    while (got < size) {
        ssize_t more = read(fd, bytes + got, size - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

static kith_status failed(const char *path, kith_error *err) {
    return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
}

/* Reads an open file as a whole. *changed: it was written to meanwhile. */
static kith_status read_open(kith_file_bytes *out, kith_format *format, kith_stamp *stamp, int fd,
                             bool *changed, const char *path, kith_error *err) {
    struct stat seen;
    *changed = false;
    out->size = 0;
    if (fstat(fd, &seen) != 0)
        return failed(path, err);
    if (!S_ISREG(seen.st_mode))
        return kith_fail(err, KITH_E_IO, 0, path, "is no regular file any more");
    *stamp = kith_stamp_of_file(&seen);
    unsigned char head[KITH_SNIFF_SIZE];
    ssize_t got = read_all(fd, head, sizeof head);
    if (got < 0)
        return failed(path, err);
    *format = kith_format_of_bytes(head, (size_t)got);
    if (*format != KITH_FORMAT_JPEG && *format != KITH_FORMAT_PNG)
        return KITH_OK;
    if (stamp->size > KITH_FILE_MOST)
        return kith_fail(err, KITH_E_LIMIT, 0, path, "has %lld MiB, more than a photo may have (%d)",
                         (long long)(stamp->size >> 20), KITH_FILE_MOST >> 20);
    size_t size = (size_t)stamp->size + 1; /* one more, to see that it grew */
    if (size < sizeof head)
        size = sizeof head;
    kith_status status = make_room(out, size, path, err);
    if (status != KITH_OK)
        return status;
    memcpy(out->bytes, head, (size_t)got);
    ssize_t rest = read_all(fd, out->bytes + got, size - (size_t)got);
    if (rest < 0 || fstat(fd, &seen) != 0)
        return failed(path, err);
    kith_stamp after = kith_stamp_of_file(&seen);
    *changed = got + rest != stamp->size || !kith_stamp_same(stamp, &after);
    out->size = (size_t)(got + rest);
    return KITH_OK;
}

kith_status kith_read_picture(kith_file_bytes *out, kith_format *format, kith_stamp *stamp, const char *path,
                              kith_error *err) {
    bool changed = true;
    kith_status status = KITH_OK;
    *format = KITH_FORMAT_NONE;
    for (int i = 0; i < TRIES && status == KITH_OK && changed; i++) {
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
            return failed(path, err);
        status = read_open(out, format, stamp, fd, &changed, path, err);
        close(fd);
    }
    if (status == KITH_OK && changed)
        return kith_fail(err, KITH_E_IO, 0, path,
                         "changes while it is read (add it again when it is complete)");
    return status;
}
