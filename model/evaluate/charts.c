/* SPDX-License-Identifier: MIT */
#include "model/evaluate/charts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 60, SIZES_MOST = 8 };

static const kith_plot_colour colours[SIZES_MOST] = {KITH_PLOT_BLUE,   KITH_PLOT_VERMILION, KITH_PLOT_GREEN,
                                                     KITH_PLOT_ORANGE, KITH_PLOT_SKY,       KITH_PLOT_PURPLE,
                                                     KITH_PLOT_BLACK,  KITH_PLOT_GREY};

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a chart");
}

/* One panel of its own. */
static kith_status put(kith_html *html, const kith_plot_panel *panel, const char *caption, kith_error *err) {
    const kith_plot plot = {.panels = panel, .count = 1, .columns = 1};
    return kith_html_chart(html, &plot, caption, err);
}

/* ---- curves ---- */

typedef struct curve {
    double *x, *y;
    size_t count;
} curve;

static bool curve_init(curve *out, size_t room) {
    *out = (curve){calloc(room + 1, sizeof *out->x), calloc(room + 1, sizeof *out->y), 0};
    return out->x && out->y;
}

static void curve_clear(curve *c) {
    free(c->x);
    free(c->y);
}

/* Points that nobody could tell from the one before are left out; x is on a logarithmic axis. */
static void curve_add(curve *c, double x, double y) {
    static const double NARROW = 0.005, LOW = 0.0005;
    if (c->count > 0 && fabs(log(x) - log(c->x[c->count - 1])) < NARROW && fabs(y - c->y[c->count - 1]) < LOW)
        return;
    c->x[c->count] = x;
    c->y[c->count++] = y;
}

static kith_status put_roc(kith_html *html, const kith_roc *roc, bool det, kith_error *err) {
    curve c;
    bool good = curve_init(&c, roc->count);
    for (size_t i = 0; good && i < roc->count; i++)
        if (roc->far[i] > 0)
            curve_add(&c, roc->far[i], det ? 1 - roc->tar[i] : roc->tar[i]);
    const kith_plot_series series = {
        .mark = KITH_PLOT_LINE, .colour = KITH_PLOT_BLUE, .x = c.x, .y = c.y, .count = c.count};
    const kith_plot_panel panel = {
        .title = det ? "Detection error trade-off" : "Receiver operating characteristic",
        .x = {.label = "false acceptance rate", .log = true},
        .y = {.label = det ? "false rejection rate" : "true acceptance rate", .log = det},
        .series = &series,
        .count = 1};
    kith_status status =
        !good ? no_memory(err)
              : put(html, &panel,
                    det ? "How many pairs of one person are refused when so many of different "
                          "persons are accepted."
                        : "How many pairs of one person are accepted when so many of different "
                          "persons are.",
                    err);
    curve_clear(&c);
    return status;
}

/* ---- scores ---- */

/* Two distributions over the range that they have together. Scores are sorted, highest first. */
static kith_status put_scores(kith_html *html, const float *first, size_t first_count, const char *first_name,
                              const float *second, size_t second_count, const char *second_name,
                              double threshold, const char *caption, kith_error *err) {
    double edges[BINS], shares[2][BINS], low = INFINITY, high = -INFINITY;
    const float *scores[2] = {first, second};
    const size_t counts[2] = {first_count, second_count};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < counts[k]; i++)
            if (isfinite(scores[k][i])) {
                low = fmin(low, (double)scores[k][i]);
                high = fmax(high, (double)scores[k][i]);
            }
    if (!(low < high))
        return KITH_OK;
    for (int k = 0; k < 2; k++)
        kith_plot_histogram(edges, shares[k], BINS, low, high, scores[k], counts[k]);
    double top = 0;
    for (int i = 0; i < BINS; i++)
        top = fmax(top, fmax(shares[0][i], shares[1][i]));
    const double line_x[2] = {threshold, threshold}, line_y[2] = {0, top};
    const kith_plot_series series[] = {{.name = first_name,
                                        .mark = KITH_PLOT_HISTOGRAM,
                                        .colour = KITH_PLOT_BLUE,
                                        .x = edges,
                                        .y = shares[0],
                                        .count = BINS},
                                       {.name = second_name,
                                        .mark = KITH_PLOT_HISTOGRAM,
                                        .colour = KITH_PLOT_VERMILION,
                                        .x = edges,
                                        .y = shares[1],
                                        .count = BINS},
                                       {.name = "threshold",
                                        .mark = KITH_PLOT_LINE,
                                        .colour = KITH_PLOT_GREY,
                                        .dashed = true,
                                        .x = line_x,
                                        .y = line_y,
                                        .count = 2}};
    const kith_plot_panel panel = {.title = "Scores",
                                   .x = {.label = "score (cosine)"},
                                   .y = {.label = "share"},
                                   .series = series,
                                   .count = isnan(threshold) ? 2 : 3};
    return put(html, &panel, caption, err);
}

