/* SPDX-License-Identifier: MIT
 *
 * The page: tables, charts, and the worst errors as they look.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#include "model/evaluate/charts.h"
#include "model/evaluate/photo_pair.h"

enum { CELL = 64, COLUMNS = 7 };

/* A row of formatted cells. */
typedef struct page_row {
    char texts[COLUMNS][CELL];
    const char *cells[COLUMNS];
    size_t count;
} page_row;

__attribute__((format(printf, 2, 3))) static void add(page_row *row, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(row->texts[row->count], CELL, format, list);
    va_end(list);
    row->cells[row->count] = row->texts[row->count];
    row->count++;
}

static void add_share(page_row *row, double share) {
    if (isnan(share))
        add(row, "-");
    else
        add(row, "%.2f %%", 100 * share);
}

static void add_interval(page_row *row, kith_interval interval) {
    if (isnan(interval.low))
        add(row, "-");
    else
        add(row, "%.2f to %.2f %%", 100 * interval.low, 100 * interval.high);
}

static void put(kith_html *html, const page_row *row) {
    kith_html_row(html, row->cells, row->count);
}

/* ---- verification ---- */

static void put_share(kith_html *html, const char *name, double share, kith_interval interval,
                      const char *note) {
    page_row row = {0};
    add(&row, "%s", name);
    add_share(&row, share);
    add_interval(&row, interval);
    add(&row, "%s", note);
    put(html, &row);
}

static void put_tar(kith_html *html, const kith_verification *v, size_t i) {
    char name[32], note[CELL];
    double tar = v->values[KITH_VERIFY_TAR + i];
    snprintf(name, sizeof name, "TAR at FAR %g", kith_fars[i]);
    if (isnan(tar))
        snprintf(note, sizeof note, "needs %" PRIu64 " pairs of different persons",
                 kith_trials_for(kith_fars[i], 1));
    else
        snprintf(note, sizeof note, "threshold %.4f", v->thresholds[i]);
    put_share(html, name, tar, v->intervals[KITH_VERIFY_TAR + i], note);
}

static void put_verification(kith_html *html, const kith_report *r) {
    static const char *const titles[] = {"", "value", "95 % over persons", ""};
    const kith_verification *v = r->verification;
    char note[CELL];
    page_row auc = {0};
    kith_html_paragraph(
        html,
        "%zu pairs: %zu of one person, %zu of different persons. %zu count as errors for want of a face; "
        "%zu more were left out because their photos cannot be read.",
        v->pairs, v->same, v->different, v->undetected, v->left_out);
    kith_html_table_begin(html, titles, 4);
    snprintf(note, sizeof note, "deviation %.2f %% over %d folds", 100 * v->deviation, v->folds);
    put_share(html, "accuracy", v->values[KITH_VERIFY_ACCURACY], v->intervals[KITH_VERIFY_ACCURACY], note);
    add(&auc, "AUC");
    add(&auc, "%.5f", v->values[KITH_VERIFY_AUC]);
    add(&auc, "%.5f to %.5f", v->intervals[KITH_VERIFY_AUC].low, v->intervals[KITH_VERIFY_AUC].high);
    add(&auc, "%s", "");
    put(html, &auc);
    snprintf(note, sizeof note, "most right decisions at threshold %.4f", v->threshold);
    put_share(html, "EER", v->values[KITH_VERIFY_EER], v->intervals[KITH_VERIFY_EER], note);
    for (size_t i = 0; i < KITH_FARS; i++)
        put_tar(html, v, i);
    kith_html_table_end(html);
}

static void put_verify_groups(kith_html *html, const kith_verification *v) {
    static const char *const titles[] = {
        "group", "pairs of one person", "refused", "pairs of different persons", "accepted", "AUC"};
    kith_html_heading(html, "Groups, at the threshold of all");
    kith_html_table_begin(html, titles, 6);
    for (size_t i = 0; i < v->group_count; i++) {
        const kith_verify_group *g = &v->groups[i];
        page_row row = {0};
        add(&row, "%s", g->name);
        add(&row, "%zu", g->same);
        add(&row, "%zu", g->refused);
        add(&row, "%zu", g->different);
        add(&row, "%zu", g->accepted);
        if (isnan(g->auc))
            add(&row, "-");
        else
            add(&row, "%.4f", g->auc);
        put(html, &row);
    }
    kith_html_table_end(html);
}

/* ---- identification ---- */

