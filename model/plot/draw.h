/* SPDX-License-Identifier: MIT
 *
 * libkith-plot.so, the part that knows PLplot, as one table of functions: see plot.h for why it is loaded
 * late.
 */
#ifndef KITH_MODEL_PLOT_DRAW_H
#define KITH_MODEL_PLOT_DRAW_H

#include <stdio.h>

#include "model/plot/plot.h"

typedef struct kith_plot_library {
    /* Draws a checked plot (texts are printable, sizes within bounds) into `to`, which it closes. NULL: done;
     * else what PLplot complains of, in `complaint`.
     */
    const char *(*draw)(FILE *to, const kith_plot *plot, char complaint[256]);
} kith_plot_library;

#define KITH_PLOT_TABLE "kith_plot_plplot"
__attribute__((visibility("default"))) extern const kith_plot_library kith_plot_plplot;

#endif