static kith_status put_trials(kith_html *html, const kith_verification *v, kith_error *err) {
    float *scores = calloc(v->pairs, sizeof *scores);
    if (!scores)
        return no_memory(err);
    size_t same = 0, different = 0;
    for (size_t i = 0; i < v->pairs; i++)
        scores[v->trials[i].same ? same++ : v->same + different++] = v->trials[i].score;
    kith_status status =
        put_scores(html, scores, same, "one person", scores + v->same, different, "different persons",
                   v->threshold, "How alike the two photos of a pair are.", err);
    free(scores);
    return status;
}

kith_status kith_charts_verification(kith_html *html, const kith_verification *v, kith_error *err) {
    kith_html_gallery_begin(html);
    kith_status status = put_roc(html, &v->roc, false, err);
    if (status == KITH_OK)
        status = put_roc(html, &v->roc, true, err);
    if (status == KITH_OK)
        status = put_trials(html, v, err);
    kith_html_gallery_end(html);
    return status;
}

/* ---- identification ---- */

/* FNIR at each score of a stranger, from the highest. */
static bool trace(curve *out, const kith_identify_size *size) {
    if (!curve_init(out, size->stranger_count))
        return false;
    for (size_t i = 0; i < size->stranger_count && !isinf(size->strangers[i].score); i++) {
        double fpir = (double)(i + 1) / (double)size->stranger_count;
        if (out->count > 0 && log(fpir) - log(out->x[out->count - 1]) < 0.02)
            continue;
        curve_add(out, fpir, kith_identify_fnir(size, (double)size->strangers[i].score));
    }
    return true;
}

typedef struct size_names {
    char text[SIZES_MOST][48];
} size_names;

static size_t name_sizes(size_names *out, const kith_identification *id) {
    size_t count = id->size_count < SIZES_MOST ? id->size_count : SIZES_MOST;
    for (size_t i = 0; i < count; i++)
        snprintf(out->text[i], sizeof out->text[i], "%zu persons", id->sizes[i].persons);
    return count;
}

static kith_status put_open_set(kith_html *html, const kith_identification *id, kith_error *err) {
    kith_plot_series series[SIZES_MOST];
    curve curves[SIZES_MOST] = {{0}};
    size_names names;
    size_t count = name_sizes(&names, id);
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        good = trace(&curves[i], &id->sizes[i]);
        series[i] = (kith_plot_series){.name = names.text[i],
                                       .mark = KITH_PLOT_LINE,
                                       .colour = colours[i],
                                       .dashed = i % 2 == 1,
                                       .x = curves[i].x,
                                       .y = curves[i].y,
                                       .count = curves[i].count};
    }
    const kith_plot_panel panel = {.title = "Persons missed, strangers named",
                                   .x = {.label = "FPIR: strangers who are named", .log = true},
                                   .y = {.label = "FNIR: persons who are missed", .log = true},
                                   .series = series,
                                   .count = count};
    kith_status status =
        good ? put(html, &panel, "How many photos of persons are missed when so many of strangers are named.",
                   err)
             : no_memory(err);
    for (size_t i = 0; i < count; i++)
        curve_clear(&curves[i]);
    return status;
}

