/* SPDX-License-Identifier: MIT
 *
 * Each mark, both kinds of axes, intervals and legends arrive in the SVG, which a parser for XML takes; the
 * same chart gives the same bytes. The charts stay in the build folder's tests/plot-*.svg, to be looked at.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/plot/plot.h"

enum { EPOCHS = 20, SIZES = 5, BINS = 40, SCORES = 2000, CURVE = 60 };

static double epochs[EPOCHS], training[EPOCHS], validation[EPOCHS], like[EPOCHS], unlike[EPOCHS];

static size_t count_of(const char *text, const char *what) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

/* How often it is a whole text of the chart; letters are written by their numbers. */
static size_t labels(const char *text, const char *label) {
    char what[128] = ">";
    for (; *label; label++)
        snprintf(what + strlen(what), sizeof what - strlen(what), "&#x%x;", (unsigned)*label);
    snprintf(what + strlen(what), sizeof what - strlen(what), "<");
    return count_of(text, what);
}

/* Uniform noise in -1..1, the same each time. */
static double noise(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (double)(*state >> 8) / (1 << 23) - 1;
}

static void draw_twice(const char *name, const kith_plot *plot, char **text) {
    char path[512], *again = NULL;
    size_t size = 0, size_again = 0;
    kith_error err = {0};
    if (kith_plot_svg(text, &size, plot, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    assert_int_equal(kith_plot_svg(&again, &size_again, plot, &err), KITH_OK);
    assert_int_equal(size, size_again);
    assert_int_equal(strlen(*text), size);
    assert_memory_equal(*text, again, size);
    snprintf(path, sizeof path, KITH_BINARY_DIR "/tests/plot-%s.svg", name);
    assert_int_equal(kith_plot_write(path, plot, &err), KITH_OK);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(again, 1, size, file), size);
    assert_int_equal(fgetc(file), EOF);
    assert_memory_equal(*text, again, size);
    fclose(file);
    free(again);
    assert_non_null(strstr(*text, "</svg>"));
    assert_int_equal(count_of(*text, "<text"), count_of(*text, "</text>"));
    assert_int_equal(count_of(*text, "nan,") + count_of(*text, ",nan"), 0);
}

static void lines_are_drawn(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < EPOCHS; i++) {
        epochs[i] = i + 1;
        training[i] = 1.55 + 0.3 * exp(-i / 4.0);
        validation[i] = training[i] + 0.02 * noise(&seed);
        like[i] = 0.45 + 0.2 * exp(-i / 2.0);
        unlike[i] = 0.02 + 0.45 * exp(-i / 3.0);
    }
    validation[7] = NAN; /* a gap */
    kith_plot_series losses[] = {
        {"training", KITH_PLOT_LINE_AND_POINTS, KITH_PLOT_BLUE, false, epochs, training, EPOCHS, NULL, NULL},
        {"validation", KITH_PLOT_LINE, KITH_PLOT_VERMILION, true, epochs, validation, EPOCHS, NULL, NULL},
    };
    kith_plot_series similarities[] = {
        {"s(a, p) #1", KITH_PLOT_LINE, KITH_PLOT_BLUE, false, epochs, like, EPOCHS, NULL, NULL},
        {"s(a, n) <&>", KITH_PLOT_LINE, KITH_PLOT_VERMILION, false, epochs, unlike, EPOCHS, NULL, NULL},
    };
    kith_plot_panel panels[] = {
        {"Loss", {.label = "epoch"}, {.label = "loss"}, losses, 2},
        {"Similarity", {.label = "epoch"}, {.label = "mean cosine", .low = -0.2, .high = 1}, similarities, 2},
    };
    kith_plot plot = {.panels = panels, .count = 2, .columns = 2};
    char *text;
    draw_twice("lines", &plot, &text);
    assert_int_equal(count_of(text, "#0072B2"),
                     4 + 2 * EPOCHS); /* two lines, two swatches; points and edges */
    assert_int_equal(count_of(text, "width=\"1040pt\""), 1);
    free(text);
}

