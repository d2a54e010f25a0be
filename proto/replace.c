/* SPDX-License-Identifier: MIT */
#include "proto/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

kith_status kith_replace_begin(kith_replacement *out, const char *path, kith_error *err) {
    struct stat there;
    out->path = path;
    out->file = NULL;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return kith_fail(err, KITH_E_IO, EEXIST, path, "is no regular file (name a new one)");
    if (snprintf(out->name, sizeof out->name, "%s.XXXXXX", path) >= (int)sizeof out->name)
        return kith_fail(err, KITH_E_IO, ENAMETOOLONG, path, "%s", strerror(ENAMETOOLONG));
    int fd = mkostemp(out->name, O_CLOEXEC);
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    mode_t mask = umask(0); /* the access that open(2) would give it */
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    out->file = fdopen(fd, "wb");
    if (out->file)
        return KITH_OK;
    kith_status status = kith_fail(err, KITH_E_MEMORY, errno, path, "no memory");
    close(fd);
    unlink(out->name);
    return status;
}

kith_status kith_replace_end(kith_replacement *replacement, bool good, kith_error *err) {
    FILE *file = replacement->file;
    bool kept = good && fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    int failure = kept ? 0 : errno;
    if (fclose(file) != 0 && kept) {
        failure = errno;
        kept = false;
    }
    replacement->file = NULL;
    if (kept && rename(replacement->name, replacement->path) != 0) {
        failure = errno;
        kept = false;
    }
    if (kept)
        return KITH_OK;
    unlink(replacement->name);
    return good ? kith_fail(err, KITH_E_IO, failure, replacement->path, "%s", strerror(failure)) : KITH_OK;
}
