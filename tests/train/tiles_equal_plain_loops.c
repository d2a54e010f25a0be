/* SPDX-License-Identifier: MIT
 *
 * Each loop over a tile, in each of its builds that this processor can run and for both sizes of a block,
 * beside the plainest loop.
 */
#include "model/network/kernels.h"
#include "model/train/tiles.h"
#include "tests/network/support/models.h"

#include <math.h>

enum { SIDE_MOST = 17, MOST = SIDE_MOST * SIDE_MOST * 16, KERNEL_MOST = 7, SUMS = 3 * 16 };

static _Alignas(64) float x[MOST], given[MOST], more[MOST], found[MOST], expected[MOST];
static _Alignas(64) float scale[16], shift[16], slope[16], mean[16], filter[KERNEL_MOST * KERNEL_MOST * 16];
static double sums[KERNEL_MOST * KERNEL_MOST * 16], plain_sums[KERNEL_MOST * KERNEL_MOST * 16];
static const kith_tiles *levels[3];
static int level_count, block;
static const kith_tiles *tiles; /* of the level at hand */

static float noise(unsigned *state) { /* -1..1 */
    *state = *state * 1664525U + 1013904223U;
    return (float)(*state >> 8) / (float)(1 << 23) - 1;
}

static int prepare(void **state) {
    unsigned seed = 3;
    (void)state;
    levels[level_count++] = &kith_tiles_v2;
    if (kith_processor_level() >= 3)
        levels[level_count++] = &kith_tiles_v3;
    if (kith_processor_level() >= 4)
        levels[level_count++] = &kith_tiles_v4;
    for (int i = 0; i < MOST; i++) {
        x[i] = 4 * noise(&seed);
        given[i] = noise(&seed);
        more[i] = noise(&seed);
    }
    for (int c = 0; c < 16; c++) {
        scale[c] = 2 * noise(&seed);
        shift[c] = 2 * noise(&seed);
        slope[c] = noise(&seed);
        mean[c] = noise(&seed);
    }
    for (size_t i = 0; i < sizeof filter / sizeof *filter; i++)
        filter[i] = noise(&seed);
    return 0;
}

static void same(int count, double tolerance, const char *what) {
    for (int i = 0; i < count; i++)
        if (!(fabs((double)found[i] - (double)expected[i]) <= tolerance))
            fail_msg("%s, block %d [%d]: %g, expected %g", what, block, i, (double)found[i],
                     (double)expected[i]);
}

static void same_sums(int count, double tolerance, const char *what) {
    for (int i = 0; i < count; i++)
        if (!(fabs(sums[i] - plain_sums[i]) <= tolerance))
            fail_msg("%s, block %d sum %d: %g, expected %g", what, block, i, sums[i], plain_sums[i]);
}

/* What was there before must be added to, not replaced. */
static void begin_sums(void) {
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        sums[i] = plain_sums[i] = (double)i;
}

/* Calls a check for every build and block. */
static void each(void (*check)(void)) {
    for (int l = 0; l < level_count; l++)
        for (block = 8; block <= 16; block += 8) {
            tiles = levels[l];
            check();
        }
}

static const kith_activation activations[] = {KITH_LINEAR, KITH_RELU,    KITH_RELU6,  KITH_LEAKY,
                                              KITH_PRELU,  KITH_PRELU_1, KITH_SIGMOID};
enum { ACTIVATIONS = sizeof activations / sizeof *activations };

static kith_affine_tile affine_of(kith_activation activation) {
    return (kith_affine_tile){activation, scale, shift, slope, mean};
}

static double activated(kith_activation activation, double value, int c) {
    switch (activation) {
    case KITH_LINEAR:
        return value;
    case KITH_RELU:
        return fmax(value, 0);
    case KITH_RELU6:
        return fmin(fmax(value, 0), 6);
    case KITH_SIGMOID:
        return 1 / (1 + exp(-value));
    default:
        return value > 0 ? value : value * (double)slope[c];
    }
}

static double slope_at(kith_activation activation, double value, int c) {
    double z = activated(activation, value, c);
    switch (activation) {
    case KITH_LINEAR:
        return 1;
    case KITH_RELU:
        return value > 0;
    case KITH_RELU6:
        return value > 0 && value < 6;
    case KITH_SIGMOID:
        return z * (1 - z);
    default:
        return value > 0 ? 1 : (double)slope[c];
    }
}

