/* SPDX-License-Identifier: MIT
 *
 * Charts as data, drawn as SVG by PLplot: lines, points, histograms, intervals, logarithmic axes. The colours
 * are those of Okabe and Ito ("Color universal design", 2008), which colour-blind people tell apart; a second
 * property (dashes, marks) is there for grey paper. The same chart gives the same bytes.
 *
 * PLplot has one state per process: calls wait for each other. It is loaded by the first call (draw.h), so
 * that a program that draws nothing needs none of it.
 */
#ifndef KITH_MODEL_PLOT_PLOT_H
#define KITH_MODEL_PLOT_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

typedef enum kith_plot_colour {
    KITH_PLOT_BLUE,
    KITH_PLOT_VERMILION,
    KITH_PLOT_GREEN,
    KITH_PLOT_ORANGE,
    KITH_PLOT_SKY,
    KITH_PLOT_PURPLE,
    KITH_PLOT_BLACK,
    KITH_PLOT_GREY, /* for what is only compared with: a diagonal, a threshold */
    KITH_PLOT_COLOURS
} kith_plot_colour;

typedef enum kith_plot_mark {
    KITH_PLOT_LINE,
    KITH_PLOT_LINE_AND_POINTS,
    KITH_PLOT_POINTS,
    KITH_PLOT_HISTOGRAM, /* bars from 0 to y; x are the bins' left edges, all equally wide; at least 2 */
} kith_plot_mark;

/* Values that are not finite, and those <= 0 on a logarithmic axis, are left out (a line is broken there). */
typedef struct kith_plot_series {
    const char *name; /* in the legend; NULL: not there */
    kith_plot_mark mark;
    kith_plot_colour colour;
    bool dashed;
    const double *x, *y;
    size_t count;
    const double *low, *high; /* an interval around each y: a band, bars at points; NULL: none */
} kith_plot_series;

typedef struct kith_plot_axis {
    const char *label;
    bool log;
    double low, high; /* both 0: as the data want it */
    bool whole;       /* of the x axis: numbers that are counted, no ticks between them */
    bool share;       /* of 1, where the axis ends */
} kith_plot_axis;

enum { KITH_PLOT_SERIES_MOST = 16, KITH_PLOT_PANELS_MOST = 12, KITH_PLOT_POINTS_MOST = 1 << 18 };

typedef struct kith_plot_panel {
    const char *title; /* says what is seen */
    kith_plot_axis x, y;
    const kith_plot_series *series; /* later ones lie on top */
    size_t count;
} kith_plot_panel;

typedef struct kith_plot {
    const kith_plot_panel *panels; /* row by row */
    size_t count;
    int columns;       /* panels side by side, 1 to 4 */
    int width, height; /* of one panel in pixels, with its texts; 0: 520 x 380 */
} kith_plot;

/* The SVG's text, newly allocated, ended by a zero byte. Several in one HTML page: each as a data: URI of its
 * own (they have equal ids inside). KITH_E_IO: PLplot is not there, the text says which package brings it.
 */
kith_status kith_plot_svg(char **out, size_t *size, const kith_plot *plot, kith_error *err);

/* The same into a file, atomically. */
kith_status kith_plot_write(const char *path, const kith_plot *plot, kith_error *err);

/* Counts values into `bins` equal bins from low to high: edges (left) and shares of all values, for
 * KITH_PLOT_HISTOGRAM. Values outside go to the first or last bin; what is not finite is left out of both.
 */
void kith_plot_histogram(double *edges, double *shares, int bins, double low, double high,
                         const float *values, size_t count);

#endif
