/* SPDX-License-Identifier: MIT
 *
 * Oddities of whole photos: cameras append other pictures (MPO, gain maps), videos and trailers, forget the
 * end marker, and pad between segments; editors pad PNG's data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

enum { WIDTH = 64, HEIGHT = 48 };

typedef struct picture_files {
    unsigned char *rgb;
    bytes jpeg, png;
} picture_files;

static int make(void **state) {
    picture_files *made = malloc(sizeof *made);
    assert_non_null(made);
    made->rgb = sample_rgb(WIDTH, HEIGHT);
    made->jpeg = sample_jpeg(made->rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3});
    made->png = sample_png(made->rgb, WIDTH, HEIGHT, (png_kind){.colour = 2, .depth = 8});
    *state = made;
    return 0;
}

static int drop(void **state) {
    picture_files *made = *state;
    free(made->jpeg.data);
    free(made->png.data);
    free(made->rgb);
    free(made);
    return 0;
}

static void expect_same(bytes plain, bytes odd) {
    kith_picture expected = decoded(plain), picture = decoded(odd);
    assert_int_equal(picture.width, expected.width);
    assert_int_equal(picture.height, expected.height);
    assert_memory_equal(picture.rgb, expected.rgb, (size_t)expected.width * (size_t)expected.height * 3);
    kith_picture_clear(&expected);
    kith_picture_clear(&picture);
    free(odd.data);
}

static void another_picture_follows(void **state) {
    const picture_files *made = *state;
    static unsigned char other[3 * 30 * 20];
    bytes second = sample_jpeg(other, 30, 20, (jpeg_kind){.components = 3});
    expect_same(made->jpeg, bytes_insert(made->jpeg, made->jpeg.size, second.data, second.size));
    expect_same(made->png, bytes_insert(made->png, made->png.size, second.data, second.size));
    free(second.data);
}

static void a_trailer_instead_of_the_end_marker(void **state) {
    const picture_files *made = *state;
    bytes open = {made->jpeg.data, made->jpeg.size - 2};
    static const unsigned char trailer[] = "SEFT\xff\x01\xff\x02 a video\0\xff\xff\xff";
    expect_same(made->jpeg, bytes_copy(open.data, open.size));
    expect_same(made->jpeg, bytes_insert(open, open.size, trailer, sizeof trailer));
}

static void a_progressive_file_without_its_end_marker(void **state) {
    const picture_files *made = *state;
    bytes whole = sample_jpeg(made->rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3, .progressive = true});
    expect_same(whole, bytes_copy(whole.data, whole.size - 2));
    free(whole.data);
}

static void bytes_between_segments(void **state) {
    const picture_files *made = *state;
    bytes with_comment = jpeg_insert_segment(made->jpeg, 0xfe, "a comment", 9);
    expect_same(made->jpeg, bytes_insert(with_comment, 2 + 4 + 9, "\0\0junk", 6));
    expect_same(made->jpeg, bytes_insert(with_comment, 2 + 4 + 9, "\xff\xff\xff", 3));
    expect_same(made->jpeg, bytes_insert(made->jpeg, made->jpeg.size - 2, "\0\0\0\0", 4));
    free(with_comment.data);
}

/* Samsung's front cameras write a progressive scan's parameters into sequential files. */
static void parameters_of_a_progressive_scan(void **state) {
    const picture_files *made = *state;
    bytes odd = bytes_copy(made->jpeg.data, made->jpeg.size);
    unsigned char *scan = memmem(odd.data, odd.size, "\xff\xda", 2);
    assert_non_null(scan);
    assert_memory_equal(scan + 2 + 2 + 1 + 6, "\0\x3f\0", 3);
    scan[2 + 2 + 1 + 6 + 1] = 0;
    expect_same(made->jpeg, odd);
}

static void the_chunks_of_an_animation_are_skipped(void **state) {
    const picture_files *made = *state;
    static const unsigned char frames[8] = {0, 0, 0, 2};
    expect_same(made->png, png_insert_chunk(made->png, "acTL", frames, sizeof frames));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(another_picture_follows, make, drop),
        cmocka_unit_test_setup_teardown(a_trailer_instead_of_the_end_marker, make, drop),
        cmocka_unit_test_setup_teardown(a_progressive_file_without_its_end_marker, make, drop),
        cmocka_unit_test_setup_teardown(bytes_between_segments, make, drop),
        cmocka_unit_test_setup_teardown(parameters_of_a_progressive_scan, make, drop),
        cmocka_unit_test_setup_teardown(the_chunks_of_an_animation_are_skipped, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
