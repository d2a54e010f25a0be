/* SPDX-License-Identifier: MIT
 *
 * Every colour type, depth and way of interlacing of PNG, with and without tRNS, against the specification
 * worked out pixel by pixel: exact, with one rounding (half up) from the file's depth and transparency to 8
 * bits on white.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

enum { WIDTH = 37, HEIGHT = 29, GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGBA = 6 };

static int channels_of(int colour) {
    return colour == GREY || colour == PALETTE ? 1 : colour == RGB ? 3 : colour == GREY_ALPHA ? 2 : 4;
}

/* Some sample of the depth; small depths and alpha meet all their values. */
static unsigned sample(int x, int y, int channel, int depth) {
    unsigned value = (unsigned)(x * 2411 + y * 7919 + channel * 15101);
    return value & ((1u << depth) - 1);
}

static void pack(unsigned char *row, int index, int depth, unsigned value) {
    if (depth == 16) {
        unsigned char *at = row + (size_t)index * 2;
        at[0] = (unsigned char)(value >> 8);
        at[1] = (unsigned char)value;
    } else {
        int bit = index * depth;
        row[bit / 8] |= (unsigned char)(value << (8 - depth - bit % 8));
    }
}

static unsigned char palette[256 * 3];
static unsigned char alphas[256];

/* value and alpha out of most, on white, rounded half up. */
static int on_white(uint64_t value, uint64_t alpha, uint64_t most) {
    return (int)((510 * (value * alpha + most * (most - alpha)) + most * most) / (2 * most * most));
}

static int expected(int x, int y, int channel, const png_kind *kind) {
    int colour = kind->colour, depth = kind->depth;
    unsigned most = (1u << depth) - 1;
    if (colour == PALETTE) {
        unsigned index = sample(x, y, 0, depth);
        unsigned alpha = kind->transparent && index < kind->transparent_size ? alphas[index] : 255;
        return on_white(palette[3 * index + (unsigned)channel], alpha, 255);
    }
    bool is_grey = colour == GREY || colour == GREY_ALPHA;
    unsigned alpha = most;
    if (colour == GREY_ALPHA || colour == RGBA)
        alpha = sample(x, y, channels_of(colour) - 1, depth);
    if (kind->transparent) {
        bool same = true;
        for (size_t c = 0; c < (size_t)channels_of(colour); c++)
            same = same && sample(x, y, (int)c, depth) ==
                               ((unsigned)kind->transparent[2 * c] << 8 | kind->transparent[2 * c + 1]);
        alpha = same ? 0 : most;
    }
    return on_white(sample(x, y, is_grey ? 0 : channel, depth), alpha, most);
}

static void check(png_kind kind) {
    int channels = channels_of(kind.colour);
    size_t stride = ((size_t)WIDTH * (size_t)(channels * kind.depth) + 7) / 8;
    unsigned char *rows = calloc(stride, HEIGHT);
    assert_non_null(rows);
    for (int y = 0; y < HEIGHT; y++)
        for (int i = 0; i < WIDTH * channels; i++)
            pack(rows + (size_t)y * stride, i, kind.depth, sample(i / channels, y, i % channels, kind.depth));
    bytes file = sample_png(rows, WIDTH, HEIGHT, kind);
    kith_picture picture = decoded(file);
    assert_int_equal(picture.width, WIDTH);
    assert_int_equal(picture.height, HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
        int x = i / 3 % WIDTH, y = i / 3 / WIDTH;
        if (picture.rgb[i] != expected(x, y, i % 3, &kind))
            fail_msg("colour type %d, depth %d%s%s: %d instead of %d at %d,%d,%d", kind.colour, kind.depth,
                     kind.interlaced ? ", interlaced" : "", kind.transparent ? ", tRNS" : "", picture.rgb[i],
                     expected(x, y, i % 3, &kind), x, y, i % 3);
    }
    kith_picture_clear(&picture);
    free(file.data);
    free(rows);
}

static void check_with_transparency(png_kind kind) {
    check(kind);
    unsigned char transparent[6];
    for (size_t c = 0; c < 3; c++) { /* the colour of one of the pixels */
        unsigned value = sample(5, 7, (int)c, kind.depth);
        transparent[2 * c] = (unsigned char)(value >> 8);
        transparent[2 * c + 1] = (unsigned char)value;
    }
    if (kind.colour == GREY || kind.colour == RGB) {
        kind.transparent = transparent;
        kind.transparent_size = kind.colour == GREY ? 2 : 6;
        check(kind);
    } else if (kind.colour == PALETTE) {
        kind.transparent = alphas;
        kind.transparent_size = (size_t)(kind.colours + 1) / 2;
        check(kind);
    }
}

static void all_kinds(void **state) {
    (void)state;
    static const int kinds[][2] = {{GREY, 1},        {GREY, 2},    {GREY, 4},    {GREY, 8},
                                   {GREY, 16},       {RGB, 8},     {RGB, 16},    {PALETTE, 1},
                                   {PALETTE, 2},     {PALETTE, 4}, {PALETTE, 8}, {GREY_ALPHA, 8},
                                   {GREY_ALPHA, 16}, {RGBA, 8},    {RGBA, 16}};
    for (size_t i = 0; i < 256; i++) {
        alphas[i] = (unsigned char)(255 - i * 3);
        for (size_t c = 0; c < 3; c++)
            palette[3 * i + c] = (unsigned char)(i * 7 + c * 90);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            png_kind kind = {.colour = kinds[i][0], .depth = kinds[i][1], .interlaced = interlaced};
            if (kind.colour == PALETTE) {
                kind.palette = palette;
                kind.colours = 1 << kind.depth;
            }
            check_with_transparency(kind);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
