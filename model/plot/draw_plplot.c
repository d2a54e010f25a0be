/* SPDX-License-Identifier: MIT
 *
 * A plot is laid out in pixels of the page, y downward; PLplot scales, ticks and clips. Its two ways to
 * complain are taken over: a warning is kept, an exit becomes a return.
 */
#include <math.h>
#include <plplot.h>
#include <setjmp.h>
#include <stdlib.h>

#include "model/plot/draw.h"

enum { PAPER, INK, GRID, SOLID, SHADE = SOLID + KITH_PLOT_COLOURS, SLOTS = SHADE + KITH_PLOT_COLOURS };

enum { DIGITS = 6 }; /* of a number beside a tick; longer ones get a power of ten */

/* Room around a panel's frame and height of its texts, in pixels. */
enum { LEFT = 72, RIGHT = 22, TOP = 36, BOTTOM = 56, ROW = 21, TITLE = 15, TEXT = 13, SWATCH = 22 };

static const unsigned char palette[KITH_PLOT_COLOURS][3] = {
    [KITH_PLOT_BLUE] = {0, 114, 178},  [KITH_PLOT_VERMILION] = {213, 94, 0},
    [KITH_PLOT_GREEN] = {0, 158, 115}, [KITH_PLOT_ORANGE] = {230, 159, 0},
    [KITH_PLOT_SKY] = {86, 180, 233},  [KITH_PLOT_PURPLE] = {204, 121, 167},
    [KITH_PLOT_BLACK] = {20, 20, 20},  [KITH_PLOT_GREY] = {150, 150, 150},
};

typedef struct range {
    double low, high; /* of the window: logarithms on a logarithmic axis */
    bool log;
} range;

typedef struct frame {
    int width, height;            /* of the page */
    int left, top, right, bottom; /* of the panel's data area */
    range x, y;
} frame;

/* PLplot's handlers know no context. */
static jmp_buf way_out;
static char *complaint_of_this_call;

static void keep(const char *text) {
    if (!complaint_of_this_call[0])
        snprintf(complaint_of_this_call, 256, "%s", text);
}

static int leave(const char *text) {
    keep(text && text[0] ? text : "it gives up");
    longjmp(way_out, 1);
}

static void set_colours(void) {
    PLINT red[SLOTS] = {255, 38, 228}, green[SLOTS] = {255, 38, 228}, blue[SLOTS] = {255, 38, 228};
    PLFLT alpha[SLOTS] = {1, 1, 1};
    for (int i = 0; i < KITH_PLOT_COLOURS; i++)
        for (int slot = SOLID + i; slot < SLOTS; slot += KITH_PLOT_COLOURS) {
            red[slot] = palette[i][0];
            green[slot] = palette[i][1];
            blue[slot] = palette[i][2];
            alpha[slot] = slot < SHADE ? 1 : 0.28;
        }
    plscmap0a(red, green, blue, alpha, SLOTS);
}

static double seen(const range *axis, double value) {
    return axis->log ? log10(value) : value;
}

static bool shown(const range *axis, double value) {
    return isfinite(value) && (!axis->log || value > 0);
}

static void stretch(range *axis, double value) {
    if (!shown(axis, value))
        return;
    axis->low = fmin(axis->low, seen(axis, value));
    axis->high = fmax(axis->high, seen(axis, value));
}

/* The window of an axis: as asked, or the data's with some air; whole decades on a logarithmic one. */
static void settle(range *axis, const kith_plot_axis *asked) {
    if (asked->low != asked->high) {
        axis->low = seen(axis, asked->low);
        axis->high = seen(axis, asked->high);
        return;
    }
    if (axis->low > axis->high)
        axis->low = axis->high = 0;
    if (asked->share && !axis->log) {
        axis->low = fmin(axis->low, 0.9);
        axis->high = 1;
    }
    double air = 0.04 * (axis->high - axis->low);
    if (axis->log) {
        axis->low = floor(axis->low + 1e-9);
        axis->high = fmax(ceil(axis->high - 1e-9), axis->low + 1);
    } else if (air > 0) {
        axis->low -= axis->low == 0 ? 0 : air;
        axis->high += air;
    } else {
        axis->low -= 0.5;
        axis->high += 0.5;
    }
}

