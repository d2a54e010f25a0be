/* SPDX-License-Identifier: MIT */
#include "query/label.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>

#include "query/label_pango.h"

#ifdef __SANITIZE_ADDRESS__
/* Fontconfig keeps what it once read until the process ends. */
#define FOR_SANITIZER __attribute__((visibility("default"), used)) const char *
FOR_SANITIZER __lsan_default_suppressions(void);
FOR_SANITIZER __lsan_default_options(void);
FOR_SANITIZER __lsan_default_suppressions(void) {
    return "leak:libfontconfig";
}
FOR_SANITIZER __lsan_default_options(void) {
    return "print_suppressions=0";
}
#endif

struct kith_labels {
    const kith_label_library *library; /* stays loaded: GLib cannot be unloaded */
    void *fonts;
};

/* Our libraries lie beside the program's bin/. (Only a full path finds them under sanitizers, whose dlopen()
 * does not know the program's own search path.)
 */
static kith_status library_path(char out[PATH_MAX], kith_error *err) {
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program);
    if (length <= 0 || length == sizeof program)
        return kith_fail(err, KITH_E_IO, errno, "/proc/self/exe", "does not say where the program lies");
    while (length > 0 && program[length - 1] != '/')
        length--;
    int written = snprintf(out, PATH_MAX, "%.*s../" KITH_LIBRARIES "/libkith-label.so", (int)length, program);
    return written < PATH_MAX ? KITH_OK
                              : kith_fail(err, KITH_E_IO, ENAMETOOLONG, program, "the path is too long");
}

static kith_status load(kith_labels *out, kith_error *err) {
    char path[PATH_MAX];
    kith_status status = library_path(path, err);
    if (status != KITH_OK)
        return status;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle)
        out->library = dlsym(handle, KITH_LABEL_TABLE);
    if (!out->library)
        return kith_fail(err, KITH_E_IO, 0, NULL,
                         "no names can be drawn: %s (libpangoft2-1.0-0 brings Pango)", dlerror());
    out->fonts = out->library->open();
    return out->fonts ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for fonts");
}

kith_status kith_labels_open(kith_labels **out, kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for fonts");
    kith_status status = load(*out, err);
    if (status != KITH_OK)
        kith_labels_close(out);
    return status;
}

void kith_labels_close(kith_labels **labels) {
    if (!*labels)
        return;
    if ((*labels)->fonts)
        (*labels)->library->close((*labels)->fonts);
    free(*labels);
    *labels = NULL;
}

kith_status kith_label_make(kith_label *out, kith_labels *labels, const char *text, int size, int widest,
                            kith_error *err) {
    char seen[512];
    kith_printable(seen, sizeof seen, text, SIZE_MAX);
    *out = (kith_label){0};
    if (!labels->library->make(out, labels->fonts, seen, size, widest))
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a label");
    return KITH_OK;
}

void kith_label_clear(kith_label *label) {
    free(label->coverage);
    *label = (kith_label){0};
}
