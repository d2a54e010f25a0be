/* SPDX-License-Identifier: MIT */
#include "indexer/calibrate_report.h"

#include <inttypes.h>
#include <string.h>

#include "indexer/store/plural.h"
#include "model/report/photos.h"
#include "proto/command/program.h"

/* "2.31 in 100" of a chance. */
static const char *chance(char out[32], double value) {
    snprintf(out, 32, value > 0 && value < 1e-4 ? "%.2g in 100" : "%.2f in 100", 100 * value);
    return out;
}

static const char *name_of(const kith_calibrated_gallery *r, uint32_t face) {
    return r->list->faces[face].name;
}

static size_t size_of(const kith_calibrated_gallery *r, uint32_t face) {
    return kith_face_list_size(r->list, r->list->persons[face]);
}

/* Suspects and copies are lists of their own. */
static bool is_shown(const kith_suspects *all, size_t i, size_t top) {
    return i < all->copies_begin ? i < top : i - all->copies_begin < top;
}

/* What is suspect, and behind each `separator` a face as on the command line; printable. */
static kith_status sentence(char *out, size_t size, const kith_calibrated_gallery *r, const kith_suspect *s,
                            const char *separator, kith_error *err) {
    const char *names[2] = {name_of(r, s->faces[0]), name_of(r, s->faces[1])};
    char text[4096];
    switch (s->kind) {
    case KITH_SUSPECT_FACE:
        snprintf(text, sizeof text, "named %s and more like %s: %.2f, like %s %.2f", names[0], names[1],
                 s->likeness, names[0], s->own);
        break;
    case KITH_SUSPECT_NAMES:
        snprintf(text, sizeof text, "%s (%zu face%s) and %s (%zu) look like one person: %.2f", names[0],
                 size_of(r, s->faces[0]), kith_plural(size_of(r, s->faces[0])), names[1],
                 size_of(r, s->faces[1]), s->likeness);
        break;
    default:
        snprintf(text, sizeof text, "one picture of %s twice: %.3f", names[0], s->likeness);
    }
    kith_printable(out, size, text, SIZE_MAX);
    for (int i = 0; i < (s->kind == KITH_SUSPECT_FACE ? 1 : 2); i++) {
        char *face = kith_listed_name(&r->list->faces[s->faces[i]]), seen[8192];
        size_t used = strlen(out);
        if (!face)
            return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a face's name");
        snprintf(out + used, size - used, "%s%s", separator,
                 kith_printable(seen, sizeof seen, face, SIZE_MAX));
        free(face);
    }
    return KITH_OK;
}

/* ---- text ---- */

static void print_table(const kith_calibrated_gallery *r) {
    const kith_gallery_calibration *c = &r->calibration;
    printf("%" PRIu64 " faces of %" PRIu64 " persons, each asked about among all other persons\n\n", c->faces,
           c->persons);
    printf("%-12s %9s %9s\n", "STRANGERS", "BEST", "MEAN3");
    for (size_t i = 0; i < c->tables[0].count && c->tables[0].rate[i] > 0.9e-4; i++) {
        char named[32];
        snprintf(named, sizeof named, "1 in %.0f", 1 / c->tables[0].rate[i]);
        printf("%-12s %9.4f %9.4f%s\n", named, c->tables[0].threshold[i], c->tables[1].threshold[i],
               c->tables[0].rate[i] < c->tables[0].supported ? "   extrapolated" : "");
    }
    printf("%-12s %9.3f %9.3f\n\n", "margin", c->margins[0], c->margins[1]);
}

static kith_status print_suspects(const kith_calibrated_gallery *r, size_t top, kith_error *err) {
    const kith_suspects *all = &r->suspects;
    size_t copies = all->copies_begin;
    char line[16384], before[32], after[32];
    kith_status status = KITH_OK;
    printf("At the threshold %.3f, which the model's calibration gives for 1 stranger in %.0f,\n"
           "%s strangers would be named in this gallery.\n",
           r->threshold, 1 / r->fpir, chance(before, all->fpir));
    for (size_t i = 0; i < all->count && status == KITH_OK; i++) {
        if (i == 0 && copies > 0)
            printf("\n%zu suspect name%s, the most suspect first, and how many strangers would be named when "
                   "it is mended\n",
                   copies, kith_plural(copies));
        if (i == copies)
            printf("\n%zu pair%s of copies under one name: no error, but a picture counts twice "
                   "(kith-index forget --photo\ntakes one away), and how many would be named without the "
                   "second\n",
                   all->count - copies, kith_plural(all->count - copies));
        if (!is_shown(all, i, top))
            continue;
        status = sentence(line, sizeof line, r, &all->items[i], "\n              ", err);
        if (status == KITH_OK)
            printf("%12s  %s\n", chance(after, all->items[i].without), line);
    }
    return status;
}

kith_status kith_calibrated_text(const kith_calibrated_gallery *r, size_t top, kith_error *err) {
    if (r->stored)
        print_table(r);
    return print_suspects(r, top, err);
}

/* ---- JSON ---- */

static json_t *suspects_json(const kith_calibrated_gallery *r, size_t top) {
    json_t *array = json_array();
    int bad = array == NULL;
    for (size_t i = 0; i < r->suspects.count; i++) {
        const kith_suspect *s = &r->suspects.items[i];
        if (!is_shown(&r->suspects, i, top))
            continue;
        json_t *row = json_pack("{s:s, s:[o, o], s:f, s:f, s:f}", "kind", kith_suspicion_names[s->kind],
                                "faces", kith_listed_json(&r->list->faces[s->faces[0]]),
                                kith_listed_json(&r->list->faces[s->faces[1]]), "likeness", s->likeness,
                                "weight", s->weight, "without", s->without);
        if (row && s->kind == KITH_SUSPECT_FACE)
            bad |= json_object_set_new(row, "own", json_real(s->own));
        bad |= json_array_append_new(array, row);
    }
    if (!bad)
        return array;
    json_decref(array);
    return NULL;
}