static void put_size(kith_html *html, const kith_report *r, const kith_identify_size *size) {
    for (size_t i = 0; i < KITH_FPIRS; i++) {
        page_row row = {0};
        add(&row, "%zu", size->persons);
        add(&row, "%.2f %%", 100 * size->ranks[0]);
        add(&row, "%g", kith_fpirs[i]);
        add_share(&row, size->fnir[i]);
        add_interval(&row, size->fnir_interval[i]);
        if (isnan(size->fnir[i]))
            add(&row, "needs %" PRIu64 " photos of strangers, has %zu", kith_trials_for(kith_fpirs[i], 1),
                kith_report_strangers(r, size));
        else
            add(&row, "%.4f", size->threshold[i]);
        put(html, &row);
    }
}

/* What kith-query would do. */
static void put_asked(kith_html *html, const kith_identification *id) {
    static const char *const titles[] = {"persons in the gallery", "threshold by", "--fpir",
                                         "strangers named",        "FNIR",         "threshold"};
    kith_html_heading(html, "What comes of asking for an FPIR");
    kith_html_paragraph(
        html, "By the network's calibration, as kith-query does in a gallery without one of its own; and by "
              "one of each gallery itself, as kith-index calibrate measures it.");
    kith_html_table_begin(html, titles, 6);
    for (size_t s = 0; s < id->size_count; s++)
        for (size_t k = 0; k < (size_t)KITH_ASKED_WAYS * KITH_FPIRS; k++) {
            const kith_asked *asked = &id->sizes[s].asked[k / KITH_FPIRS][k % KITH_FPIRS];
            page_row row = {0};
            if (asked->draws == 0)
                continue;
            add(&row, "%zu", id->sizes[s].persons);
            add(&row, k / KITH_FPIRS == KITH_ASKED_NETWORK ? "network" : "gallery");
            add(&row, "%g", kith_fpirs[k % KITH_FPIRS]);
            add_share(&row, asked->fpir);
            add_share(&row, asked->fnir);
            add(&row, "%.4f%s", asked->threshold, asked->extrapolated ? ", extrapolated" : "");
            put(html, &row);
        }
    kith_html_table_end(html);
}

static void put_identification(kith_html *html, const kith_report *r) {
    static const char *const titles[] = {"persons in the gallery", "rank 1",   "FPIR", "FNIR",
                                         "95 % over persons",      "threshold"};
    const kith_identification *id = r->identification;
    const kith_identify_size *largest = &id->sizes[id->size_count - 1];
    kith_html_paragraph(
        html,
        "Galleries of seed %" PRIu64 ", %zu draws of each size, %zu photos enrolled of each person; %zu of "
        "%zu persons have more. Everybody else is a stranger. In the largest gallery: %zu probes of "
        "persons, %zu of strangers.",
        r->options->seed, r->options->draws, r->options->enrolled, id->eligible, r->study->persons.count,
        largest->mated_count, largest->stranger_count);
    kith_html_table_begin(html, titles, 6);
    for (size_t i = 0; i < id->size_count; i++)
        put_size(html, r, &id->sizes[i]);
    kith_html_table_end(html);
}

static void put_identify_groups(kith_html *html, const kith_identification *id) {
    static const char *const titles[] = {
        "group", "probes", "rank 1", "FNIR at FPIR 0.01", "strangers' probes", "their FPIR"};
    kith_html_heading(html, "Groups, in the largest gallery at the threshold of all");
    kith_html_table_begin(html, titles, 6);
    for (size_t i = 0; i < id->group_count; i++) {
        const kith_identify_group *g = &id->groups[i];
        page_row row = {0};
        add(&row, "%s", g->name);
        add(&row, "%zu", g->mated);
        add_share(&row, g->rank1);
        add_share(&row, g->fnir[KITH_FPIR_SHOWN]);
        add(&row, "%zu", g->strangers);
        add_share(&row, g->fpir[KITH_FPIR_SHOWN]);
        put(html, &row);
    }
    kith_html_table_end(html);
}

/* ---- errors as they look ---- */

typedef struct errors_page {
    kith_html *html;
    const kith_report *report;
    const kith_decode_options *decode;
} errors_page;

static kith_status put_pairs(const errors_page *page, const uint32_t *numbers, size_t count,
                             const char *heading, kith_error *err) {
    const kith_verification *v = page->report->verification;
    kith_photo_pair shown[KITH_WORST];
    for (size_t i = 0; i < count; i++) {
        const kith_pair *pair = &page->report->pairs->items[numbers[i]];
        double score = 0;
        for (size_t t = 0; t < v->pairs; t++)
            if (v->trials[t].number == numbers[i])
                score = (double)v->trials[t].score;
        shown[i] = (kith_photo_pair){{pair->a, pair->b}, ""};
        snprintf(shown[i].caption, sizeof shown[i].caption, "score %.3f, line %" PRIu32, score, pair->line);
    }
    return kith_photo_pairs_put(page->html, page->report->study, heading, shown, count, page->decode, err);
}

