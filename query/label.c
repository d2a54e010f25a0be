/* SPDX-License-Identifier: MIT */
#include "query/label.h"

#include <stdint.h>

#include "proto/module.h"
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

static kith_status load(kith_labels *out, kith_error *err) {
    const void *table;
    kith_status status = kith_module_open(&table, "libkith-label.so", KITH_LABEL_TABLE,
                                          "no names can be drawn", "libpangoft2-1.0-0 brings Pango", err);
    if (status != KITH_OK)
        return status;
    out->library = table;
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
