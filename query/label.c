/* SPDX-License-Identifier: MIT */
#include "query/label.h"

#include <pango/pangoft2.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
/* Fontconfig keeps what it once read until the process ends. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig";
}
#endif

struct kith_labels {
    PangoFontMap *fonts;
    PangoContext *context;
};

kith_status kith_labels_open(kith_labels **out, kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, "fonts", "no memory");
    (*out)->fonts = pango_ft2_font_map_new();
    (*out)->context = pango_font_map_create_context((*out)->fonts);
    return KITH_OK;
}

void kith_labels_close(kith_labels **labels) {
    if (!*labels)
        return;
    g_object_unref((*labels)->context);
    g_object_unref((*labels)->fonts);
    free(*labels);
    *labels = NULL;
}

/* The layout of one line; the caller unrefs it. */
static PangoLayout *line(kith_labels *labels, const char *text, int size, int widest) {
    char seen[512];
    PangoLayout *layout = pango_layout_new(labels->context);
    PangoFontDescription *font = pango_font_description_from_string("sans-serif bold");
    pango_font_description_set_absolute_size(font,
                                             size * PANGO_SCALE * 0.8); /* line height is about 1.2 em */
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_width(layout, widest * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_text(layout, kith_printable(seen, sizeof seen, text, SIZE_MAX), -1);
    return layout;
}

kith_status kith_label_make(kith_label *out, kith_labels *labels, const char *text, int size, int widest,
                            kith_error *err) {
    *out = (kith_label){0};
    PangoLayout *layout = line(labels, text, size, widest);
    PangoRectangle extent;
    pango_layout_get_pixel_extents(layout, NULL, &extent);
    out->width = extent.width < 1 ? 1 : extent.width > widest ? widest : extent.width;
    out->height = extent.height < 1 ? 1 : extent.height;
    out->coverage = calloc((size_t)out->width, (size_t)out->height);
    if (out->coverage) {
        FT_Bitmap bitmap = {.rows = (unsigned)out->height,
                            .width = (unsigned)out->width,
                            .pitch = out->width,
                            .buffer = out->coverage,
                            .num_grays = 256,
                            .pixel_mode = FT_PIXEL_MODE_GRAY};
        pango_ft2_render_layout(&bitmap, layout, -extent.x, -extent.y);
    }
    g_object_unref(layout);
    return out->coverage ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, "label", "no memory");
}

void kith_label_clear(kith_label *label) {
    free(label->coverage);
    *label = (kith_label){0};
}