static double bin_width(const kith_plot_series *series) {
    return series->x[1] - series->x[0];
}

static void settle_axes(frame *in, const kith_plot_panel *panel) {
    in->x = (range){INFINITY, -INFINITY, panel->x.log};
    in->y = (range){INFINITY, -INFINITY, panel->y.log};
    for (size_t s = 0; s < panel->count; s++) {
        const kith_plot_series *series = &panel->series[s];
        bool bars = series->mark == KITH_PLOT_HISTOGRAM;
        for (size_t i = 0; i < series->count; i++) {
            if (!shown(&in->x, series->x[i]) || !shown(&in->y, series->y[i]))
                continue;
            stretch(&in->x, series->x[i]);
            stretch(&in->y, series->y[i]);
            stretch(&in->y, series->low ? series->low[i] : NAN);
            stretch(&in->y, series->low ? series->high[i] : NAN);
            stretch(&in->x, bars ? series->x[i] + bin_width(series) : NAN);
        }
        stretch(&in->y, bars ? 0 : NAN);
    }
    settle(&in->x, &panel->x);
    settle(&in->y, &panel->y);
}

static void use_page(const frame *in) {
    plvpor(0, 1, 0, 1);
    plwind(0, in->width, in->height, 0);
}

static void use_panel(const frame *in) {
    plvpor((double)in->left / in->width, (double)in->right / in->width, 1 - (double)in->bottom / in->height,
           1 - (double)in->top / in->height);
    plwind(in->x.low, in->x.high, in->y.low, in->y.high);
}

/* The SVG driver's text height in pixels is 4.17 times this one in mm (90 / 25.4 dots, 1.18 em a line). */
static void letters(double pixels) {
    plschr(pixels / 4.17, 1);
}

/* Text at a point of the page; PLplot's escapes in it are doubled. */
static void write_text(double x, double y, bool upward, double just, const char *style, const char *text) {
    char safe[400];
    size_t to = (size_t)snprintf(safe, sizeof safe, "%s", style);
    for (; *text && to < sizeof safe - 2; text++) {
        safe[to++] = *text;
        if (*text == '#')
            safe[to++] = '#';
    }
    safe[to] = 0;
    plptex(x, y, upward ? 0 : 1, upward ? -1 : 0, just, safe);
}

/* About as wide as sans-serif text is: the length decides only where the next name begins. */
static double name_width(const char *name) {
    double letters_seen = 0;
    for (; *name; name++)
        letters_seen += ((unsigned char)*name & 0xc0) != 0x80;
    return SWATCH + 6 + 0.6 * TEXT * letters_seen + 14;
}

static void draw_swatch(const kith_plot_series *series, double x, double y) {
    PLFLT xs[4] = {x, x + SWATCH, x + SWATCH, x}, ys[4] = {y - 5, y - 5, y + 5, y + 5};
    PLFLT line[2] = {y, y};
    if (series->mark == KITH_PLOT_HISTOGRAM) {
        plcol0(SHADE + (int)series->colour);
        plfill(4, xs, ys);
    }
    plcol0(SOLID + (int)series->colour);
    if (series->mark == KITH_PLOT_POINTS) {
        plfill(4, (PLFLT[]){x + 8, x + 14, x + 14, x + 8}, (PLFLT[]){y - 3, y - 3, y + 3, y + 3});
        return;
    }
    pllsty(series->dashed ? 2 : 1);
    plwidth(2);
    plline(2, xs, series->mark == KITH_PLOT_HISTOGRAM ? ys : line);
    pllsty(1);
}

/* Draws the names below the title, in as many rows as they need; how many that are. */
static int draw_legend(const frame *in, const kith_plot_panel *panel, double y, bool draw) {
    double x = in->left;
    int rows = 0;
    for (size_t s = 0; s < panel->count; s++) {
        const char *name = panel->series[s].name;
        if (!name)
            continue;
        if (rows == 0 || x + name_width(name) > in->right + RIGHT) {
            x = in->left;
            rows++;
        }
        if (draw) {
            draw_swatch(&panel->series[s], x, y + (rows - 1) * ROW);
            plcol0(INK);
            write_text(x + SWATCH + 6, y + (rows - 1) * ROW, false, 0, "", name);
        }
        x += name_width(name);
    }
    return rows;
}

