/* SPDX-License-Identifier: MIT
 *
 * One picture stored in each of the eight ways that EXIF knows is displayed the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

/* Odd sizes, more than one strip of rows, more than one block of columns. */
enum { WIDTH = 150, HEIGHT = 203, BYTES = WIDTH * HEIGHT * 3 };

static void expect_shape(const kith_picture *picture) {
    assert_int_equal(picture->width, WIDTH);
    assert_int_equal(picture->height, HEIGHT);
    assert_int_equal(picture->full_width, WIDTH);
    assert_int_equal(picture->full_height, HEIGHT);
}

static void check_png(const unsigned char *rgb, int orientation, bool big_endian, bool interlaced) {
    int width, height;
    unsigned char *stored = sample_stored(rgb, WIDTH, HEIGHT, orientation, &width, &height);
    unsigned char exif[EXIF_SIZE];
    sample_exif(exif, big_endian, (unsigned)orientation, NULL, NULL);
    bytes plain =
        sample_png(stored, width, height, (png_kind){.colour = 2, .depth = 8, .interlaced = interlaced});
    bytes file = png_insert_chunk(plain, "eXIf", exif, sizeof exif);
    kith_picture picture = decoded(file);
    expect_shape(&picture);
    assert_memory_equal(picture.rgb, rgb, BYTES);
    kith_picture_clear(&picture);
    free(stored);
    free(plain.data);
    free(file.data);
}

static void png_is_turned_exactly(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    for (int orientation = 1; orientation <= 8; orientation++)
        for (int variant = 0; variant < 4; variant++)
            check_png(rgb, orientation, variant & 1, variant & 2);
    free(rgb);
}

/* JPEG's cosine transform rounds rows and columns at different moments, so turned pixels differ a little. */
static void jpeg_is_turned(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    for (int orientation = 1; orientation <= 8; orientation++) {
        int width, height;
        unsigned char *stored = sample_stored(rgb, WIDTH, HEIGHT, orientation, &width, &height);
        unsigned char exif[EXIF_SIZE];
        sample_exif(exif, true, (unsigned)orientation, NULL, NULL);
        bytes plain = sample_jpeg(stored, width, height, (jpeg_kind){.components = 3, .quality = 98});
        bytes file = jpeg_insert_exif(plain, exif);
        kith_picture picture = decoded(file);
        expect_shape(&picture);
        assert_true(mean_difference(picture.rgb, rgb, BYTES) < 1.0);
        kith_picture_clear(&picture);
        free(stored);
        free(plain.data);
        free(file.data);
    }
    free(rgb);
}

/* The chunk may come after the pixels (PNG, third edition, 5.6). */
static void png_exif_after_the_pixels_counts(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    int width, height;
    unsigned char *stored = sample_stored(rgb, WIDTH, HEIGHT, 6, &width, &height);
    unsigned char exif[EXIF_SIZE];
    sample_exif(exif, false, 6, NULL, NULL);
    bytes plain = sample_png(stored, width, height, (png_kind){.colour = 2, .depth = 8});
    bytes file = png_insert_chunk(plain, "eXIf", exif, sizeof exif);
    size_t chunk = 12 + sizeof exif, head = 8 + 25;
    bytes first = bytes_copy(file.data, head);
    bytes rest = bytes_insert(first, head, file.data + head + chunk, file.size - head - chunk - 12);
    bytes with_chunk = bytes_insert(rest, rest.size, file.data + head, chunk);
    bytes late = bytes_insert(with_chunk, with_chunk.size, plain.data + plain.size - 12, 12);
    kith_picture picture = decoded(late);
    assert_memory_equal(picture.rgb, rgb, BYTES);
    kith_picture_clear(&picture);
    bytes all[] = {plain, file, first, rest, with_chunk, late};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i].data);
    free(stored);
    free(rgb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_is_turned_exactly),
        cmocka_unit_test(jpeg_is_turned),
        cmocka_unit_test(png_exif_after_the_pixels_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
