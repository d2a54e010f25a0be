/* SPDX-License-Identifier: MIT */
#include "model/train/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

int kith_scratch_open(const char *folder) {
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char *name = NULL; /* not every file system has files without names */
    if (asprintf(&name, "%s/kith.XXXXXX", folder) < 0) {
        errno = ENOMEM;
        return -1;
    }
    fd = mkostemp(name, O_CLOEXEC);
    int failure = errno;
    if (fd >= 0)
        unlink(name);
    free(name);
    errno = failure;
    return fd;
}

int kith_scratch_reserve(int fd, size_t begin, size_t size) {
    struct statvfs disk;
    bool told =
        fstatvfs(fd, &disk) == 0 && disk.f_frsize > 0 && disk.f_blocks > 0; /* not all file systems do */
    bool fits = !told || size / disk.f_frsize < disk.f_bavail;
    return fits ? posix_fallocate(fd, (off_t)begin, (off_t)size) : ENOSPC;
}