/* PLplot's own steps are whole from here on; 0: its own. */
static double step_of(const range *axis, const kith_plot_axis *asked) {
    return asked->whole && axis->high - axis->low < 10 ? 1 : 0;
}

static void draw_axes(const frame *in, const kith_plot_panel *panel) {
    double step = step_of(&in->x, &panel->x);
    int between = panel->x.whole ? 1 : 0;
    use_panel(in);
    plwidth(1);
    plcol0(GRID);
    plbox(in->x.log ? "gl" : "g", step, between, in->y.log ? "gl" : "g", 0, 0);
    plcol0(INK);
    letters(TEXT);
    plsmaj(1.1, 1);
    plsmin(0.6, 1);
    plsxax(DIGITS, 0);
    plsyax(DIGITS, 0);
    plbox(in->x.log ? "bnstil" : "bnsti", step, between, in->y.log ? "bnstivl" : "bnstiv", 0, 0);
    use_page(in);
    write_text((in->left + in->right) / 2.0, in->bottom + 40, false, 0.5, "", panel->x.label);
    write_text(in->left - LEFT + 14, (in->top + in->bottom) / 2.0, true, 0.5, "", panel->y.label);
}

/* A run of points that are shown, from *from on, in window coordinates; 0: no more. */
static int next_run(const frame *in, const kith_plot_series *series, const double *values, size_t *from,
                    PLFLT *x, PLFLT *y) {
    int count = 0;
    for (; *from < series->count; ++*from) {
        if (shown(&in->x, series->x[*from]) && shown(&in->y, values[*from])) {
            x[count] = seen(&in->x, series->x[*from]);
            y[count++] = seen(&in->y, values[*from]);
        } else if (count > 0)
            break;
    }
    return count;
}

static void draw_line(const frame *in, const kith_plot_series *series, PLFLT *x, PLFLT *y) {
    size_t from = 0;
    plcol0(SOLID + (int)series->colour);
    plwidth(2);
    pllsty(series->dashed ? 2 : 1);
    for (int count; (count = next_run(in, series, series->y, &from, x, y)) > 0;)
        plline(count, x, y);
    pllsty(1);
}

/* Filled octagons: a letter per point would make the file five times as long. */
static void draw_points(const frame *in, const kith_plot_series *series) {
    bool many = series->count > 400;
    double radius = many ? 2 : 3.5, corner[2] = {radius, radius * 0.41};
    double right = (in->x.high - in->x.low) / (in->right - in->left);
    double up = (in->y.high - in->y.low) / (in->bottom - in->top);
    plcol0((many ? SHADE : SOLID) + (int)series->colour);
    for (size_t i = 0; i < series->count; i++) {
        if (!shown(&in->x, series->x[i]) || !shown(&in->y, series->y[i]))
            continue;
        PLFLT x[8], y[8];
        for (int c = 0; c < 8; c++) {
            bool flat = c % 4 == 0 || c % 4 == 3; /* the corner lies far to the side and near in height */
            x[c] = seen(&in->x, series->x[i]) + right * (c >= 2 && c < 6 ? -1 : 1) * corner[!flat];
            y[c] = seen(&in->y, series->y[i]) + up * (c >= 4 ? -1 : 1) * corner[flat];
        }
        plfill(8, x, y);
    }
}

static void draw_histogram(const frame *in, const kith_plot_series *series, PLFLT *x, PLFLT *y) {
    int count = 0;
    double floor_y = in->y.log ? in->y.low : 0;
    x[count] = series->x[0];
    y[count++] = floor_y;
    for (size_t i = 0; i < series->count; i++)
        for (int side = 0; side < 2; side++) {
            x[count] = series->x[i] + side * bin_width(series);
            y[count++] = shown(&in->y, series->y[i]) ? seen(&in->y, series->y[i]) : floor_y;
        }
    x[count] = x[count - 1];
    y[count++] = floor_y;
    plcol0(SHADE + (int)series->colour);
    plfill(count, x, y);
    plcol0(SOLID + (int)series->colour);
    plwidth(1.5);
    pllsty(series->dashed ? 2 : 1);
    plline(count, x, y);
    pllsty(1);
}