/* Three epochs, all right: no half epochs, no share above 1, no power of ten far from its numbers. */
static void ticks_are_numbers_that_there_can_be(void **state) {
    (void)state;
    double numbers[] = {1, 2, 3}, right[] = {1, 1, 1}, small[] = {0.012, 0.02, 0.031};
    kith_plot_series shares = {
        NULL, KITH_PLOT_LINE_AND_POINTS, KITH_PLOT_BLUE, false, numbers, right, 3, NULL, NULL};
    kith_plot_series losses = {
        NULL, KITH_PLOT_LINE_AND_POINTS, KITH_PLOT_BLUE, false, numbers, small, 3, NULL, NULL};
    kith_plot_panel panels[] = {
        {"Share", {.label = "epoch", .whole = true}, {.label = "share", .share = true}, &shares, 1},
        {"Loss", {.label = "epoch", .whole = true}, {.label = "loss"}, &losses, 1},
    };
    kith_plot plot = {.panels = panels, .count = 2, .columns = 2};
    char *text;
    draw_twice("ticks", &plot, &text);
    assert_int_equal(labels(text, "1.5") + labels(text, "2.5") + labels(text, "0"), 0);
    assert_true(labels(text, "1") == 2 && labels(text, "3") == 2);
    assert_int_equal(labels(text, "1.00"), 1);
    assert_int_equal(labels(text, "0.020"), 1);
    free(text);
}

static void logarithmic_axes_and_intervals_are_drawn(void **state) {
    (void)state;
    double far[CURVE], frr[CURVE], other[CURVE];
    double sizes[SIZES] = {50, 100, 200, 500, 1000}, fnir[SIZES], low[SIZES], high[SIZES];
    for (int i = 0; i < CURVE; i++) {
        far[i] = pow(10, -5 + 5.0 * i / (CURVE - 1));
        frr[i] = 0.3 * pow(far[i] / 1e-5, -0.6);
        other[i] = i < 20 ? 0 : frr[i] / 3; /* zeros have no place on a logarithmic axis */
    }
    for (int i = 0; i < SIZES; i++) {
        fnir[i] = 0.05 * log10(sizes[i]);
        low[i] = 0.8 * fnir[i];
        high[i] = 1.3 * fnir[i];
    }
    kith_plot_series det[] = {
        {"siamese", KITH_PLOT_LINE, KITH_PLOT_GREEN, false, far, frr, CURVE, NULL, NULL},
        {"reid", KITH_PLOT_LINE, KITH_PLOT_PURPLE, true, far, other, CURVE, NULL, NULL},
    };
    kith_plot_series open[] = {
        {"FPIR 0.01", KITH_PLOT_LINE_AND_POINTS, KITH_PLOT_BLUE, false, sizes, fnir, SIZES, low, high},
        {"FPIR 0.003", KITH_PLOT_POINTS, KITH_PLOT_ORANGE, false, sizes, high, SIZES, fnir, high},
    };
    kith_plot_panel panels[] = {
        {"DET",
         {.label = "false accept rate", .log = true},
         {.label = "false reject rate", .log = true, .low = 1e-3, .high = 1},
         det,
         2},
        {"Open set",
         {.label = "persons in the gallery", .log = true, .low = 30, .high = 2000},
         {.label = "FNIR"},
         open,
         2},
    };
    kith_plot plot = {.panels = panels, .count = 2, .columns = 2, .width = 600, .height = 420};
    char *text;
    draw_twice("logarithmic", &plot, &text);
    assert_true(count_of(text, "#CC79A7") > 10); /* dashes */
    assert_true(count_of(text, "fill=\"#E69F00\"") > SIZES);
    free(text);
}

