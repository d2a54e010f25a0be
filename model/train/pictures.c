/* SPDX-License-Identifier: MIT */
#include "model/train/pictures.h"

#include <math.h>
#include <stdint.h>

#include "model/plot/plot.h"

enum { LINES = 8, BINS = 80, POINTS_MOST = 3000 };

/* Columns of the history as arrays, taken out one after another. */
typedef struct columns {
    const kith_history *from;
    double *values; /* LINES + 1 columns */
    int count;
} columns;

static const double *take(columns *in, size_t offset) {
    double *out = in->values + (size_t)in->count++ * in->from->count;
    for (size_t i = 0; i < in->from->count; i++)
        out[i] = *(const double *)((const char *)&in->from->rows[i] + offset);
    return out;
}

static bool has_values(const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            return true;
    return false;
}

/* Adds the line of a field when it was ever measured. */
static void add_line(kith_plot_series *to, size_t *count, columns *in, size_t offset, const char *name,
                     kith_plot_colour colour, bool dashed, const double *epochs) {
    const double *values = take(in, offset);
    if (!has_values(values, in->from->count))
        return;
    kith_plot_mark mark = in->from->count <= 60 ? KITH_PLOT_LINE_AND_POINTS : KITH_PLOT_LINE;
    to[(*count)++] = (kith_plot_series){.name = name,
                                        .mark = mark,
                                        .colour = colour,
                                        .dashed = dashed,
                                        .x = epochs,
                                        .y = values,
                                        .count = in->from->count};
}

#define FIELD(name) offsetof(kith_epoch, name)

static kith_status draw_history(const char *path, columns *in, kith_error *err) {
    kith_plot_series losses[2], similarities[6], accuracy[1];
    size_t loss_count = 0, similarity_count = 0, accuracy_count = 0;
    double *epochs = in->values + (size_t)LINES * in->from->count + in->from->count;
    for (size_t i = 0; i < in->from->count; i++)
        epochs[i] = (double)in->from->rows[i].epoch;
    add_line(losses, &loss_count, in, FIELD(training.loss), "training", KITH_PLOT_BLUE, false, epochs);
    add_line(losses, &loss_count, in, FIELD(validation.loss), "validation", KITH_PLOT_VERMILION, true,
             epochs);
    add_line(similarities, &similarity_count, in, FIELD(training.s_ap), "same person, training",
             KITH_PLOT_BLUE, false, epochs);
    add_line(similarities, &similarity_count, in, FIELD(validation.s_ap), "validation", KITH_PLOT_SKY, true,
             epochs);
    add_line(similarities, &similarity_count, in, FIELD(training.s_an), "different, training",
             KITH_PLOT_VERMILION, false, epochs);
    add_line(similarities, &similarity_count, in, FIELD(validation.s_an), "validation", KITH_PLOT_ORANGE,
             true, epochs);
    add_line(similarities, &similarity_count, in, FIELD(training.to_target), "to target, training",
             KITH_PLOT_GREEN, false, epochs);
    add_line(similarities, &similarity_count, in, FIELD(validation.to_target), "validation", KITH_PLOT_PURPLE,
             true, epochs);
    add_line(accuracy, &accuracy_count, in, FIELD(accuracy), NULL, KITH_PLOT_VERMILION, true, epochs);
    kith_plot_panel panels[3] = {
        {"Loss", {.label = "epoch"}, {.label = "loss"}, losses, loss_count},
        {"Mean similarity", {.label = "epoch"}, {.label = "cosine"}, similarities, similarity_count},
        {"Verification, validation pairs",
         {.label = "epoch"},
         {.label = "accuracy"},
         accuracy,
         accuracy_count},
    };
    size_t shown = accuracy_count > 0 ? 3 : 2;
    kith_plot plot = {.panels = panels, .count = shown, .columns = (int)shown};
    return kith_plot_write(path, &plot, err);
}

kith_status kith_history_draw(const char *path, const kith_history *history, kith_error *err) {
    columns in = {.from = history, .values = calloc((LINES + 2) * (history->count + 1), sizeof(double))};
    kith_status status = in.values ? draw_history(path, &in, err)
                                   : kith_fail(err, KITH_E_MEMORY, 0, path, "no memory for a chart");
    free(in.values);
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
    kith_plot_panel panels[] = {
        {"Similarity by validation triplet", {.label = "triplet"}, {"cosine", false, -1, 1}, scatter, 2},
        {"The same as a histogram", {"cosine", false, -1, 1}, {.label = "share of triplets"}, bars, 2},
    };
    kith_plot plot = {.panels = panels, .count = 2, .columns = 2};
    kith_status status = kith_plot_write(path, &plot, err);
    free(x);
    return status;
}