static double before(int i) {
    int c = i % block;
    return (double)x[i] * (double)scale[c] + (double)shift[c];
}

static void check_activate(void) {
    enum { PIXELS = 35 };
    for (int a = 0; a < ACTIVATIONS; a++)
        for (int add = 0; add < 2; add++) {
            kith_affine_tile affine = affine_of(activations[a]);
            for (int i = 0; i < PIXELS * block; i++)
                expected[i] =
                    (float)(activated(activations[a], before(i), i % block) + (add ? (double)more[i] : 0));
            tiles->activate(found, x, add ? more : NULL, &affine, PIXELS, block);
            same(PIXELS * block, 2e-6, "activate");
        }
}

static const kith_padded places[] = {
    {5, 7, 0, 0, 5, 7}, {5, 7, 1, 1, 7, 9}, {6, 4, 0, 0, 7, 5}, {1, 1, 6, 6, 13, 13}};
enum { PLACES = sizeof places / sizeof *places };

/* expected = the tile `from` among zeros. */
static void place_plainly(const float *from, const kith_padded *p) {
    for (int i = 0; i < p->whole_height * p->whole_width * block; i++) {
        int row = i / block / p->whole_width - p->top, column = i / block % p->whole_width - p->left;
        bool inside = row >= 0 && row < p->height && column >= 0 && column < p->width;
        expected[i] = inside ? from[(row * p->width + column) * block + i % block] : 0;
    }
}

static void check_padded(void) {
    static float tile[MOST];
    for (int k = 0; k < PLACES; k++) {
        const kith_padded *p = &places[k];
        int whole = p->whole_height * p->whole_width * block, count = p->height * p->width * block;
        kith_affine_tile affine = affine_of(KITH_RELU6);
        memset(found, 1, sizeof found);
        place_plainly(x, p);
        tiles->copy_padded(found, x, p, block);
        same(whole, 0, "copy padded");
        memcpy(expected, x, (size_t)count * sizeof *x);
        memcpy(tile, found, sizeof tile);
        tiles->copy_middle(found, tile, p, block);
        same(count, 0, "copy middle");
        tiles->activate(tile, x, NULL, &affine, (size_t)(p->height * p->width), block);
        place_plainly(tile, p);
        tiles->activate_padded(found, x, &affine, p, block);
        same(whole, 0, "activate padded");
    }
}

static void check_moments(void) {
    for (int pixels = 35; pixels <= 36; pixels++) {
        begin_sums();
        for (int i = 0; i < pixels * block; i++) {
            double d = (double)x[i] - (double)mean[i % block];
            plain_sums[i % block] += d;
            plain_sums[20 + i % block] += d * d;
        }
        tiles->moments(sums, 20, x, mean, (size_t)pixels, block);
        same_sums(SUMS, 1e-4, "moments");
    }
}

static void finish_plainly(kith_activation activation, bool add, int pixels, bool slopes) {
    begin_sums();
    for (int i = 0; i < pixels * block; i++) {
        int c = i % block;
        double d = (double)given[i] + (add ? (double)more[i] : 0), value = before(i);
        double p = d * slope_at(activation, value, c);
        expected[i] = (float)p;
        plain_sums[c] += p;
        plain_sums[20 + c] += p * ((double)x[i] - (double)mean[c]);
        if (slopes)
            plain_sums[40 + c] += d * fmin(value, 0);
    }
}

static void check_finish(void) {
    enum { PIXELS = 35 };
    for (int a = 0; a < ACTIVATIONS; a++)
        for (int add = 0; add < 2; add++) {
            kith_activation kind = activations[a];
            bool slopes = kind == KITH_PRELU || kind == KITH_PRELU_1 || kind == KITH_LEAKY;
            kith_affine_tile affine = affine_of(kind);
            finish_plainly(kind, add, PIXELS, slopes);
            memcpy(found, more, sizeof found); /* out may be what is added */
            tiles->finish(sums, 20, found, given, add ? found : NULL, x, &affine, PIXELS, block);
            same(PIXELS * block, 2e-6, "finish");
            same_sums(60, 1e-4, "finish");
        }
}