static void histograms_and_scatter_are_drawn(void **state) {
    (void)state;
    static float likes[SCORES], unlikes[SCORES];
    static double number[SCORES], first[SCORES], second[SCORES];
    double edges[BINS], shares[BINS], others[BINS];
    uint32_t seed = 2;
    for (int i = 0; i < SCORES; i++) {
        number[i] = i;
        likes[i] = (float)(0.55 + 0.15 * (noise(&seed) + noise(&seed) + noise(&seed)));
        unlikes[i] = (float)(0.1 * (noise(&seed) + noise(&seed) + noise(&seed)));
        first[i] = (double)likes[i];
        second[i] = (double)unlikes[i];
    }
    kith_plot_histogram(edges, shares, BINS, -1, 1, likes, SCORES);
    kith_plot_histogram(edges, others, BINS, -1, 1, unlikes, SCORES);
    kith_plot_series scatter[] = {
        {"same person", KITH_PLOT_POINTS, KITH_PLOT_BLUE, false, number, first, SCORES, NULL, NULL},
        {"different", KITH_PLOT_POINTS, KITH_PLOT_VERMILION, false, number, second, SCORES, NULL, NULL},
    };
    kith_plot_series bars[] = {
        {"same person", KITH_PLOT_HISTOGRAM, KITH_PLOT_BLUE, false, edges, shares, BINS, NULL, NULL},
        {"different", KITH_PLOT_HISTOGRAM, KITH_PLOT_VERMILION, true, edges, others, BINS, NULL, NULL},
    };
    kith_plot_panel panels[] = {
        {"By triplet", {.label = "triplet"}, {.label = "cosine"}, scatter, 2},
        {"Histogram", {.label = "cosine"}, {.label = "share"}, bars, 2},
        {"A panel without anything in it", {.label = "x"}, {.label = "y"}, NULL, 0},
    };
    kith_plot plot = {.panels = panels, .count = 3, .columns = 2};
    char *text;
    draw_twice("histogram", &plot, &text);
    assert_true(count_of(text, "#0072B2") > SCORES);
    free(text);
}

static void histograms_count_all_finite_values(void **state) {
    (void)state;
    float values[] = {-5, 0.1f, 0.4f, 0.9f, 7, NAN};
    double edges[2], shares[2];
    kith_plot_histogram(edges, shares, 2, 0, 1, values, 6);
    assert_true(edges[0] == 0 && edges[1] == 0.5);
    assert_true(fabs(shares[0] - 0.6) < 1e-12 && fabs(shares[1] - 0.4) < 1e-12);
}

static void impossible_charts_are_refused(void **state) {
    (void)state;
    double x[2] = {1, 2};
    kith_plot_series one = {"", KITH_PLOT_LINE, KITH_PLOT_BLUE, false, x, x, 2, NULL, NULL};
    kith_plot_panel panel = {"t", {.label = "x", .log = true, .low = -1, .high = 1}, {.label = "y"}, &one, 1};
    kith_plot plot = {.panels = &panel, .count = 1, .columns = 1};
    kith_error err = {0};
    char *text;
    size_t size;
    assert_int_equal(kith_plot_svg(&text, &size, &plot, &err), KITH_E_LIMIT); /* a logarithm of -1 */
    assert_null(text);
    panel.x.low = 1;
    panel.x.high = 10;
    plot.columns = 0;
    kith_error_clear(&err);
    assert_int_equal(kith_plot_svg(&text, &size, &plot, &err), KITH_E_LIMIT);
    plot.columns = 1;
    one.mark = KITH_PLOT_HISTOGRAM;
    one.count = 1;
    kith_error_clear(&err);
    assert_int_equal(kith_plot_svg(&text, &size, &plot, &err), KITH_E_LIMIT);
    one.count = 2;
    kith_error_clear(&err);
    assert_int_equal(kith_plot_svg(&text, &size, &plot, &err), KITH_OK);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_drawn),
        cmocka_unit_test(ticks_are_numbers_that_there_can_be),
        cmocka_unit_test(logarithmic_axes_and_intervals_are_drawn),
        cmocka_unit_test(histograms_and_scatter_are_drawn),
        cmocka_unit_test(histograms_count_all_finite_values),
        cmocka_unit_test(impossible_charts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