static void draw_interval(const frame *in, const kith_plot_series *series, PLFLT *x, PLFLT *y) {
    int count = 0;
    bool band = series->mark != KITH_PLOT_POINTS;
    plcol0((band ? SHADE : SOLID) + (int)series->colour);
    plwidth(1.5);
    for (size_t k = 0; k < 2 * series->count; k++) { /* there along the low ends, back along the high ones */
        size_t i = k < series->count ? k : 2 * series->count - 1 - k;
        double low = fmax(series->low[i], in->y.log ? 1e-300 : -INFINITY);
        if (!shown(&in->x, series->x[i]) || !shown(&in->y, low) || !shown(&in->y, series->high[i]))
            continue;
        x[count] = seen(&in->x, series->x[i]);
        y[count] = fmax(seen(&in->y, k < series->count ? low : series->high[i]), in->y.low);
        if (!band && k < series->count)
            pljoin(x[count], y[count], x[count], seen(&in->y, series->high[i]));
        count++;
    }
    if (band && count > 2)
        plfill(count, x, y);
}

static void draw_series(const frame *in, const kith_plot_series *series, PLFLT *x, PLFLT *y) {
    if (series->low)
        draw_interval(in, series, x, y);
    if (series->mark == KITH_PLOT_HISTOGRAM)
        draw_histogram(in, series, x, y);
    if (series->mark == KITH_PLOT_LINE || series->mark == KITH_PLOT_LINE_AND_POINTS)
        draw_line(in, series, x, y);
    if (series->mark == KITH_PLOT_POINTS || series->mark == KITH_PLOT_LINE_AND_POINTS)
        draw_points(in, series);
}

static void draw_panel(const kith_plot *plot, size_t index, frame *in, PLFLT *x, PLFLT *y) {
    const kith_plot_panel *panel = &plot->panels[index];
    int left = (int)index % plot->columns * plot->width, top = (int)index / plot->columns * plot->height;
    in->left = left + LEFT;
    in->right = left + plot->width - RIGHT;
    in->bottom = top + plot->height - BOTTOM;
    in->top = top + TOP + ROW * draw_legend(in, panel, 0, false) + 6;
    settle_axes(in, panel);
    use_page(in);
    letters(TITLE);
    plcol0(INK);
    write_text(in->left, top + 20, false, 0, "#<bold/>", panel->title);
    letters(TEXT);
    draw_legend(in, panel, top + TOP + 8, true);
    draw_axes(in, panel);
    use_panel(in);
    for (size_t s = 0; s < panel->count; s++)
        draw_series(in, &panel->series[s], x, y);
}

static void draw_all(FILE *to, const kith_plot *plot, PLFLT *room, size_t points) {
    int rows = (int)(plot->count + (size_t)plot->columns - 1) / plot->columns;
    frame in = {.width = plot->width * plot->columns, .height = plot->height * rows};
    plsexit(leave);
    plsabort(keep);
    plsdev("svg");
    plsfile(to);
    plspage(0, 0, in.width, in.height, 0, 0);
    set_colours();
    plinit();
    pladv(0);
    for (size_t i = 0; i < plot->count; i++)
        draw_panel(plot, i, &in, room, room + points);
    plend();
}

static const char *draw(FILE *to, const kith_plot *plot, char complaint[256]) {
    size_t most = 0;
    for (size_t p = 0; p < plot->count; p++)
        for (size_t s = 0; s < plot->panels[p].count; s++)
            if (plot->panels[p].series[s].count > most)
                most = plot->panels[p].series[s].count;
    size_t points = 2 * most + 4; /* a histogram's outline, a band's two sides */
    PLFLT *volatile room = calloc(2 * points, sizeof *room);
    complaint[0] = 0;
    complaint_of_this_call = complaint;
    if (!room) {
        keep("no memory");
        fclose(to);
    } else if (setjmp(way_out) == 0)
        draw_all(to, plot, room, points);
    free(room);
    return complaint[0] ? complaint : NULL;
}

const kith_plot_library kith_plot_plplot = {.draw = draw};
