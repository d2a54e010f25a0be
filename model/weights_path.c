/* SPDX-License-Identifier: MIT
 *
 * Where shipped weights lie, and reading them.
 */
#include "model/embedder.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "model/network/arch.h"
#include "model/network/safetensors.h"

static const char *const suffix = ".safetensors";

static bool is_path(const char *weights) {
    size_t length = strlen(weights), ending = strlen(suffix);
    return strchr(weights, '/') || (length > ending && strcmp(weights + length - ending, suffix) == 0);
}

/* share/kith beside the folder of the running program; "" when the system does not tell. */
static void share_folder(char *out, size_t size) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    out[0] = '\0';
    if (length <= 0)
        return;
    program[length] = '\0';
    for (int up = 0; up < 2; up++) { /* the program's name, then bin */
        char *slash = strrchr(program, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
    int written = snprintf(out, size, "%s/share/kith", program);
    if (written < 0 || (size_t)written >= size)
        out[0] = '\0';
}

static bool found_in(char *out, size_t size, const char *folder, const char *name) {
    int written = snprintf(out, size, "%s/weights/%s%s", folder, name, suffix);
    return written > 0 && (size_t)written < size && access(out, F_OK) == 0;
}

kith_status kith_weights_path(char *out, size_t size, const char *weights, kith_error *err) {
    char share[PATH_MAX];
    if (is_path(weights)) {
        int written = snprintf(out, size, "%s", weights);
        return written >= 0 && (size_t)written < size
                   ? KITH_OK
                   : kith_fail(err, KITH_E_IO, ENAMETOOLONG, weights, "the path is too long");
    }
    const char *data = getenv("KITH_DATA");
    if (data && *data && found_in(out, size, data, weights))
        return KITH_OK;
    share_folder(share, sizeof share);
    if (share[0] && found_in(out, size, share, weights))
        return KITH_OK;
    return kith_fail(err, KITH_E_IO, ENOENT, weights,
                     "%s in %s%s%s/weights (the name of a file ends with .safetensors or has a /; KITH_DATA "
                     "names a folder that is looked at first)",
                     kith_arch_find(weights) ? "not every network's weights are shipped: these are not"
                                             : "no such weights",
                     data && *data ? data : "", data && *data ? "/weights or " : "", share);
}

kith_status kith_weights_read(kith_tensors **tensors, char *out, size_t size, const char *weights,
                              kith_error *err) {
    kith_status status = kith_weights_path(out, size, weights, err);
    *tensors = NULL;
    return status == KITH_OK ? kith_tensors_read(tensors, out, false, err) : status;
}
