/* SPDX-License-Identifier: MIT */
#include "proto/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that goes, when there is one: a link stays a link, and what may not be written is not replaced. */
static kith_status look(kith_replacement *out, struct stat *there, bool *exists, kith_error *err) {
    *exists = stat(out->path, there) == 0;
    if (*exists && !S_ISREG(there->st_mode))
        return kith_fail(err, KITH_E_IO, EEXIST, out->path, "is no regular file (name a new one)");
    if (*exists && faccessat(AT_FDCWD, out->path, W_OK, AT_EACCESS) != 0)
        return kith_fail(err, KITH_E_IO, errno, out->path, "%s", strerror(errno));
    if (*exists && realpath(out->path, out->target))
        return KITH_OK;
    if (snprintf(out->target, sizeof out->target, "%s", out->path) >= (int)sizeof out->target)
        return kith_fail(err, KITH_E_IO, ENAMETOOLONG, out->path, "%s", strerror(ENAMETOOLONG));
    return KITH_OK;
}

/* Where its folder has files without names, one that a killed process leaves nothing of. */
static int open_file(kith_replacement *out, mode_t mode) {
    char folder[sizeof out->target];
    snprintf(folder, sizeof folder, "%s", out->target);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    int fd = access("/proc/self/fd", X_OK) == 0
                 ? open(slash ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode)
                 : -1;
    out->nameless = fd >= 0;
    return out->nameless ? fd : open(out->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
}

/* Gives it the name that it has for a moment. */
static bool has_name(const kith_replacement *replacement) {
    char open_one[64];
    if (!replacement->nameless)
        return true;
    snprintf(open_one, sizeof open_one, "/proc/self/fd/%d", fileno(replacement->file));
    return linkat(AT_FDCWD, open_one, AT_FDCWD, replacement->name, AT_SYMLINK_FOLLOW) == 0;
}

/* Owner, group and access of the old file, as far as the user and the file system can: what its group may do
 * is not for another one.
 */
static void give(int fd, const struct stat *old) {
    if (fchown(fd, old->st_uid, old->st_gid) == 0 || fchown(fd, (uid_t)-1, old->st_gid) == 0)
        (void)!fchmod(fd, old->st_mode & 0777);
}

kith_status kith_replace_begin(kith_replacement *out, const char *path, kith_error *err) {
    struct stat there;
    bool exists;
    out->path = path;
    out->file = NULL;
    kith_status status = look(out, &there, &exists, err);
    if (status != KITH_OK)
        return status;
    unsigned chance = 0; /* mkstemp(3) would make it the owner's alone, whatever the umask says */
    if (getrandom(&chance, sizeof chance, 0) < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    if (snprintf(out->name, sizeof out->name, "%s.%08x", out->target, chance) >= (int)sizeof out->name)
        return kith_fail(err, KITH_E_IO, ENAMETOOLONG, path, "%s", strerror(ENAMETOOLONG));
    int fd = open_file(out, exists ? there.st_mode & 0777 : 0666); /* never more access than in the end */
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    if (exists)
        give(fd, &there);
    out->file = fdopen(fd, "wb");
    if (out->file)
        return KITH_OK;
    status = kith_fail(err, KITH_E_MEMORY, errno, path, "no memory");
    close(fd);
    unlink(out->name);
    return status;
}

kith_status kith_replace_end(kith_replacement *replacement, kith_status status, kith_error *err) {
    FILE *file = replacement->file;
    bool good = status == KITH_OK;
    bool kept =
        good && fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0 && has_name(replacement);
    int failure = kept ? 0 : errno;
    if (fclose(file) != 0 && kept) {
        failure = errno;
        kept = false;
    }
    replacement->file = NULL;
    if (kept && rename(replacement->name, replacement->target) != 0) {
        failure = errno;
        kept = false;
    }
    if (!kept)
        unlink(replacement->name);
    return kept || !good ? status
                         : kith_fail(err, KITH_E_IO, failure, replacement->path, "%s", strerror(failure));
}
