/* SPDX-License-Identifier: MIT */
#include "model/evaluate/calibration_report.h"

#include <inttypes.h>
#include <math.h>

#include "model/evaluate/photo_pair.h"

enum { SHOWN = 12 };

/* ---- text ---- */

static void print_head(FILE *out, const kith_calibration_report *r) {
    const kith_calibration *c = &r->measured->calibration;
    size_t faceless = kith_study_count(r->study, KITH_STUDY_FACELESS),
           failed = kith_study_count(r->study, KITH_STUDY_FAILED);
    fprintf(out,
            "%s, pipeline %s\n%" PRIu64 " faces of %" PRIu64 " persons, %" PRIu64
            " pairs of different persons\n",
            r->identity->network, r->identity->pipeline, c->faces, c->persons, c->pairs);
    if (faceless > 0)
        fprintf(out, "no face was found in %zu photos\n", faceless);
    if (failed > 0)
        fprintf(out, "%zu photos cannot be read\n", failed);
}

static void print_margin(FILE *out, const kith_measured_calibration *m) {
    fprintf(out, "\nmargin %.3f between the best two persons: ", m->calibration.margin);
    if (!m->margin_measured)
        fprintf(out, "not measured, too few faces have others of their person\n");
    else if (isnan(m->wrong))
        fprintf(out, "one right answer in a hundred becomes ambiguous\n");
    else
        fprintf(out, "of a hundred right answers one becomes ambiguous, of a hundred wrong ones %.0f\n",
                m->wrong);
}

/* A pair of persons that makes a large part of what is rare is rather a mistake in the names. */
static bool is_crowded(const kith_measured_calibration *m) {
    return m->events >= 10 && 4 * m->crowd_events > m->events;
}

void kith_calibration_report_text(FILE *out, const kith_calibration_report *r) {
    const kith_measured_calibration *m = r->measured;
    const kith_rate_table *table = &m->calibration.table;
    print_head(out, r);
    fprintf(out, "\n%-10s %9s   %s\n", "RATE", "THRESHOLD", "95 % OF THE RATE");
    for (size_t i = 0; i < table->count; i++) {
        fprintf(out, "%-10.2g %9.4f   ", table->rate[i], table->threshold[i]);
        if (i < m->measured)
            fprintf(out, "%.3g to %.3g\n", m->intervals[i].low, m->intervals[i].high);
        else
            fprintf(out, "extrapolated\n");
    }
    print_margin(out, m);
    if (is_crowded(m)) {
        char a[128], b[128];
        fprintf(out,
                "%s and %s make %" PRIu64 " of the %" PRIu64
                " most alike pairs: one person under two names, or wrong photos among them? They make the "
                "last thresholds too strict\n",
                kith_printable(a, sizeof a, r->study->persons.items[m->crowd[0]], SIZE_MAX),
                kith_printable(b, sizeof b, r->study->persons.items[m->crowd[1]], SIZE_MAX), m->crowd_events,
                m->events);
    }
}

/* ---- JSON ---- */

json_t *kith_calibration_report_json(const kith_calibration_report *r) {
    const kith_measured_calibration *m = r->measured;
    json_t *intervals = json_array();
    for (size_t i = 0; i < m->measured; i++)
        json_array_append_new(intervals, json_pack("[f, f]", m->intervals[i].low, m->intervals[i].high));
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:b}", "network", r->identity->network,
                               "pipeline", r->identity->pipeline, "undetected",
                               (json_int_t)kith_study_count(r->study, KITH_STUDY_FACELESS), "failed",
                               (json_int_t)kith_study_count(r->study, KITH_STUDY_FAILED), "calibration",
                               kith_calibration_json(&m->calibration), "intervals", intervals,
                               "margin_measured", m->margin_measured);
    if (object && is_crowded(m)) {
        const char *const *names = (const char *const *)r->study->persons.items;
        json_t *persons = json_array();
        json_array_append_new(persons, kith_path_json(names[m->crowd[0]], NULL));
        json_array_append_new(persons, kith_path_json(names[m->crowd[1]], NULL));
        json_object_set_new(object, "crowd",
                            json_pack("{s:o, s:I, s:I}", "persons", persons, "pairs",
                                      (json_int_t)m->crowd_events, "of", (json_int_t)m->events));
    }
    return object;
}

