/* SPDX-License-Identifier: MIT */
#include "query/target.h"

#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static const char *ending(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && !strchr(dot, '/') ? dot : "";
}

static bool is_jpeg(const char *path) {
    return strcasecmp(ending(path), ".jpg") == 0 || strcasecmp(ending(path), ".jpeg") == 0;
}

kith_status kith_target_open(kith_target *out, const char *path, bool several, kith_error *err) {
    *out = (kith_target){.path = path, .folder = is_folder(path)};
    if (strcmp(path, "-") == 0)
        return kith_fail(err, KITH_E_USAGE, 0, "--draw -",
                         "a picture would mix with the answers (name a file)");
    if (out->folder)
        return KITH_OK;
    if (several)
        return kith_fail(err, KITH_E_USAGE, 0, path,
                         "is no folder (--draw needs one for several photos: make it first)");
    if (!is_jpeg(path) && strcasecmp(ending(path), ".png") != 0)
        return kith_fail(err, KITH_E_USAGE, 0, path, "--draw writes .png or .jpg (name it so)");
    return KITH_OK;
}

void kith_target_close(kith_target *target) {
    for (size_t i = 0; i < target->used_count; i++)
        free(target->used[i]);
    free(target->used);
    *target = (kith_target){0};
}

static bool is_used(const kith_target *target, const char *file) {
    for (size_t i = 0; i < target->used_count; i++)
        if (strcmp(target->used[i], file) == 0)
            return true;
    return false;
}

static bool remember(kith_target *target, const char *file) {
    char *copy = strdup(file);
    char **used = copy ? realloc(target->used, (target->used_count + 1) * sizeof *used) : NULL;
    if (!used) {
        free(copy);
        return false;
    }
    target->used = used;
    target->used[target->used_count++] = copy;
    return true;
}

/* FOLDER/NAME.jpg or .png, with -2, -3, ... when a photo of that name was there before; NULL: no memory. */
static char *in_folder(kith_target *target, const char *photo) {
    const char *slash = strrchr(photo, '/'), *name = slash ? slash + 1 : photo;
    if (strcmp(photo, "-") == 0)
        name = "standard-input";
    int stem = (int)(strlen(name) - strlen(ending(name)));
    char *out = NULL, number[16] = "";
    for (int i = 2;; i++) {
        if (asprintf(&out, "%s/%.*s%s%s", target->path, stem, name, number, is_jpeg(name) ? ".jpg" : ".png") <
            0)
            return NULL;
        if (!is_used(target, out))
            break;
        free(out);
        snprintf(number, sizeof number, "-%d", i);
    }
    if (remember(target, out))
        return out;
    free(out);
    return NULL;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

kith_status kith_target_for(char **out, kith_target *target, const char *photo, kith_error *err) {
    *out = target->folder ? in_folder(target, photo) : strdup(target->path);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, photo, "no memory for the name of its drawing");
    if (!same_file(*out, photo))
        return KITH_OK;
    kith_status status = kith_fail(err, KITH_E_IO, EEXIST, *out, "is the photo itself (draw somewhere else)");
    free(*out);
    *out = NULL;
    return status;
}
