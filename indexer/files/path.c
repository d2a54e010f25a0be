/* SPDX-License-Identifier: MIT */
#include "indexer/files/path.h"

#include <errno.h>
#include <sys/stat.h>

void kith_path_resolver_clear(kith_path_resolver *resolver) {
    free(resolver->folder);
    free(resolver->resolved);
    *resolver = (kith_path_resolver){0};
}

char *kith_path_join(const char *folder, const char *name) {
    char *path = NULL;
    bool slash = folder[0] != 0 && folder[strlen(folder) - 1] != '/';
    return asprintf(&path, "%s%s%s", folder, slash ? "/" : "", name) < 0 ? NULL : path;
}

bool kith_path_is_under(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strcmp(folder, "/") == 0 ||
           (strncmp(path, folder, length) == 0 && (path[length] == 0 || path[length] == '/'));
}

/* Cuts `path` (without slashes at its end) into folder and name, in place. */
static void split(char *path, const char **folder, const char **name) {
    char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    *folder = !slash ? "." : slash == path ? "/" : path;
    if (slash)
        *slash = 0;
}

static kith_status no_memory(const char *path, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for the path");
}

/* The folder's true place into resolver->resolved. */
static kith_status resolve_folder(kith_path_resolver *resolver, const char *folder, kith_error *err) {
    if (resolver->folder && strcmp(resolver->folder, folder) == 0)
        return KITH_OK;
    char *resolved = realpath(folder, NULL);
    if (!resolved && strcmp(folder, ".") != 0 && strcmp(folder, "/") != 0) { /* take what is above it */
        kith_path_resolver above = {0};
        kith_status status = kith_path_absolute(&resolved, &above, folder, err);
        kith_path_resolver_clear(&above);
        if (status != KITH_OK)
            return status;
    }
    if (!resolved)
        return kith_fail(err, KITH_E_IO, errno, folder, "%s", strerror(errno));
    kith_path_resolver_clear(resolver);
    resolver->resolved = resolved;
    resolver->folder = strdup(folder);
    return resolver->folder ? KITH_OK : no_memory(folder, err);
}

kith_status kith_path_absolute(char **out, kith_path_resolver *resolver, const char *path, kith_error *err) {
    struct stat seen;
    *out = NULL;
    if (path[0] == 0) /* a variable of a script that is not set; it must not mean the folder at hand */
        return kith_fail(err, KITH_E_USAGE, 0, NULL, "an empty path names nothing");
    if (stat(path, &seen) == 0 && S_ISDIR(seen.st_mode)) {
        *out = realpath(path, NULL);
        return *out ? KITH_OK : kith_fail(err, KITH_E_IO, errno, path, "%s", strerror(errno));
    }
    char *copy = strdup(path);
    if (!copy)
        return no_memory(path, err);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = 0;
    const char *folder, *name;
    split(copy, &folder, &name);
    kith_status status = resolve_folder(resolver, folder, err);
    if (status == KITH_OK && resolver->resolved) {
        *out = kith_path_join(resolver->resolved, name);
        if (!*out)
            status = no_memory(path, err);
    }
    free(copy);
    return status;
}