static void check_derive(void) {
    static float tile[MOST];
    const float *coefficients[4] = {scale, slope, mean, shift};
    for (int k = 0; k < PLACES; k++)
        for (int centred = 0; centred < 2; centred++) {
            const kith_padded *p = &places[k];
            for (int i = 0; i < p->height * p->width * block; i++) {
                int c = i % block;
                tile[i] = given[i] * scale[c] + (centred ? (x[i] - mean[c]) * slope[c] + shift[c] : 0);
            }
            place_plainly(tile, p);
            tiles->derive(found, given, centred ? x : NULL, coefficients, p, block);
            same(p->whole_height * p->whole_width * block, 2e-6, "derive");
        }
}

static void check_simple(void) {
    enum { PIXELS = 35 };
    for (int i = 0; i < PIXELS * block; i++)
        expected[i] = x[i] + given[i];
    memcpy(found, x, sizeof found);
    tiles->add(found, given, PIXELS, block);
    same(PIXELS * block, 0, "add");
    for (int c = 0; c < block; c++) {
        double sum = 0;
        for (int i = 0; i < PIXELS; i++)
            sum += (double)x[i * block + c] * (double)given[i * block + c];
        expected[c] = (float)sum;
    }
    tiles->products(found, x, given, PIXELS, block);
    same(block, 1e-4, "products");
    for (int i = 0; i < PIXELS * block; i++)
        expected[i] = scale[i % block] * 0.25F;
    tiles->fill(found, scale, 0.25F, PIXELS, block);
    same(PIXELS * block, 1e-7, "fill");
}

/* kernel, stride, source with zeros, target. */
static const kith_slide slides[] = {{3, 1, 9, 8, 7, 6},    {3, 2, 9, 9, 4, 4}, {3, 2, 8, 10, 3, 4},
                                    {7, 1, 7, 7, 1, 1},    {2, 1, 5, 4, 4, 3}, {5, 2, 11, 9, 4, 3},
                                    {3, 1, 17, 17, 15, 15}};
enum { SLIDES = sizeof slides / sizeof *slides };

/* Calls `term` with the places of source, target and filter that meet. */
static void each_term(const kith_slide *s, void (*term)(int source, int target, int tap)) {
    for (int y = 0; y < s->out_height; y++)
        for (int column = 0; column < s->out_width; column++)
            for (int tap = 0; tap < s->kernel * s->kernel; tap++)
                for (int c = 0; c < block; c++) {
                    int from_y = y * s->stride + tap / s->kernel,
                        from_x = column * s->stride + tap % s->kernel;
                    term((from_y * s->width + from_x) * block + c, (y * s->out_width + column) * block + c,
                         tap * block + c);
                }
}

static void forward_term(int source, int target, int tap) {
    expected[target] += x[source] * filter[tap];
}

static void back_term(int source, int target, int tap) {
    expected[source] += given[target] * filter[tap];
}

static void filter_term(int source, int target, int tap) {
    plain_sums[tap] += (double)x[source] * (double)given[target];
}

static void check_slides(void) {
    static float wide[MOST];
    for (int k = 0; k < SLIDES; k++) {
        const kith_slide *s = &slides[k];
        int target = s->out_height * s->out_width * block;
        memset(expected, 0, sizeof expected);
        each_term(s, forward_term);
        tiles->slide(found, x, filter, s, block);
        same(target, 5e-5, "slide");
        memset(expected, 0, sizeof expected);
        each_term(s, back_term);
        tiles->slide_back(found, given, filter, s, block);
        same(s->height * s->width * block, 2e-5, "slide back");
        begin_sums();
        each_term(s, filter_term);
        int row = s->out_width * block; /* the gradient's rows two pixels longer than its own */
        for (int y = 0; y < s->out_height; y++)
            memcpy(wide + y * (row + 2 * block), given + y * row, (size_t)row * sizeof *wide);
        tiles->slide_filter(sums, x, wide, s->out_width + 2, s, block);
        same_sums(s->kernel * s->kernel * block, 1e-4, "slide filter");
    }
}

static void activations_and_their_gradients(void **state) {
    (void)state;
    each(check_activate);
    each(check_finish);
    each(check_moments);
    each(check_derive);
}

static void tiles_among_zeros(void **state) {
    (void)state;
    each(check_padded);
}

static void depthwise_filters(void **state) {
    (void)state;
    each(check_slides);
}

static void the_rest(void **state) {
    (void)state;
    each(check_simple);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(activations_and_their_gradients),
                                       cmocka_unit_test(tiles_among_zeros),
                                       cmocka_unit_test(depthwise_filters), cmocka_unit_test(the_rest)};
    return cmocka_run_group_tests(tests, prepare, NULL);
}
