/* SPDX-License-Identifier: MIT
 *
 * What an augmentation does to pixels it does to landmarks; a plain one is the chip's own centre; texts hold
 * what was drawn; draws have the spread that they say.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/statistics/random.h"
#include "model/train/augment.h"

enum { SIDE = 112, DRAWS = 4000 };

static kith_chip chip;
static unsigned char seen[224 * 224 * 3];

static void noise_chip(void) {
    kith_random random = {9};
    for (size_t i = 0; i < sizeof chip.rgb; i++)
        chip.rgb[i] = (unsigned char)kith_random_next(&random);
}

static void run(const char *arch, int side, const kith_augmentation *augmentation, float *landmarks) {
    kith_frame frame;
    kith_error err = {0};
    assert_true(kith_frame_of(&frame, arch, side));
    assert_int_equal(kith_augment(seen, landmarks, &frame, &chip, augmentation, &err), KITH_OK);
}

static void plain_is_the_centre(void **state) {
    (void)state;
    const kith_augmentation plain = {0};
    noise_chip();
    run("reid", KITH_CHIP_INNER, &plain, NULL);
    for (size_t y = 0; y < KITH_CHIP_INNER; y++)
        assert_memory_equal(seen + y * KITH_CHIP_INNER * 3,
                            chip.rgb + ((y + KITH_CHIP_MARGIN) * KITH_CHIP_SIDE + KITH_CHIP_MARGIN) * 3,
                            KITH_CHIP_INNER * 3);
}

/* One bright spot at landmark `i`, which is at (x, y). */
static void spot(int i, float x, float y) {
    memset(&chip, 0, sizeof chip);
    for (int v = 0; v < KITH_CHIP_SIDE; v++)
        for (int u = 0; u < KITH_CHIP_SIDE; u++) {
            double right = u - (double)x, down = v - (double)y, far = right * right + down * down;
            memset(chip.rgb + (v * KITH_CHIP_SIDE + u) * 3, (int)(250 * exp(-far / 18)), 3);
        }
    chip.landmarks[2 * i] = x;
    chip.landmarks[2 * i + 1] = y;
}

/* The brightest place of what is seen, to a fraction of a pixel. */
static void centre_of_light(double out[2], int side) {
    double sum = 0;
    out[0] = out[1] = 0;
    for (int v = 0; v < side; v++)
        for (int u = 0; u < side; u++) {
            double light = seen[(v * side + u) * 3];
            light *= light;
            sum += light;
            out[0] += light * u;
            out[1] += light * v;
        }
    out[0] /= sum;
    out[1] /= sum;
}

static void landmarks_follow(void **state) {
    (void)state;
    static const char *const archs[] = {"siamese", "mobileface", "reid"};
    /* An eyelid, a corner of the mouth, the chin: what they are called in a mirror. */
    static const int marks[][2] = {{37, 44}, {48, 54}, {8, 8},   {0, 16},
                                   {31, 35}, {60, 64}, {61, 63}, {17, 26}};
    for (int i = 0; i < 200; i++) {
        kith_augmentation a;
        kith_random random = {(uint64_t)i};
        float moved[2 * KITH_LANDMARKS];
        double light[2];
        const int *mark = marks[i % 8];
        int side = i % 2 ? SIDE : 2 * SIDE;
        kith_augmentation_draw(&a, (uint64_t)i);
        a.square[2] = a.noise = a.brightness = a.contrast = 0;
        spot(mark[0], (float)(40 + 60 * kith_random_uniform(&random)),
             (float)(40 + 60 * kith_random_uniform(&random)));
        run(archs[i % 3], side, &a, moved);
        centre_of_light(light, side);
        const float *at = moved + 2 * mark[a.mirror];
        assert_true(fabs(light[0] - at[0] * (float)side) < 0.25 * side / SIDE);
        assert_true(fabs(light[1] - at[1] * (float)side) < 0.25 * side / SIDE);
    }
}

static void each_change_does_what_it_says(void **state) {
    (void)state;
    kith_augmentation a = {.mirror = true};
    float moved[2 * KITH_LANDMARKS];
    double light[2], plain[2];
    spot(0, 60, 70);
    run("reid", KITH_CHIP_INNER, &(kith_augmentation){0}, NULL);
    centre_of_light(plain, KITH_CHIP_INNER);
    run("reid", KITH_CHIP_INNER, &a, NULL);
    centre_of_light(light, KITH_CHIP_INNER);
    assert_true(fabs(light[0] - (127 - plain[0])) < 0.05);
    a = (kith_augmentation){.shift = {5, -3}};
    run("reid", KITH_CHIP_INNER, &a, NULL);
    centre_of_light(light, KITH_CHIP_INNER);
    assert_true(fabs(light[0] - plain[0] - 5) < 0.05 && fabs(light[1] - plain[1] + 3) < 0.05);
    spot(0, 71.5F + 20, 71.5F); /* at the right of the centre: a turn to the right brings it down */
    a = (kith_augmentation){.rotation = 90};
    run("reid", KITH_CHIP_INNER, &a, NULL);
    centre_of_light(light, KITH_CHIP_INNER);
    assert_true(fabs(light[0] - 63.5) < 0.05 && fabs(light[1] - 83.5) < 0.05);
    a = (kith_augmentation){.square = {72, 72, 20}, .grey = 77};
    run("reid", KITH_CHIP_INNER, &a, NULL);
    assert_int_equal(seen[(64 * 128 + 64) * 3], 77);
    assert_int_equal(seen[(64 * 128 + 50) * 3], 0);
    a = (kith_augmentation){.noise = 2, .noise_seed = 5};
    run("reid", KITH_CHIP_INNER, &a, moved);
    assert_true(fabsf(moved[0] * 128 - (91.5F - 8)) > 0.01F);
}

