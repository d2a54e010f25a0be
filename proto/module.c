/* SPDX-License-Identifier: MIT */
#include "proto/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* (Only a full path finds our libraries under sanitizers, whose dlopen() does not know the program's own
 * search path.)
 */
static kith_status library_path(char out[PATH_MAX], const char *library, kith_error *err) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program);
    if (length <= 0 || length == sizeof program)
        return kith_fail(err, KITH_E_IO, errno, "/proc/self/exe", "does not say where the program lies");
    while (length > 0 && program[length - 1] != '/')
        length--;
    int written = snprintf(out, PATH_MAX, "%.*s../" KITH_LIBRARIES "/%s", (int)length, program, library);
    return written < PATH_MAX ? KITH_OK
                              : kith_fail(err, KITH_E_IO, ENAMETOOLONG, program, "the path is too long");
}

kith_status kith_module_open(const void **table, const char *library, const char *symbol, const char *without,
                             const char *package, kith_error *err) {
    char path[PATH_MAX];
    kith_status status = library_path(path, library, err);
    *table = NULL;
    if (status != KITH_OK)
        return status;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle)
        *table = dlsym(handle, symbol);
    if (*table)
        return KITH_OK;
    return kith_fail(err, KITH_E_IO, 0, NULL, "%s: %s (%s)", without, dlerror(), package);
}
