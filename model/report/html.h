/* SPDX-License-Identifier: MIT
 *
 * Reports as one HTML file that needs nothing else: tables, charts and faces are inside of it. Readable in
 * light and dark, without scripts. Texts are untrusted and escaped here. Writing goes on after an error of
 * the file; kith_html_end() tells it.
 */
#ifndef KITH_MODEL_REPORT_HTML_H
#define KITH_MODEL_REPORT_HTML_H

#include "model/plot/plot.h"
#include "proto/replace.h"

typedef struct kith_html {
    kith_replacement replacement;
} kith_html;

/* The file appears under `path` at the end, whole or not at all. status: how its making went; with KITH_OK
 * the file takes the place of an old one, and what became of that is returned.
 */
kith_status kith_html_begin(kith_html *out, const char *path, const char *title, kith_error *err);
kith_status kith_html_end(kith_html *html, kith_status status, kith_error *err);

void kith_html_heading(kith_html *html, const char *text);
__attribute__((format(printf, 2, 3))) void kith_html_paragraph(kith_html *html, const char *format, ...);

/* Rows of `count` cells; the first column is text, the others are numbers. NULL: an empty cell. */
void kith_html_table_begin(kith_html *html, const char *const *titles, size_t count);
void kith_html_row(kith_html *html, const char *const *cells, size_t count);
void kith_html_table_end(kith_html *html);

/* Charts and faces stand side by side where there is room, between begin and end. */
void kith_html_gallery_begin(kith_html *html);
void kith_html_gallery_end(kith_html *html);

/* caption: what to see in it, also for those who cannot. KITH_E_IO: PLplot is not there. */
kith_status kith_html_chart(kith_html *html, const kith_plot *plot, const char *caption, kith_error *err);

/* One or several faces with their names (JPEGs of thumbnail.h; without bytes: a grey square) and a caption.
 */
typedef struct kith_html_face {
    const void *jpeg;
    size_t size;
    const char *name;
} kith_html_face;

kith_status kith_html_faces(kith_html *html, const kith_html_face *faces, size_t count, const char *caption,
                            kith_error *err);

#endif
