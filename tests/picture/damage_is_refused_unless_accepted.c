/* SPDX-License-Identifier: MIT
 *
 * A file that is cut anywhere, or wrong anywhere that a checksum guards, is refused by default; with
 * accept_damaged the rows before the damage are the whole picture's and the missing ones grey.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

enum {
    WIDTH = 61,
    HEIGHT = 150,
    JPEG_HEADER = 2 + 18 + 2 * 69 + 19, /* start, JFIF, two quantization tables, frame */
    PNG_HEADER = 8 + 25 + 8,            /* signature, IHDR, head of the first IDAT */
};

static kith_status decode(kith_picture *out, const unsigned char *data, size_t size, bool accept) {
    kith_decode_options options = {.accept_damaged = accept};
    kith_error err = {0};
    unsigned char *exact = malloc(size ? size : 1); /* so that the sanitizer sees a read behind the end */
    assert_non_null(exact);
    memcpy(exact, data, size);
    kith_status status = kith_picture_decode(out, exact, size, &options, "cut", &err);
    free(exact);
    assert_int_equal(err.code, status);
    assert_true(status == KITH_OK || (!out->rgb && err.text[0] && strcmp(err.where, "cut") == 0));
    return status;
}

/* How many of the first rows are those of the whole picture; the last row of a damaged one is grey. */
static int good_rows(const kith_picture *whole, const kith_picture *damaged) {
    assert_int_equal(whole->width, damaged->width);
    assert_int_equal(whole->height, damaged->height);
    size_t stride = (size_t)whole->width * 3;
    int rows = 0;
    while (rows < whole->height &&
           memcmp(whole->rgb + (size_t)rows * stride, damaged->rgb + (size_t)rows * stride, stride) == 0)
        rows++;
    return rows;
}

static void expect_grey_end(const kith_picture *picture) {
    size_t size = (size_t)picture->width * (size_t)picture->height * 3;
    for (size_t i = size - (size_t)picture->width * 3; i < size; i++)
        assert_in_range(picture->rgb[i], 127, 129);
}

/* Every length; no picture before `header` bytes; the last `harmless` bytes may be missing. */
static void cut_everywhere(bytes file, size_t header, size_t harmless, bool rows_in_order) {
    kith_picture whole = decoded(file), cut;
    int best = 0;
    for (size_t size = 0; size < file.size - harmless; size++) {
        assert_int_equal(decode(&cut, file.data, size, false), KITH_E_FORMAT);
        kith_status accepted = decode(&cut, file.data, size, true);
        assert_true(accepted == KITH_E_FORMAT || size >= header);
        assert_true(accepted == KITH_OK || size < header + 1000 || !rows_in_order);
        if (accepted == KITH_OK && rows_in_order) {
            int rows = good_rows(&whole, &cut);
            assert_true(rows >= best);
            best = rows;
            if (rows < whole.height / 2)
                expect_grey_end(&cut);
        }
        kith_picture_clear(&cut);
    }
    assert_true(!rows_in_order || best > whole.height * 3 / 4);
    for (size_t size = file.size - harmless; size < file.size; size++) {
        assert_int_equal(decode(&cut, file.data, size, false), KITH_OK);
        assert_int_equal(good_rows(&whole, &cut), whole.height);
        kith_picture_clear(&cut);
    }
    kith_picture_clear(&whole);
}

static void cut_jpeg(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    bytes file = sample_jpeg(rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3, .h = 2, .v = 2});
    cut_everywhere(file, JPEG_HEADER, 2, true); /* without its end marker it lacks no pixel */
    free(file.data);
    file = sample_jpeg(rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3, .progressive = true});
    cut_everywhere(file, JPEG_HEADER, 2, false);
    free(file.data);
    free(rgb);
}

static void cut_png(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    bytes file = sample_png(rgb, WIDTH, HEIGHT, (png_kind){.colour = 2, .depth = 8});
    cut_everywhere(file, PNG_HEADER, 0, true);
    free(file.data);
    file = sample_png(rgb, WIDTH, HEIGHT, (png_kind){.colour = 2, .depth = 8, .interlaced = true});
    cut_everywhere(file, PNG_HEADER, 0, false);
    free(file.data);
    free(rgb);
}

static void cut_and_turned(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(HEIGHT, WIDTH), exif[EXIF_SIZE];
    sample_exif(exif, true, 3, NULL, NULL); /* the file's last rows are seen first */
    bytes plain = sample_png(rgb, HEIGHT, WIDTH, (png_kind){.colour = 2, .depth = 8});
    bytes file = png_insert_chunk(plain, "eXIf", exif, sizeof exif);
    kith_picture whole = decoded(file), cut;
    assert_int_equal(decode(&cut, file.data, file.size / 2, true), KITH_OK);
    size_t stride = (size_t)HEIGHT * 3, last = (WIDTH - 1) * stride;
    assert_memory_equal(cut.rgb + last, whole.rgb + last, stride);
    for (size_t i = 0; i < stride; i++)
        assert_int_equal(cut.rgb[i], 128);
    kith_picture_clear(&cut);
    kith_picture_clear(&whole);
    free(plain.data);
    free(file.data);
    free(rgb);
}

/* CRC-32 finds every single wrong bit of a PNG. */
static void png_with_one_wrong_bit(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(16, 12);
    bytes file = sample_png(rgb, 16, 12, (png_kind){.colour = 2, .depth = 8});
    kith_picture picture;
    for (size_t bit = 0; bit < file.size * 8; bit++) {
        file.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        kith_status status = decode(&picture, file.data, file.size, false);
        assert_true(status == KITH_E_FORMAT || status == KITH_E_LIMIT);
        decode(&picture, file.data, file.size, true);
        kith_picture_clear(&picture);
        file.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(file.data);
    free(rgb);
}

/* Restart markers in the wrong order: data are missing between them. */
static void jpeg_without_one_restart_interval(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT);
    bytes file = sample_jpeg(rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3, .restart = 4});
    unsigned char *from = memmem(file.data, file.size, "\xff\xd1", 2);
    unsigned char *to = memmem(file.data, file.size, "\xff\xd2", 2);
    assert_true(from && to && from < to);
    memmove(from, to, (size_t)(file.data + file.size - to));
    file.size -= (size_t)(to - from);
    kith_picture picture;
    assert_int_equal(decode(&picture, file.data, file.size, false), KITH_E_FORMAT);
    assert_int_equal(decode(&picture, file.data, file.size, true), KITH_OK);
    kith_picture_clear(&picture);
    free(file.data);
    free(rgb);
}

static void files_without_a_picture(void **state) {
    (void)state;
    static const struct {
        const char *content;
        size_t size;
    } files[] = {{"", 0},
                 {"\xff\xd8", 2},
                 {"\xff\xd8\xff\xd9", 4},
                 {"this is a text named .jpg\n", 26},
                 {"\x89PNG\r\n\x1a\n", 8}};
    kith_picture picture;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        for (int accept = 0; accept < 2; accept++)
            assert_int_equal(decode(&picture, (const unsigned char *)files[i].content, files[i].size, accept),
                             KITH_E_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_jpeg),
        cmocka_unit_test(cut_png),
        cmocka_unit_test(cut_and_turned),
        cmocka_unit_test(png_with_one_wrong_bit),
        cmocka_unit_test(jpeg_without_one_restart_interval),
        cmocka_unit_test(files_without_a_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
