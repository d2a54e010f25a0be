/* SPDX-License-Identifier: MIT */
#include "model/train/pictures.h"

#include <math.h>
#include <stdint.h>

#include "model/plot/plot.h"

enum { LOSS, SIMILARITY, ACCURACY, PANELS };
enum { BINS = 80, POINTS_MOST = 600, DOTTED_MOST = 60 };

/* A line of the history: validation is dashed, and lighter where a panel has several pairs. */
typedef struct line {
    int panel;
    size_t field;
    const char *name;
    kith_plot_colour colour;
    bool dashed;
} line;

#define FIELD(name) offsetof(kith_epoch, name)

static const line lines[] = {
    {LOSS, FIELD(training.loss), "training", KITH_PLOT_BLUE, false},
    {LOSS, FIELD(validation.loss), "validation", KITH_PLOT_VERMILION, true},
    {SIMILARITY, FIELD(training.s_ap), "same person, training", KITH_PLOT_BLUE, false},
    {SIMILARITY, FIELD(validation.s_ap), "validation", KITH_PLOT_SKY, true},
    {SIMILARITY, FIELD(training.s_an), "different, training", KITH_PLOT_VERMILION, false},
    {SIMILARITY, FIELD(validation.s_an), "validation", KITH_PLOT_ORANGE, true},
    {SIMILARITY, FIELD(training.to_target), "to target, training", KITH_PLOT_GREEN, false},
    {SIMILARITY, FIELD(validation.to_target), "validation", KITH_PLOT_PURPLE, true},
    {ACCURACY, FIELD(accuracy), NULL, KITH_PLOT_VERMILION, true},
};
enum { LINES = sizeof lines / sizeof lines[0] };

/* Copies the field out of the rows; false: it was never measured. */
static bool take(double *out, const kith_history *from, size_t field) {
    bool measured = false;
    for (size_t i = 0; i < from->count; i++) {
        out[i] = *(const double *)((const char *)&from->rows[i] + field);
        measured |= isfinite(out[i]) != 0;
    }
    return measured;
}

/* room: LINES + 1 columns of the history. */
static kith_status draw_history(const char *path, const kith_history *history, double *room,
                                kith_error *err) {
    kith_plot_series series[PANELS][LINES];
    kith_plot_axis time = {.label = "epoch", .whole = true};
    kith_plot_panel panels[PANELS] = {
        {.title = "Loss", .x = time, .y = {.label = "loss"}, .series = series[LOSS]},
        {.title = "Mean similarity", .x = time, .y = {.label = "cosine"}, .series = series[SIMILARITY]},
        {.title = "Verification of validation pairs",
         .x = time,
         .y = {.label = "share of right answers", .share = true},
         .series = series[ACCURACY]},
    };
    double *epochs = room + LINES * history->count;
    for (size_t i = 0; i < history->count; i++)
        epochs[i] = (double)history->rows[i].epoch;
    for (size_t l = 0; l < LINES; l++) {
        double *values = room + l * history->count;
        kith_plot_panel *panel = &panels[lines[l].panel];
        if (!take(values, history, lines[l].field))
            continue;
        series[lines[l].panel][panel->count++] = (kith_plot_series){
            .name = lines[l].name,
            .mark = history->count > DOTTED_MOST ? KITH_PLOT_LINE : KITH_PLOT_LINE_AND_POINTS,
            .colour = lines[l].colour,
            .dashed = lines[l].dashed,
            .x = epochs,
            .y = values,
            .count = history->count};
    }
    size_t shown = panels[ACCURACY].count > 0 ? PANELS : ACCURACY;
    kith_plot plot = {.panels = panels, .count = shown, .columns = (int)shown};
    return kith_plot_write(path, &plot, err);
}

kith_status kith_history_draw(const char *path, const kith_history *history, kith_error *err) {
    double *room = calloc((LINES + 1) * (history->count + 1), sizeof *room);
    kith_status status = KITH_OK;
    if (!room)
        status = kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for a chart");
    else if (history->count > 0)
        status = draw_history(path, history, room, err);
    free(room);
    return status;
}

/* Scatter of at most POINTS_MOST triplets, evenly taken; x, a and b have room for so many. */
static size_t thin(double *x, double *a, double *b, const float *s_ap, const float *s_an, size_t count) {
    size_t every = (count + POINTS_MOST - 1) / POINTS_MOST, points = 0;
    for (size_t t = 0; t < count; t += every) {
        x[points] = (double)t;
        a[points] = (double)s_ap[t];
        b[points++] = (double)s_an[t];
    }
    return points;
}

kith_status kith_similarities_draw(const char *path, const float *s_ap, const float *s_an, size_t count,
                                   kith_error *err) {
    double edges[BINS], same[BINS], different[BINS];
    double *x = calloc((size_t)3 * POINTS_MOST, sizeof *x);
    if (!x)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for a chart");
    double *a = x + POINTS_MOST, *b = a + POINTS_MOST;
    size_t points = thin(x, a, b, s_ap, s_an, count);
    kith_plot_histogram(edges, same, BINS, -1, 1, s_ap, count);
    kith_plot_histogram(edges, different, BINS, -1, 1, s_an, count);
    kith_plot_series scatter[] = {
        {"s(a, n)", KITH_PLOT_POINTS, KITH_PLOT_VERMILION, false, x, b, points, NULL, NULL},
        {"s(a, p)", KITH_PLOT_POINTS, KITH_PLOT_BLUE, false, x, a, points, NULL, NULL},
    };
    kith_plot_series bars[] = {
        {"s(a, n)", KITH_PLOT_HISTOGRAM, KITH_PLOT_VERMILION, true, edges, different, BINS, NULL, NULL},
        {"s(a, p)", KITH_PLOT_HISTOGRAM, KITH_PLOT_BLUE, false, edges, same, BINS, NULL, NULL},
    };
    const kith_plot_axis cosine = {.label = "cosine", .low = -1, .high = 1};
    kith_plot_panel panels[] = {
        {"Similarity by validation triplet", {.label = "triplet", .whole = true}, cosine, scatter, 2},
        {"The same as a histogram", cosine, {.label = "share of triplets"}, bars, 2},
    };
    kith_plot plot = {.panels = panels, .count = 2, .columns = 2};
    kith_status status = kith_plot_write(path, &plot, err);
    free(x);
    return status;
}
