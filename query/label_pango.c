/* SPDX-License-Identifier: MIT */
#include "query/label_pango.h"

#include <pango/pangoft2.h>
#include <stdlib.h>

typedef struct fonts {
    PangoFontMap *map;
    PangoContext *context;
} fonts;

static void *open_fonts(void) {
    fonts *out = calloc(1, sizeof *out);
    if (out) {
        out->map = pango_ft2_font_map_new();
        out->context = pango_font_map_create_context(out->map);
    }
    return out;
}

static void close_fonts(void *handle) {
    fonts *in = handle;
    g_object_unref(in->context);
    g_object_unref(in->map);
    free(in);
}

/* The layout of one line; the caller unrefs it. */
static PangoLayout *line(const fonts *from, const char *text, int size, int widest) {
    PangoLayout *layout = pango_layout_new(from->context);
    PangoFontDescription *font = pango_font_description_from_string("sans-serif bold");
    pango_font_description_set_absolute_size(font,
                                             size * PANGO_SCALE * 0.8); /* line height is about 1.2 em */
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_width(layout, widest * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static bool make(kith_label *out, void *handle, const char *text, int size, int widest) {
    PangoLayout *layout = line(handle, text, size, widest);
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
    return out->coverage != NULL;
}

const kith_label_library kith_label_pango = {.open = open_fonts, .close = close_fonts, .make = make};
