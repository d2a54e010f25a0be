/* SPDX-License-Identifier: MIT */
#include "model/plot/plot.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>

#include "model/plot/draw.h"
#include "proto/module.h"
#include "proto/replace.h"

enum { TEXT_MOST = 200, TEXTS_MOST = KITH_PLOT_PANELS_MOST * (3 + KITH_PLOT_SERIES_MOST) };

/* A plot as the library gets it: texts printable, defaults filled in. */
typedef struct ready {
    kith_plot plot;
    kith_plot_panel panels[KITH_PLOT_PANELS_MOST];
    kith_plot_series series[KITH_PLOT_PANELS_MOST][KITH_PLOT_SERIES_MOST];
    char texts[TEXTS_MOST][TEXT_MOST];
    int text_count;
} ready;

static const char *printable(ready *to, const char *text) {
    return kith_printable(to->texts[to->text_count++], TEXT_MOST, text ? text : "", SIZE_MAX);
}

static bool axis_is_good(const kith_plot_axis *axis) {
    if (!isfinite(axis->low) || !isfinite(axis->high))
        return false;
    return (axis->low == 0 && axis->high == 0) || (axis->low < axis->high && (!axis->log || axis->low > 0));
}

static bool series_is_good(const kith_plot_series *series) {
    return series->count <= KITH_PLOT_POINTS_MOST && (unsigned)series->colour < KITH_PLOT_COLOURS &&
           !series->low == !series->high && (series->mark != KITH_PLOT_HISTOGRAM || series->count >= 2);
}

static bool prepare_panel(ready *to, size_t index, const kith_plot_panel *from) {
    kith_plot_panel *panel = &to->panels[index];
    if (from->count > KITH_PLOT_SERIES_MOST || !axis_is_good(&from->x) || !axis_is_good(&from->y))
        return false;
    *panel = *from;
    panel->title = printable(to, from->title);
    panel->x.label = printable(to, from->x.label);
    panel->y.label = printable(to, from->y.label);
    panel->series = to->series[index];
    for (size_t s = 0; s < from->count; s++) {
        if (!series_is_good(&from->series[s]))
            return false;
        to->series[index][s] = from->series[s];
        if (from->series[s].name)
            to->series[index][s].name = printable(to, from->series[s].name);
    }
    return true;
}

static bool prepare(ready *to, const kith_plot *from) {
    to->plot = *from;
    to->plot.panels = to->panels;
    if (from->width == 0)
        to->plot.width = 520;
    if (from->height == 0)
        to->plot.height = 380;
    bool good = from->count > 0 && from->count <= KITH_PLOT_PANELS_MOST && from->columns >= 1 &&
                from->columns <= 4 && to->plot.width >= 200 && to->plot.width <= 2000 &&
                to->plot.height >= 200 && to->plot.height <= 2000;
    for (size_t i = 0; good && i < from->count; i++)
        good = prepare_panel(to, i, &from->panels[i]);
    return good;
}

static kith_status draw(char **out, size_t *size, const ready *from, kith_error *err) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    const void *table = NULL;
    char complaint[256];
    kith_status status = kith_module_open(&table, "libkith-plot.so", KITH_PLOT_TABLE, "no chart can be drawn",
                                          "libplplot17 brings PLplot", err);
    if (status != KITH_OK)
        return status;
    FILE *to = open_memstream(out, size);
    if (!to)
        return kith_fail(err, KITH_E_MEMORY, errno, NULL, "no memory for a chart");
    pthread_mutex_lock(&one_at_a_time);
    const char *bad = ((const kith_plot_library *)table)->draw(to, &from->plot, complaint);
    pthread_mutex_unlock(&one_at_a_time);
    return bad ? kith_fail(err, KITH_E_IO, 0, NULL, "no chart: PLplot says: %s", bad) : KITH_OK;
}

kith_status kith_plot_svg(char **out, size_t *size, const kith_plot *plot, kith_error *err) {
    *out = NULL;
    *size = 0;
    ready *from = calloc(1, sizeof *from);
    if (!from)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a chart");
    kith_status status =
        prepare(from, plot)
            ? draw(out, size, from, err)
            : kith_fail(err, KITH_E_LIMIT, 0, NULL, "no chart: its axes, sizes or counts are impossible");
    free(from);
    if (status != KITH_OK) {
        free(*out);
        *out = NULL;
        *size = 0;
    }
    return status;
}

kith_status kith_plot_write(const char *path, const kith_plot *plot, kith_error *err) {
    char *text = NULL;
    size_t size = 0;
    kith_replacement to;
    kith_status status = kith_plot_svg(&text, &size, plot, err);
    if (status == KITH_OK)
        status = kith_replace_begin(&to, path, err);
    if (status == KITH_OK) {
        fwrite(text, 1, size, to.file);
        status = kith_replace_end(&to, KITH_OK, err);
    }
    free(text);
    return status;
}

void kith_plot_histogram(double *edges, double *shares, int bins, double low, double high,
                         const float *values, size_t count) {
    size_t counted = 0;
    double width = (high - low) / bins;
    for (int i = 0; i < bins; i++) {
        edges[i] = low + i * width;
        shares[i] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        double bin = floor(((double)values[i] - low) / width);
        shares[(int)fmin(fmax(bin, 0), bins - 1)]++;
        counted++;
    }
    for (int i = 0; counted > 0 && i < bins; i++)
        shares[i] /= (double)counted;
}
