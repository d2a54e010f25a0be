/* SPDX-License-Identifier: MIT
 *
 * Colour spaces, samplings and codings of JPEG, made from known pixels: the result is near them (JPEG loses a
 * little), and where another coding holds the same coefficients, it is exactly the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include <jpeglib.h>

#include "tests/picture/support/samples.h"

enum { WIDTH = 93, HEIGHT = 71, PIXELS = WIDTH * HEIGHT, BYTES = PIXELS * 3 };

static kith_picture made(const unsigned char *samples, jpeg_kind kind) {
    bytes file = sample_jpeg(samples, WIDTH, HEIGHT, kind);
    kith_picture picture = decoded(file);
    free(file.data);
    assert_int_equal(picture.width, WIDTH);
    assert_int_equal(picture.height, HEIGHT);
    return picture;
}

static void expect_near(const unsigned char *samples, const unsigned char *rgb, jpeg_kind kind, double most) {
    kith_picture picture = made(samples, kind);
    double mean = mean_difference(picture.rgb, rgb, BYTES);
    if (mean > most)
        fail_msg("mean difference %.2f of %d components in space %d", mean, kind.components, kind.space);
    kith_picture_clear(&picture);
}

static void colour(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    expect_near(rgb, rgb, (jpeg_kind){.components = 3}, 1.2);
    expect_near(rgb, rgb, (jpeg_kind){.components = 3, .space = JCS_RGB}, 1.2);
    static const int samplings[][2] = {{2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}};
    for (size_t i = 0; i < sizeof samplings / sizeof *samplings; i++)
        expect_near(rgb, rgb, (jpeg_kind){.components = 3, .h = samplings[i][0], .v = samplings[i][1]}, 4);
    free(rgb);
}

static void grey(void **state) {
    (void)state;
    unsigned char grey[PIXELS], rgb[BYTES];
    for (size_t i = 0; i < PIXELS; i++) {
        grey[i] = (unsigned char)(i % WIDTH * 2);
        memset(&rgb[3 * i], grey[i], 3);
    }
    expect_near(grey, rgb, (jpeg_kind){.components = 1}, 1.0);
}

/* Ink as Adobe stores it, 255 - ink: a pixel is colour x black / 255. */
static void ink(void **state) {
    (void)state;
    unsigned char *colours = sample_rgb(WIDTH, HEIGHT), cmyk[PIXELS * 4], rgb[BYTES];
    for (int i = 0; i < PIXELS; i++) {
        cmyk[4 * i + 3] = (unsigned char)(155 + i % 101);
        for (int c = 0; c < 3; c++) {
            cmyk[4 * i + c] = colours[3 * i + c];
            rgb[3 * i + c] = (unsigned char)lround(colours[3 * i + c] * cmyk[4 * i + 3] / 255.0);
        }
    }
    expect_near(cmyk, rgb, (jpeg_kind){.components = 4, .space = JCS_CMYK, .quality = 100}, 1.5);
    expect_near(cmyk, rgb, (jpeg_kind){.components = 4, .space = JCS_YCCK, .quality = 100}, 1.5);
    free(colours);
}

static void codings_of_the_same_coefficients(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    kith_picture plain = made(rgb, (jpeg_kind){.components = 3, .h = 2, .v = 2});
    static const jpeg_kind kinds[] = {
        {.components = 3, .h = 2, .v = 2, .progressive = true},
        {.components = 3, .h = 2, .v = 2, .arithmetic = true},
        {.components = 3, .h = 2, .v = 2, .progressive = true, .arithmetic = true},
        {.components = 3, .h = 2, .v = 2, .restart = 3},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        kith_picture picture = made(rgb, kinds[i]);
        assert_memory_equal(picture.rgb, plain.rgb, BYTES);
        kith_picture_clear(&picture);
    }
    kith_picture_clear(&plain);
    free(rgb);
}

/* Pixels of one colour survive JPEG without loss: black, white, and Adobe's inversion the right way round. */
static void extremes(void **state) {
    (void)state;
    static const struct {
        int space;
        unsigned char samples[4], seen;
    } cases[] = {{JCS_RGB, {255, 255, 255}, 255},
                 {JCS_YCbCr, {0, 0, 0}, 0},
                 {JCS_CMYK, {255, 255, 255, 255}, 255},
                 {JCS_CMYK, {255, 255, 255, 0}, 0},
                 {JCS_YCCK, {0, 0, 0, 255}, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int components = cases[i].space == JCS_CMYK || cases[i].space == JCS_YCCK ? 4 : 3;
        bytes file = sample_jpeg(cases[i].samples, 1, 1,
                                 (jpeg_kind){.components = components, .space = cases[i].space});
        kith_picture picture = decoded(file);
        for (int c = 0; c < 3; c++)
            assert_int_equal(picture.rgb[c], cases[i].seen);
        kith_picture_clear(&picture);
        free(file.data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour),   cmocka_unit_test(grey),
        cmocka_unit_test(ink),      cmocka_unit_test(codings_of_the_same_coefficients),
        cmocka_unit_test(extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
