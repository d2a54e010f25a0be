/* SPDX-License-Identifier: MIT
 *
 * Small files that claim much: pixels beyond the limit, pixels that the file's bytes cannot hold, bombs in
 * ancillary chunks, scans without end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <zlib.h>

#include "tests/picture/support/samples.h"

static kith_status decode(bytes file, kith_decode_options options, kith_error *err) {
    kith_picture picture;
    *err = (kith_error){0};
    kith_status status = kith_picture_decode(&picture, file.data, file.size, &options, "bomb", err);
    int width, height;
    size_t memory;
    kith_status measured =
        kith_picture_measure(file.data, file.size, &width, &height, &memory, &options, "bomb", NULL);
    assert_true(measured == status || measured == KITH_OK);
    kith_picture_clear(&picture);
    return status;
}

static bytes png_of_size(uint32_t width, uint32_t height) {
    bytes png = sample_png((const unsigned char[]){1, 2, 3}, 1, 1, (png_kind){.colour = 2, .depth = 8});
    unsigned char header[13];
    memcpy(header, png.data + 16, sizeof header);
    for (int i = 0; i < 4; i++) {
        header[i] = (unsigned char)(width >> (24 - 8 * i));
        header[4 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    bytes claimed = png_insert_chunk(png, "IHDR", header, sizeof header);    /* behind the true one ... */
    memmove(claimed.data + 8, claimed.data + 8 + 25, claimed.size - 8 - 25); /* ... which goes */
    claimed.size -= 25;
    free(png.data);
    return claimed;
}

static bytes jpeg_of_size(unsigned width, unsigned height) {
    bytes jpeg = sample_jpeg((const unsigned char[]){1, 2, 3}, 1, 1, (jpeg_kind){.components = 3});
    unsigned char *frame = memmem(jpeg.data, jpeg.size, "\xff\xc0", 2);
    assert_non_null(frame);
    frame[5] = (unsigned char)(height >> 8);
    frame[6] = (unsigned char)height;
    frame[7] = (unsigned char)(width >> 8);
    frame[8] = (unsigned char)width;
    return jpeg;
}

static void expect(bytes file, kith_decode_options options, kith_status status, const char *text) {
    kith_error err;
    assert_int_equal(decode(file, options, &err), status);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    free(file.data);
}

static void more_pixels_than_the_limit(void **state) {
    (void)state;
    kith_decode_options usual = {0}, accept = {.accept_damaged = true};
    expect(png_of_size(60000, 60000), usual, KITH_E_LIMIT, "60000 x 60000 pixels");
    expect(png_of_size(0x7fffffff, 0x7fffffff), usual, KITH_E_LIMIT, "2147483647 x 2147483647");
    expect(jpeg_of_size(65500, 65500), usual, KITH_E_LIMIT, "65500 x 65500 pixels");
    expect(png_of_size(60000, 60000), accept, KITH_E_LIMIT, "60000 x 60000 pixels");
    expect(jpeg_of_size(65500, 65500), accept, KITH_E_LIMIT, "65500 x 65500 pixels");
    expect(png_of_size(0x80000000, 1), usual, KITH_E_FORMAT, "PNG is not read");
    expect(png_of_size(0, 1), usual, KITH_E_FORMAT, "PNG is not read");
    expect(jpeg_of_size(1, 0), usual, KITH_E_FORMAT, "JPEG is not read");
}

static void the_limit_itself_is_allowed(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(100, 50);
    for (int png = 0; png < 2; png++) {
        bytes file = png ? sample_png(rgb, 100, 50, (png_kind){.colour = 2, .depth = 8})
                         : sample_jpeg(rgb, 100, 50, (jpeg_kind){.components = 3});
        kith_error err;
        assert_int_equal(decode(file, (kith_decode_options){.max_pixels = 5000}, &err), KITH_OK);
        assert_int_equal(decode(file, (kith_decode_options){.max_pixels = 4999}, &err), KITH_E_LIMIT);
        free(file.data);
    }
    free(rgb);
}

