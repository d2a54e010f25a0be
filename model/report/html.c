/* SPDX-License-Identifier: MIT */
#include "model/report/html.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "proto/point.h"

static const char style[] =
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\n"
    "body{max-width:72rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.25rem .9rem .25rem 0;text-align:right;white-space:nowrap;border-bottom:1px solid #8885}\n"
    "th:first-child,td:first-child{text-align:left}\n"
    ".gallery{display:flex;flex-wrap:wrap;gap:1rem;margin:1.5rem 0}\n"
    "figure{margin:0;border:1px solid "
    "#8885;border-radius:.4rem;padding:.6rem;max-width:100%;box-sizing:border-box}\n"
    "figcaption{font-size:.85rem;max-width:32rem;overflow-wrap:anywhere}\n"
    ".chart{flex:0 1 34rem}.chart img{display:block;width:100%;height:auto;background:#fff}\n"
    ".faces figcaption{max-width:16rem}\n"
    ".faces div{display:flex;flex-wrap:wrap;gap:.4rem}\n"
    ".faces span{font-size:.75rem;width:7rem;overflow-wrap:anywhere}\n"
    ".faces img,.faces i{display:block;width:7rem;height:7rem;object-fit:contain;background:#8883}\n";

static void put_text(FILE *to, const char *text) {
    char shown[8192];
    for (const char *c = kith_printable(shown, sizeof shown, text, SIZE_MAX); *c; c++) {
        switch (*c) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        default:
            putc(*c, to);
        }
    }
}

/* <tag>text</tag> */
static void put_element(FILE *to, const char *tag, const char *text) {
    fprintf(to, "<%s>", tag);
    put_text(to, text);
    fprintf(to, "</%s>", tag);
}

static kith_status put_data(FILE *to, const char *type, const void *bytes, size_t size, kith_error *err) {
    json_t *base64 = kith_base64_json(bytes, size);
    if (!base64)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a picture of the report");
    fprintf(to, "data:%s;base64,%s", type, json_string_value(base64));
    json_decref(base64);
    return KITH_OK;
}

kith_status kith_html_begin(kith_html *out, const char *path, const char *title, kith_error *err) {
    kith_status status = kith_replace_begin(&out->replacement, path, err);
    if (status != KITH_OK)
        return status;
    FILE *to = out->replacement.file;
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
          to);
    put_element(to, "title", title);
    fprintf(to, "\n<style>\n%s</style>\n</head>\n<body>\n", style);
    put_element(to, "h1", title);
    putc('\n', to);
    return KITH_OK;
}

kith_status kith_html_end(kith_html *html, kith_status status, kith_error *err) {
    fputs("</body>\n</html>\n", html->replacement.file);
    return kith_replace_end(&html->replacement, status, err);
}

void kith_html_heading(kith_html *html, const char *text) {
    put_element(html->replacement.file, "h2", text);
    putc('\n', html->replacement.file);
}

void kith_html_paragraph(kith_html *html, const char *format, ...) {
    char text[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put_element(html->replacement.file, "p", text);
    putc('\n', html->replacement.file);
}

static void put_row(FILE *to, const char *tag, const char *const *cells, size_t count) {
    fputs("<tr>", to);
    for (size_t i = 0; i < count; i++)
        put_element(to, tag, cells[i] ? cells[i] : "");
    fputs("</tr>\n", to);
}

void kith_html_table_begin(kith_html *html, const char *const *titles, size_t count) {
    fputs("<div class=\"wide\">\n<table>\n<thead>\n", html->replacement.file);
    put_row(html->replacement.file, "th", titles, count);
    fputs("</thead>\n<tbody>\n", html->replacement.file);
}

void kith_html_row(kith_html *html, const char *const *cells, size_t count) {
    put_row(html->replacement.file, "td", cells, count);
}

void kith_html_table_end(kith_html *html) {
    fputs("</tbody>\n</table>\n</div>\n", html->replacement.file);
}

void kith_html_gallery_begin(kith_html *html) {
    fputs("<div class=\"gallery\">\n", html->replacement.file);
}

void kith_html_gallery_end(kith_html *html) {
    fputs("</div>\n", html->replacement.file);
}

kith_status kith_html_chart(kith_html *html, const kith_plot *plot, const char *caption, kith_error *err) {
    FILE *to = html->replacement.file;
    char *svg = NULL;
    size_t size = 0;
    kith_status status = kith_plot_svg(&svg, &size, plot, err);
    if (status != KITH_OK)
        return status;
    fputs("<figure class=\"chart\"><img alt=\"", to);
    put_text(to, caption);
    fputs("\" src=\"", to);
    status = put_data(to, "image/svg+xml", svg, size, err);
    fputs("\">", to);
    put_element(to, "figcaption", caption);
    fputs("</figure>\n", to);
    free(svg);
    return status;
}

static kith_status put_face(FILE *to, const kith_html_face *face, kith_error *err) {
    kith_status status = KITH_OK;
    fputs("<span>", to);
    if (face->size > 0) {
        fputs("<img alt=\"\" src=\"", to);
        status = put_data(to, "image/jpeg", face->jpeg, face->size, err);
        fputs("\">", to);
    } else {
        fputs("<i></i>", to);
    }
    put_text(to, face->name);
    fputs("</span>", to);
    return status;
}

kith_status kith_html_faces(kith_html *html, const kith_html_face *faces, size_t count, const char *caption,
                            kith_error *err) {
    FILE *to = html->replacement.file;
    kith_status status = KITH_OK;
    fputs("<figure class=\"faces\"><div>", to);
    for (size_t i = 0; i < count && status == KITH_OK; i++)
        status = put_face(to, &faces[i], err);
    fputs("</div>", to);
    put_element(to, "figcaption", caption);
    fputs("</figure>\n", to);
    return status;
}
