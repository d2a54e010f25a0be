/* SPDX-License-Identifier: MIT
 *
 * The working picture is the smallest of 8/8, 4/8, 2/8, 1/8 whose longest side is at least 2,048 pixels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

static void expect(int width, int height, int orientation, bool full_size, int working_width,
                   int working_height) {
    unsigned char *grey = malloc((size_t)width * (size_t)height), exif[EXIF_SIZE];
    assert_non_null(grey);
    for (int i = 0; i < width * height; i++)
        grey[i] = (unsigned char)((2L * (i % width) + 1) * 255 / (2L * width));
    sample_exif(exif, true, (unsigned)orientation, NULL, NULL);
    bytes plain = sample_jpeg(grey, width, height, (jpeg_kind){.components = 1});
    bytes file = jpeg_insert_exif(plain, exif);
    kith_decode_options options = {.full_size = full_size};
    kith_picture picture;
    kith_error err = {0};
    assert_int_equal(kith_picture_decode(&picture, file.data, file.size, &options, "wide", &err), KITH_OK);
    assert_int_equal(picture.width, working_width);
    assert_int_equal(picture.height, working_height);
    bool swap = orientation >= 5;
    assert_int_equal(picture.full_width, swap ? height : width);
    assert_int_equal(picture.full_height, swap ? width : height);
    /* The ramp goes from 0 to 255 over the stored width whatever the scale. */
    int length = swap ? picture.height : picture.width, middle = length / 2;
    int pixel = swap ? middle * picture.width : middle, seen = (2 * middle + 1) * 255 / (2 * length);
    assert_in_range(picture.rgb[(size_t)pixel * 3], seen - 3, seen + 3);
    kith_picture_clear(&picture);
    free(plain.data);
    free(file.data);
    free(grey);
}

static void scales(void **state) {
    (void)state;
    expect(2047, 16, 1, false, 2047, 16);
    expect(2048, 16, 1, false, 2048, 16);
    expect(4094, 16, 1, false, 4094, 16);
    expect(4095, 16, 1, false, 2048, 8); /* sides are rounded up */
    expect(4096, 16, 1, false, 2048, 8);
    expect(8190, 16, 1, false, 2048, 4);
    expect(8192, 17, 1, false, 2048, 5);
    expect(16376, 16, 1, false, 4094, 4);
    expect(16384, 16, 1, false, 2048, 2);
    expect(60000, 8, 1, false, 7500, 1);
    expect(16, 4096, 1, false, 8, 2048);
    expect(4096, 16, 6, false, 8, 2048);
    expect(4096, 16, 1, true, 4096, 16);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(scales)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