/* ---- the page ---- */

static kith_status put_curve(kith_html *html, const kith_measured_calibration *m, kith_error *err) {
    const kith_rate_table *table = &m->calibration.table;
    const size_t last = m->measured - 1;
    const kith_plot_series series[] = {{.name = "measured",
                                        .mark = KITH_PLOT_LINE_AND_POINTS,
                                        .colour = KITH_PLOT_BLUE,
                                        .x = table->threshold,
                                        .y = table->rate,
                                        .count = m->measured},
                                       {.name = "extrapolated",
                                        .mark = KITH_PLOT_LINE,
                                        .colour = KITH_PLOT_BLUE,
                                        .dashed = true,
                                        .x = table->threshold + last,
                                        .y = table->rate + last,
                                        .count = table->count - last}};
    const kith_plot_panel panel = {.title = "False matches",
                                   .x = {.label = "threshold (cosine)"},
                                   .y = {.label = "false-match rate of one comparison", .log = true},
                                   .series = series,
                                   .count = 2};
    const kith_plot plot = {.panels = &panel, .count = 1, .columns = 1};
    return kith_html_chart(html, &plot, "How rarely two different persons are that much alike.", err);
}

static void put_table(kith_html *html, const kith_measured_calibration *m) {
    static const char *const titles[] = {"false-match rate", "threshold", "95 % of the rate"};
    const kith_rate_table *table = &m->calibration.table;
    kith_html_table_begin(html, titles, 3);
    for (size_t i = 0; i < table->count; i++) {
        char texts[3][64];
        snprintf(texts[0], sizeof texts[0], "%.2g", table->rate[i]);
        snprintf(texts[1], sizeof texts[1], "%.4f", table->threshold[i]);
        if (i < m->measured)
            snprintf(texts[2], sizeof texts[2], "%.3g to %.3g", m->intervals[i].low, m->intervals[i].high);
        else
            snprintf(texts[2], sizeof texts[2], "extrapolated");
        const char *const cells[] = {texts[0], texts[1], texts[2]};
        kith_html_row(html, cells, 3);
    }
    kith_html_table_end(html);
}

static kith_status put_pairs(kith_html *html, const kith_calibration_report *r, const kith_scored_pair *pairs,
                             size_t count, const char *heading, const kith_decode_options *decode,
                             kith_error *err) {
    kith_photo_pair shown[SHOWN];
    count = count < SHOWN ? count : SHOWN;
    for (size_t i = 0; i < count; i++) {
        shown[i] = (kith_photo_pair){{r->measured->photos[pairs[i].a], r->measured->photos[pairs[i].b]}, ""};
        snprintf(shown[i].caption, sizeof shown[i].caption, "score %.3f", (double)pairs[i].score);
    }
    return kith_photo_pairs_put(html, r->study, heading, shown, count, decode, err);
}

static kith_status put_all(kith_html *html, const kith_calibration_report *r,
                           const kith_decode_options *decode, kith_error *err) {
    const kith_measured_calibration *m = r->measured;
    const kith_calibration *c = &m->calibration;
    kith_html_paragraph(html,
                        "Network %s, pipeline %s; kith %s. %" PRIu64 " faces of %" PRIu64 " persons, %" PRIu64
                        " pairs of different persons. Margin between the best two persons: %.3f.",
                        r->identity->network, r->identity->pipeline, KITH_VERSION, c->faces, c->persons,
                        c->pairs, c->margin);
    kith_html_gallery_begin(html);
    kith_status status = put_curve(html, m, err);
    kith_html_gallery_end(html);
    if (status != KITH_OK)
        return status;
    put_table(html, m);
    status = put_pairs(html, r, m->pairs->highest, m->pairs->highest_count,
                       "Different persons who look most alike", decode, err);
    if (status == KITH_OK)
        status = put_pairs(html, r, m->pairs->lowest, m->pairs->lowest_count, "One person, least alike",
                           decode, err);
    return status;
}

kith_status kith_calibration_report_html(const char *path, const kith_calibration_report *report,
                                         const kith_decode_options *decode, kith_error *err) {
    kith_html html;
    kith_status status = kith_html_begin(&html, path, "kith: calibration", err);
    if (status != KITH_OK)
        return status;
    return kith_html_end(&html, put_all(&html, report, decode, err), err);
}