static double spread(void) {
    double sum = 0, squares = 0, count = KITH_CHIP_INNER * KITH_CHIP_INNER * 3;
    for (size_t i = 0; i < KITH_CHIP_INNER * KITH_CHIP_INNER * 3; i++) {
        sum += seen[i];
        squares += (double)seen[i] * seen[i];
    }
    return sqrt(squares / count - sum / count * sum / count);
}

static void blur_and_reduction_lose_detail(void **state) {
    (void)state;
    noise_chip();
    run("reid", KITH_CHIP_INNER, &(kith_augmentation){0}, NULL);
    double whole = spread();
    run("reid", KITH_CHIP_INNER, &(kith_augmentation){.blur = 1}, NULL);
    /* white noise keeps 1 / (2 sqrt(pi)) of its spread under a Gaussian of 1 in two directions */
    assert_true(fabs(spread() / whole - 0.282) < 0.01);
    run("reid", KITH_CHIP_INNER, &(kith_augmentation){.reduced = 36}, NULL);
    assert_true(spread() / whole < 0.26); /* means of 4 x 4, and bilinear between them */
    run("reid", KITH_CHIP_INNER, &(kith_augmentation){.contrast = -1}, NULL);
    assert_true(fabs(spread() / whole - exp(-1)) < 0.01);
}

static void texts_hold_what_was_drawn(void **state) {
    (void)state;
    char text[KITH_AUGMENTATION_TEXT];
    kith_augmentation drawn, read;
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        kith_augmentation_draw(&drawn, seed);
        kith_augmentation_text(text, &drawn);
        assert_null(strchr(text, ','));
        assert_true(kith_augmentation_parse(&read, text));
        assert_memory_equal(&read, &drawn, sizeof read);
    }
    kith_augmentation_text(text, &(kith_augmentation){0});
    assert_string_equal(text, "plain");
    assert_true(kith_augmentation_parse(&read, "") && !read.mirror && read.zoom == 0);
    assert_true(kith_augmentation_parse(&read, "zoom=0.1 mirror"));
    static const char *const wrong[] = {
        "upside-down",     "mirror=1", "rotation",     "rotation=",        "rotation=x", "rotation=900",
        "rotation=nan",    "shift=1",  "shift=1:2:3",  "reduced=20.5",     "reduced=4",  "blur=1,mirror",
        " mirror",         "mirror  ", "noise=0.5:-1", "square=1:1:1:256", "=",          "plain plain",
        "light=1:0 plain", "blur=0.8x"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (kith_augmentation_parse(&read, wrong[i]))
            fail_msg("'%s' was taken", wrong[i]);
}

static void draws_have_their_spread(void **state) {
    (void)state;
    double mirrored = 0, reduced = 0, blurred = 0, covered = 0, turned = 0, shifted = 0, zoomed = 0;
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        kith_augmentation a;
        kith_augmentation_draw(&a, kith_random_mix(7, seed));
        mirrored += a.mirror;
        reduced += a.reduced > 0;
        blurred += a.blur > 0;
        covered += a.square[2] > 0;
        turned += (double)a.rotation * a.rotation;
        shifted += (double)a.shift[1] * a.shift[1];
        zoomed += (double)a.zoom * a.zoom;
    }
    assert_true(fabs(mirrored / DRAWS - 1 / 2.0) < 0.03);
    assert_true(fabs(reduced / DRAWS - 1 / 4.0) < 0.03);
    assert_true(fabs(blurred / DRAWS - 1 / 5.0) < 0.03);
    assert_true(fabs(covered / DRAWS - 1 / 7.0) < 0.03);
    assert_true(fabs(sqrt(turned / DRAWS) / 3 - 1) < 0.06);
    assert_true(fabs(sqrt(shifted / DRAWS) / 1.5 - 1) < 0.06);
    assert_true(fabs(sqrt(zoomed / DRAWS) / 0.04 - 1) < 0.06);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_is_the_centre),           cmocka_unit_test(landmarks_follow),
        cmocka_unit_test(each_change_does_what_it_says), cmocka_unit_test(blur_and_reduction_lose_detail),
        cmocka_unit_test(texts_hold_what_was_drawn),     cmocka_unit_test(draws_have_their_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
