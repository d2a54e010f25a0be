/* SPDX-License-Identifier: MIT */
#include "proto/directories.h"

#include <errno.h>
#include <sys/stat.h>

static const struct {
    const char *variable, *below_home;
} kinds[] = {
    [KITH_DIRECTORY_DATA] = {"XDG_DATA_HOME", "/.local/share"},
    [KITH_DIRECTORY_STATE] = {"XDG_STATE_HOME", "/.local/state"},
    [KITH_DIRECTORY_CACHE] = {"XDG_CACHE_HOME", "/.cache"},
    [KITH_DIRECTORY_CONFIG] = {"XDG_CONFIG_HOME", "/.config"},
};

kith_status kith_directory(char *out, size_t size, kith_directory_kind kind, kith_error *err) {
    const char *base = getenv(kinds[kind].variable), *below = "";
    if (!base || base[0] != '/') {
        base = getenv("HOME");
        below = kinds[kind].below_home;
    }
    if (!base || base[0] != '/')
        return kith_fail(err, KITH_E_IO, ENOENT, kinds[kind].variable,
                         "no folder of the user is known (set HOME or this variable)");
    int length = snprintf(out, size, "%s%s/kith", base, below);
    if (length < 0 || (size_t)length >= size)
        return kith_fail(err, KITH_E_IO, ENAMETOOLONG, kinds[kind].variable, "the path is too long");
    return KITH_OK;
}

kith_status kith_folders_above(const char *path, kith_error *err) {
    kith_status status = KITH_OK;
    char *folder = strdup(path);
    if (!folder)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    for (char *slash = folder; status == KITH_OK && (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            status = kith_fail(err, KITH_E_IO, errno, folder, "cannot be made: %s", strerror(errno));
        *slash = '/';
    }
    free(folder);
    return status;
}
