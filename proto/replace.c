/* SPDX-License-Identifier: MIT */
#include "proto/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

kith_status kith_replace_begin(kith_replacement *out, const char *path, kith_error *err) {
    struct stat there;
    out->path = path;
    out->file = NULL;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return kith_fail(err, KITH_E_IO, EEXIST, path, "is no regular file (name a new one)");
    unsigned chance = 0; /* mkstemp(3) would make it the owner's alone, whatever the umask says */
    if (getrandom(&chance, sizeof chance, 0) < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    if (snprintf(out->name, sizeof out->name, "%s.%08x", path, chance) >= (int)sizeof out->name)
        return kith_fail(err, KITH_E_IO, ENAMETOOLONG, path, "%s", strerror(ENAMETOOLONG));
    int fd = open(out->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    out->file = fdopen(fd, "wb");
    if (out->file)
        return KITH_OK;
    kith_status status = kith_fail(err, KITH_E_MEMORY, errno, path, "no memory");
    close(fd);
    unlink(out->name);
    return status;
}

kith_status kith_replace_end(kith_replacement *replacement, kith_status status, kith_error *err) {
    FILE *file = replacement->file;
    bool good = status == KITH_OK;
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
    if (!kept)
        unlink(replacement->name);
    return kept || !good ? status
                         : kith_fail(err, KITH_E_IO, failure, replacement->path, "%s", strerror(failure));
}
