/* SPDX-License-Identifier: MIT
 *
 * Whatever an EXIF block holds, the picture is decoded, and nothing outside of the block is read (the
 * sanitizers watch; each block lies in memory of exactly its size).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/picture/exif.h"
#include "tests/picture/support/samples.h"

static const char date[] = "2024:05:17 13:45:01", zone[] = "+02:00";

static kith_exif read_block(const unsigned char *block, size_t size) {
    unsigned char *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, block, size);
    kith_exif exif;
    kith_exif_read(&exif, exact, size);
    free(exact);
    assert_in_range(exif.orientation, 1, 8);
    assert_true(exif.taken[0] == 0 || strlen(exif.taken) == 20 || strlen(exif.taken) == 25);
    return exif;
}

static void orientations_beyond_eight_are_one(void **state) {
    (void)state;
    static const unsigned values[] = {0, 9, 255, 65535};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        unsigned char block[EXIF_SIZE];
        sample_exif(block, true, values[i], NULL, NULL);
        assert_int_equal(read_block(block, sizeof block).orientation, 1);
    }
}

static void cut_anywhere(void **state) {
    (void)state;
    unsigned char block[EXIF_SIZE];
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        sample_exif(block, big_endian, 6, date, zone);
        for (size_t size = 0; size <= sizeof block; size++) {
            kith_exif exif = read_block(block, size);
            assert_int_equal(exif.orientation, size < 22 ? 1 : 6);
            assert_true((exif.taken[0] != 0) == (size >= 99)); /* the date's last character is byte 98 */
        }
    }
}

/* Offsets, counts, types and tags: every byte takes every value. */
static void every_byte_with_every_value(void **state) {
    (void)state;
    unsigned char block[EXIF_SIZE];
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        sample_exif(block, big_endian, 6, date, zone);
        for (size_t at = 0; at < sizeof block; at++) {
            unsigned char right = block[at];
            for (int value = 0; value < 256; value++) {
                block[at] = (unsigned char)value;
                read_block(block, sizeof block);
            }
            block[at] = right;
        }
    }
}

static void directories_that_point_at_themselves(void **state) {
    (void)state;
    unsigned char block[EXIF_SIZE];
    sample_exif(block, true, 6, date, zone);
    block[10 + 12 + 11] = 8; /* the second directory is the first */
    assert_int_equal(read_block(block, sizeof block).orientation, 6);
    sample_exif(block, true, 6, date, zone);
    block[7] = 0; /* the first directory is the header */
    assert_int_equal(read_block(block, sizeof block).orientation, 1);
    memset(block, 0xff, sizeof block);
    memcpy(block, "MM\0*", 4);
    assert_int_equal(read_block(block, sizeof block).orientation, 1);
}

static void the_picture_is_decoded_anyway(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t size;
    } segments[] = {
        {"", 0}, {"Exif", 4}, {"Exif\0", 6}, {"Exif\0\0II*\0", 10}, {"Exif\0\0MM\0*\xff\xff\xff\xff", 14}};
    unsigned char *rgb = sample_rgb(20, 10);
    bytes jpeg = sample_jpeg(rgb, 20, 10, (jpeg_kind){.components = 3});
    bytes png = sample_png(rgb, 20, 10, (png_kind){.colour = 2, .depth = 8});
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        bytes files[] = {jpeg_insert_segment(jpeg, 0xe1, segments[i].content, segments[i].size),
                         png_insert_chunk(png, "eXIf", segments[i].content, segments[i].size)};
        for (int k = 0; k < 2; k++) {
            kith_picture picture = decoded(files[k]);
            assert_int_equal(picture.width, 20);
            kith_picture_clear(&picture);
            free(files[k].data);
        }
    }
    free(jpeg.data);
    free(png.data);
    free(rgb);
}

static void the_first_block_counts(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(20, 10), exif[EXIF_SIZE];
    bytes plain = sample_jpeg(rgb, 20, 10, (jpeg_kind){.components = 3});
    sample_exif(exif, true, 6, date, NULL);
    bytes one = jpeg_insert_exif(plain, exif);
    sample_exif(exif, true, 1, NULL, NULL);
    bytes two = jpeg_insert_exif(one, exif); /* before the other */
    kith_picture picture = decoded(two);
    assert_int_equal(picture.width, 20);
    assert_string_equal(picture.taken, "");
    kith_picture_clear(&picture);
    free(two.data);
    free(one.data);
    free(plain.data);
    free(rgb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orientations_beyond_eight_are_one),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(every_byte_with_every_value),
        cmocka_unit_test(directories_that_point_at_themselves),
        cmocka_unit_test(the_picture_is_decoded_anyway),
        cmocka_unit_test(the_first_block_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