kith_status kith_calibrated_json(const kith_calibrated_gallery *r, size_t top, kith_error *err) {
    size_t copies = r->suspects.copies_begin;
    json_t *object = json_object();
    int bad = kith_path_members(object, "gallery", "gallery_raw", r->uri);
    if (r->stored)
        bad |= json_object_set_new(object, "calibration", kith_gallery_calibration_json(&r->calibration));
    bad |= json_object_update_new(
        object, json_pack("{s:I, s:I, s:f, s:f, s:b, s:f, s:I, s:I, s:o}", "faces",
                          (json_int_t)r->list->named, "persons", (json_int_t)r->list->person_count, "fpir",
                          r->fpir, "threshold", r->threshold, "extrapolated", r->extrapolated, "expected",
                          r->suspects.fpir, "suspect_names", (json_int_t)copies, "copies",
                          (json_int_t)(r->suspects.count - copies), "suspects", suspects_json(r, top)));
    if (bad) {
        json_decref(object);
        object = NULL;
    }
    return kith_print_json(object, KITH_JSON_SHORT, err);
}

/* ---- the page ---- */

static kith_status put_curve(kith_html *html, const kith_calibrated_gallery *r, kith_error *err) {
    static const char *const names[KITH_SCORINGS] = {"best face", "mean of three"};
    static const kith_plot_colour colours[KITH_SCORINGS] = {KITH_PLOT_BLUE, KITH_PLOT_VERMILION};
    enum { LINES = 2 * KITH_SCORINGS }; /* of each way what was measured, then what was not */
    kith_plot_series series[LINES];
    for (size_t i = 0; i < KITH_SCORINGS; i++) {
        const kith_rate_table *t = &r->calibration.tables[i];
        size_t measured = 0;
        while (measured < t->count && t->rate[measured] >= t->supported)
            measured++;
        series[2 * i] = (kith_plot_series){.name = names[i],
                                           .mark = KITH_PLOT_LINE_AND_POINTS,
                                           .colour = colours[i],
                                           .x = t->threshold,
                                           .y = t->rate,
                                           .count = measured};
        series[2 * i + 1] = (kith_plot_series){.mark = KITH_PLOT_LINE,
                                               .colour = colours[i],
                                               .dashed = true,
                                               .x = t->threshold + measured - 1,
                                               .y = t->rate + measured - 1,
                                               .count = t->count - measured + 1};
    }
    const kith_plot_panel panel = {.title = "Strangers who are named",
                                   .x = {.label = "threshold (cosine)"},
                                   .y = {.label = "chance", .log = true, .low = 1e-4, .high = 1},
                                   .series = series,
                                   .count = LINES};
    const kith_plot plot = {.panels = &panel, .count = 1, .columns = 1};
    return kith_html_chart(html, &plot, "Measured in this gallery; dashed: extrapolated.", err);
}

static kith_status put_suspect(kith_html *html, const kith_calibrated_gallery *r, const kith_suspect *s,
                               kith_error *err) {
    static const kith_decode_options decode = {.max_pixels = KITH_MAX_PIXELS};
    char caption[16384], words[16000], after[32];
    kith_shown_face faces[2];
    for (int i = 0; i < 2; i++) {
        const kith_listed_face *face = &r->list->faces[s->faces[i]];
        faces[i] = (kith_shown_face){face->path, face->box, face->name};
    }
    kith_status status = sentence(words, sizeof words, r, s, ", ", err);
    snprintf(caption, sizeof caption, "%s; mended: %s", words, chance(after, s->without));
    return status == KITH_OK ? kith_html_photos(html, faces, 2, caption, &decode, err) : status;
}

static kith_status put_suspects(kith_html *html, const kith_calibrated_gallery *r, size_t from, size_t to,
                                const char *heading, kith_error *err) {
    kith_status status = KITH_OK;
    kith_html_heading(html, heading);
    if (from == to)
        kith_html_paragraph(html, "None.");
    kith_html_gallery_begin(html);
    for (size_t i = from; i < to && status == KITH_OK; i++)
        status = put_suspect(html, r, &r->suspects.items[i], err);
    kith_html_gallery_end(html);
    return status;
}

static kith_status put_all(kith_html *html, const kith_calibrated_gallery *r, size_t top, kith_error *err) {
    size_t copies = r->suspects.copies_begin, end = r->suspects.count;
    char expected[32];
    kith_html_paragraph(html,
                        "%s: %zu faces of %zu persons. At the threshold %.3f, which the model's calibration "
                        "gives for 1 stranger in %.0f, %s would be named here.",
                        r->uri, r->list->named, r->list->person_count, r->threshold, 1 / r->fpir,
                        chance(expected, r->suspects.fpir));
    kith_status status = KITH_OK;
    if (r->stored) {
        kith_html_gallery_begin(html);
        status = put_curve(html, r, err);
        kith_html_gallery_end(html);
    }
    if (status == KITH_OK)
        status = put_suspects(html, r, 0, copies < top ? copies : top, "Names that look wrong", err);
    if (status == KITH_OK)
        status = put_suspects(html, r, copies, end - copies < top ? end : copies + top, "Copies", err);
    return status;
}

kith_status kith_calibrated_html(const char *path, const kith_calibrated_gallery *result, size_t top,
                                 kith_error *err) {
    kith_html html;
    kith_status status = kith_html_begin(&html, path, "kith: a gallery's calibration", err);
    if (status != KITH_OK)
        return status;
    return kith_html_end(&html, put_all(&html, result, top, err), err);
}