/* 4 gigapixels in a few hundred bytes are refused by arithmetic, not by running out of memory. */
static void more_pixels_than_the_bytes_can_hold(void **state) {
    (void)state;
    kith_decode_options much = {.max_pixels = UINT64_MAX};
    expect(png_of_size(60000, 60000), much, KITH_E_FORMAT, "far fewer bytes");
    expect(png_of_size(0x7fffffff, 0x7fffffff), much, KITH_E_FORMAT, "far fewer bytes");
    expect(jpeg_of_size(65500, 65500), much, KITH_E_FORMAT, "far fewer bytes");
    /* The densest files that there are, deflate's and Huffman's best, are not refused. */
    unsigned char *zeros = calloc(3000, 3000);
    assert_non_null(zeros);
    kith_error err;
    bytes png = sample_png(zeros, 3000, 1000, (png_kind){.colour = 2, .depth = 8});
    assert_true(png.size < 3000 * 1000 * 3 / 900);
    assert_int_equal(decode(png, much, &err), KITH_OK);
    bytes jpeg = sample_jpeg(zeros, 3000, 3000, (jpeg_kind){.components = 1, .progressive = true});
    assert_true(jpeg.size < 3000 * 3000 / 64 / 3);
    assert_int_equal(decode(jpeg, much, &err), KITH_OK);
    free(png.data);
    free(jpeg.data);
    free(zeros);
}

/* `megabytes` of zeros after `before`. */
static bytes packed_zeros(const char *before, size_t length, int megabytes) {
    static unsigned char zeros[1 << 20];
    bytes out = {.data = malloc(length + (size_t)megabytes * 2000), .size = length};
    assert_non_null(out.data);
    memcpy(out.data, before, length);
    z_stream stream = {.next_out = out.data + length, .avail_out = (unsigned)megabytes * 2000};
    assert_int_equal(deflateInit(&stream, 9), Z_OK);
    for (int i = 0; i < megabytes; i++) {
        stream.next_in = zeros;
        stream.avail_in = sizeof zeros;
        assert_int_equal(deflate(&stream, Z_NO_FLUSH), Z_OK);
    }
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.size += stream.total_out;
    deflateEnd(&stream);
    return out;
}

static void bombs_in_chunks_are_not_unpacked(void **state) {
    (void)state;
    static const struct {
        const char *type, *before;
        size_t length;
    } chunks[] = {{"zTXt", "a\0\0", 3}, {"iTXt", "a\0\1\0\0\0", 6}, {"iCCP", "a\0\0", 3}};
    bytes png = sample_png((const unsigned char[]){1, 2, 3}, 1, 1, (png_kind){.colour = 2, .depth = 8});
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        bytes content = packed_zeros(chunks[i].before, chunks[i].length, 100);
        bytes file = png_insert_chunk(png, chunks[i].type, content.data, content.size);
        kith_error err;
        clock_t start = clock();
        assert_int_equal(decode(file, (kith_decode_options){0}, &err), KITH_OK);
        assert_true(clock() - start < CLOCKS_PER_SEC / 20); /* unpacking 100 MB takes longer */
        free(content.data);
        free(file.data);
    }
    free(png.data);
}

/* 1,000 times the last scan of a progressive file: each is a pass over the picture for a few bytes. */
static void scans_are_counted(void **state) {
    (void)state;
    unsigned char *grey = calloc(64, 64);
    assert_non_null(grey);
    bytes file = sample_jpeg(grey, 64, 64, (jpeg_kind){.components = 1, .scans = 64});
    kith_error err;
    assert_int_equal(decode(file, (kith_decode_options){0}, &err), KITH_OK);
    unsigned char *scan = file.data, *next = scan;
    while ((next = memmem(next + 2, (size_t)(file.data + file.size - next - 2), "\xff\xda", 2)))
        scan = next;
    size_t at = (size_t)(scan - file.data), length = file.size - 2 - at;
    for (int i = 0; i < 1000; i++) {
        bytes longer = bytes_insert(file, at, file.data + at, length);
        free(file.data);
        file = longer;
    }
    assert_int_equal(decode(file, (kith_decode_options){.accept_damaged = true}, &err), KITH_E_LIMIT);
    assert_string_equal(err.text, "JPEG has more than 100 scans");
    assert_int_not_equal(decode(file, (kith_decode_options){0}, &err), KITH_OK);
    free(file.data);
    free(grey);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_pixels_than_the_limit),
        cmocka_unit_test(the_limit_itself_is_allowed),
        cmocka_unit_test(more_pixels_than_the_bytes_can_hold),
        cmocka_unit_test(bombs_in_chunks_are_not_unpacked),
        cmocka_unit_test(scans_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