static kith_status put_sizes(kith_html *html, const kith_identification *id, kith_error *err) {
    double x[SIZES_MOST], y[KITH_FPIRS][SIZES_MOST], low[KITH_FPIRS][SIZES_MOST],
        high[KITH_FPIRS][SIZES_MOST];
    char names[KITH_FPIRS][32];
    kith_plot_series series[KITH_FPIRS];
    size_t count = id->size_count < SIZES_MOST ? id->size_count : SIZES_MOST, shown = 0;
    for (size_t f = 0; f < KITH_FPIRS; f++) {
        bool measured = false;
        for (size_t i = 0; i < count; i++) {
            measured |= isfinite(id->sizes[i].fnir[f]) != 0;
            x[i] = (double)id->sizes[i].persons;
            y[f][i] = id->sizes[i].fnir[f];
            low[f][i] = id->sizes[i].fnir_interval[f].low;
            high[f][i] = id->sizes[i].fnir_interval[f].high;
        }
        if (!measured)
            continue;
        snprintf(names[f], sizeof names[f], "FPIR %g", kith_fpirs[f]);
        series[shown++] = (kith_plot_series){.name = names[f],
                                             .mark = KITH_PLOT_LINE_AND_POINTS,
                                             .colour = colours[f],
                                             .dashed = f % 2 == 1,
                                             .x = x,
                                             .y = y[f],
                                             .count = count,
                                             .low = low[f],
                                             .high = high[f]};
    }
    const kith_plot_panel panel = {.title = "Persons missed, by the gallery's size",
                                   .x = {.label = "persons in the gallery", .whole = true},
                                   .y = {.label = "FNIR"},
                                   .series = series,
                                   .count = shown};
    return shown > 0
               ? put(html, &panel,
                     "The more persons there are to be mistaken for, the more are missed at the same FPIR.",
                     err)
               : KITH_OK; /* too few strangers for any of them */
}

static kith_status put_ranks(kith_html *html, const kith_identification *id, kith_error *err) {
    double x[KITH_RANKS];
    kith_plot_series series[SIZES_MOST];
    size_names names;
    size_t count = name_sizes(&names, id);
    for (int r = 0; r < KITH_RANKS; r++)
        x[r] = r + 1;
    for (size_t i = 0; i < count; i++)
        series[i] = (kith_plot_series){.name = names.text[i],
                                       .mark = KITH_PLOT_LINE_AND_POINTS,
                                       .colour = colours[i],
                                       .dashed = i % 2 == 1,
                                       .x = x,
                                       .y = id->sizes[i].ranks,
                                       .count = KITH_RANKS};
    const kith_plot_panel panel = {.title = "Cumulative match characteristic",
                                   .x = {.label = "rank", .whole = true},
                                   .y = {.label = "share of probes", .share = true},
                                   .series = series,
                                   .count = count};
    return put(html, &panel, "How often the right person is among the first.", err);
}

static kith_status put_probes(kith_html *html, const kith_identify_size *size, kith_error *err) {
    float *scores = calloc(size->mated_count + size->stranger_count + 1, sizeof *scores);
    if (!scores)
        return no_memory(err);
    double threshold = size->threshold[KITH_FPIR_SHOWN];
    for (size_t i = 0; i < size->mated_count; i++)
        scores[i] = size->mated[i].score;
    for (size_t i = 0; i < size->stranger_count; i++)
        scores[size->mated_count + i] = size->strangers[i].score;
    kith_status status =
        put_scores(html, scores, size->mated_count, "the right person", scores + size->mated_count,
                   size->stranger_count, "a stranger's nearest", threshold,
                   isnan(threshold) ? "Scores in the largest gallery; strangers are too few for a threshold."
                                    : "Scores in the largest gallery, with the threshold at FPIR 0.01.",
                   err);
    free(scores);
    return status;
}

kith_status kith_charts_identification(kith_html *html, const kith_identification *id, kith_error *err) {
    kith_html_gallery_begin(html);
    kith_status status = put_open_set(html, id, err);
    if (status == KITH_OK && id->size_count > 1)
        status = put_sizes(html, id, err);
    if (status == KITH_OK)
        status = put_ranks(html, id, err);
    if (status == KITH_OK)
        status = put_probes(html, &id->sizes[id->size_count - 1], err);
    kith_html_gallery_end(html);
    return status;
}
