/* SPDX-License-Identifier: MIT
 *
 * kith_picture_measure() against what decoding then does: the same size, and a peak of memory (of a process
 * that does nothing else) within what was said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/picture/support/samples.h"

enum { WIDTH = 3000, HEIGHT = 2000, SLACK = 3 << 20 };

static size_t peak(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}

/* The growth of the peak, in a process of its own. */
static size_t decode_in_child(bytes file, const kith_decode_options *options) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        kith_picture picture;
        size_t before = peak();
        if (kith_picture_decode(&picture, file.data, file.size, options, "sample", NULL) != KITH_OK)
            _exit(1);
        size_t grown = peak() - before;
        _exit(write(ends[1], &grown, sizeof grown) == sizeof grown ? 0 : 1);
    }
    size_t grown = 0;
    assert_int_equal(read(ends[0], &grown, sizeof grown), sizeof grown);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ends[0]);
    close(ends[1]);
    return grown;
}

static void check(const char *what, bytes file, unsigned orientation, bool full_size) {
    kith_decode_options options = {.full_size = full_size};
    int width, height;
    size_t memory;
    assert_int_equal(
        kith_picture_measure(file.data, file.size, &width, &height, &memory, &options, what, NULL), KITH_OK);
    assert_int_equal(width, orientation >= 5 ? HEIGHT : WIDTH);
    assert_int_equal(height, orientation >= 5 ? WIDTH : HEIGHT);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    size_t grown = decode_in_child(file, &options);
    print_message("%-24s %5.1f MB said, %5.1f MB taken\n", what, (double)memory * 1e-6, (double)grown * 1e-6);
    assert_true(grown <= memory + SLACK);
    assert_true(memory <= grown + grown / 2 + SLACK);
#else
    (void)decode_in_child;
#endif
    free(file.data);
}

static void kinds(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(WIDTH, HEIGHT), exif[EXIF_SIZE];
    sample_exif(exif, true, 6, NULL, NULL);
    check("JPEG 4:2:0", sample_jpeg(rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3, .h = 2, .v = 2}), 1,
          true);
    bytes plain = sample_jpeg(rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3});
    check("JPEG 4:4:4, turned", jpeg_insert_exif(plain, exif), 6, true);
    free(plain.data);
    check("JPEG progressive",
          sample_jpeg(rgb, WIDTH, HEIGHT, (jpeg_kind){.components = 3, .h = 2, .v = 2, .progressive = true}),
          1, true);
    plain = sample_png(rgb, WIDTH, HEIGHT, (png_kind){.colour = 2, .depth = 8});
    check("PNG, turned", png_insert_chunk(plain, "eXIf", exif, sizeof exif), 6, true);
    check("PNG", plain, 1, true);
    plain = sample_png(rgb, WIDTH, HEIGHT, (png_kind){.colour = 2, .depth = 8, .interlaced = true});
    check("PNG interlaced, turned", png_insert_chunk(plain, "eXIf", exif, sizeof exif), 6, true);
    check("PNG interlaced", plain, 1, true);
    free(rgb);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