static kith_status put_verify_errors(const errors_page *page, kith_error *err) {
    const kith_verification *v = page->report->verification;
    kith_status status = put_pairs(page, v->worst_different, v->worst_different_count,
                                   "Different persons who look most alike", err);
    return status == KITH_OK
               ? put_pairs(page, v->worst_same, v->worst_same_count, "One person, least alike", err)
               : status;
}

/* Whether an earlier one of these shows the same two photos: draws repeat each other. */
static bool is_repeated(const kith_probe_result *probes, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (probes[k].photo == probes[i].photo && probes[k].near == probes[i].near)
            return true;
    return false;
}

static kith_status put_probes(const errors_page *page, const kith_probe_result *probes, size_t count,
                              const char *heading, kith_error *err) {
    kith_photo_pair shown[KITH_IDENTIFY_WORST];
    for (size_t i = 0; i < count; i++) {
        char rank[32] = "";
        if (probes[i].rank > 1)
            snprintf(rank, sizeof rank, ", %" PRIu32 " person%s nearer", probes[i].rank - 1,
                     probes[i].rank == 2 ? " is" : "s are");
        shown[i] = (kith_photo_pair){{probes[i].photo, probes[i].near}, ""};
        snprintf(shown[i].caption, sizeof shown[i].caption, "score %.3f%s", (double)probes[i].score, rank);
    }
    return kith_photo_pairs_put(page->html, page->report->study, heading, shown, count, page->decode, err);
}

/* Strangers that reach the threshold at FPIR 0.01 from the top, persons that are missed from the bottom. */
static kith_status put_identify_errors(const errors_page *page, kith_error *err) {
    const kith_identification *id = page->report->identification;
    const kith_identify_size *size = &id->sizes[id->size_count - 1];
    double shown = size->threshold[KITH_FPIR_SHOWN], threshold = isnan(shown) ? size->threshold[0] : shown;
    kith_probe_result worst[KITH_IDENTIFY_WORST];
    size_t count = 0;
    for (size_t i = 0; i < size->stranger_count && count < KITH_IDENTIFY_WORST; i++) {
        worst[count] = size->strangers[i];
        count += (double)worst[count].score >= threshold && !is_repeated(worst, count);
    }
    kith_status status = put_probes(page, worst, count, "Strangers nearest to somebody", err);
    count = 0;
    for (size_t i = size->mated_count; i-- > 0 && count < KITH_IDENTIFY_WORST;) {
        worst[count] = size->mated[i];
        bool missed = worst[count].rank > 1 || (double)worst[count].score < threshold;
        count += missed && worst[count].near != UINT32_MAX && !is_repeated(worst, count);
    }
    return status == KITH_OK ? put_probes(page, worst, count, "Persons who are missed by most", err) : status;
}

/* ---- the whole ---- */

static kith_status put_all(kith_html *html, const kith_report *r, const kith_decode_options *decode,
                           kith_error *err) {
    const errors_page page = {html, r, decode};
    const kith_study *study = r->study;
    kith_html_paragraph(
        html,
        "Network %s, pipeline %s; kith %s. %zu photos of %zu persons: no face was found in %zu, %zu "
        "cannot be read.",
        r->identity->network, r->identity->pipeline, KITH_VERSION, study->names.count, study->persons.count,
        kith_study_count(study, KITH_STUDY_FACELESS), kith_study_count(study, KITH_STUDY_FAILED));
    if (r->verification) {
        put_verification(html, r);
        kith_status status = kith_charts_verification(html, r->verification, err);
        if (r->groups)
            put_verify_groups(html, r->verification);
        return status == KITH_OK ? put_verify_errors(&page, err) : status;
    }
    put_identification(html, r);
    kith_status status = kith_charts_identification(html, r->identification, err);
    if (r->options->network)
        put_asked(html, r->identification);
    if (r->groups)
        put_identify_groups(html, r->identification);
    return status == KITH_OK ? put_identify_errors(&page, err) : status;
}

kith_status kith_report_html(const char *path, const kith_report *report, const kith_decode_options *decode,
                             kith_error *err) {
    kith_html html;
    kith_status status = kith_html_begin(
        &html, path, report->verification ? "kith: verification" : "kith: identification", err);
    if (status != KITH_OK)
        return status;
    return kith_html_end(&html, put_all(&html, report, decode, err), err);
}
