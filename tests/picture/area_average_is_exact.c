/* SPDX-License-Identifier: MIT
 *
 * The reduction against its definition: every target pixel from all source pixels that it touches, with exact
 * integer weights. Also says how long both take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "tests/picture/support/samples.h"

/* Length of what [a, a + a_size) and [b, b + b_size) share. */
static uint64_t shared(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size) {
    uint64_t from = a > b ? a : b, to = a + a_size < b + b_size ? a + a_size : b + b_size;
    return to > from ? to - from : 0;
}

static unsigned char reference(const unsigned char *rgb, int source_width, int source_height, int width,
                               int height, int x, int y, int channel) {
    uint64_t n = (uint64_t)source_width, m = (uint64_t)source_height, w = (uint64_t)width,
             h = (uint64_t)height;
    uint64_t left = (uint64_t)x * n, top = (uint64_t)y * m, sum = 0;
    for (uint64_t j = top / h; j * h < top + m; j++)
        for (uint64_t i = left / w; i * w < left + n; i++)
            sum += shared(i * w, w, left, n) * shared(j * h, h, top, m) *
                   rgb[(j * n + i) * 3 + (uint64_t)channel];
    return (unsigned char)((2 * sum + n * m) / (2 * n * m));
}

static unsigned char *random_pixels(int width, int height, bool extremes) {
    size_t count = (size_t)width * (size_t)height * 3;
    unsigned char *rgb = malloc(count);
    assert_non_null(rgb);
    for (size_t i = 0; i < count; i++)
        rgb[i] = (unsigned char)(extremes ? (rand() & 1 ? 255 : 0) : rand());
    return rgb;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double check(int source_width, int source_height, int width, int height, bool extremes, double *slow) {
    enum { EXTRA = 5 };
    unsigned char *rgb = random_pixels(source_width, source_height, extremes);
    size_t stride = (size_t)width * 3 + EXTRA;
    unsigned char *out = malloc(stride * (size_t)height);
    assert_non_null(out);
    memset(out, 7, stride * (size_t)height);
    double start = seconds();
    assert_int_equal(kith_resize_area(out, stride, width, height, rgb, source_width, source_height, NULL),
                     KITH_OK);
    double took = seconds() - start;
    start = seconds();
    for (int y = 0; y < height; y++) {
        for (int i = 0; i < width * 3; i++) {
            unsigned char right = reference(rgb, source_width, source_height, width, height, i / 3, y, i % 3);
            if (out[(size_t)y * stride + (size_t)i] != right)
                fail_msg("%d x %d to %d x %d: %d instead of %d at %d,%d", source_width, source_height, width,
                         height, out[(size_t)y * stride + (size_t)i], right, i / 3, y);
        }
        for (size_t i = 0; i < EXTRA; i++)
            assert_int_equal(out[(size_t)y * stride + (size_t)width * 3 + i], 7);
    }
    *slow = seconds() - start;
    free(out);
    free(rgb);
    return took;
}

static void random_sizes(void **state) {
    (void)state;
    double slow;
    srand(1);
    for (int i = 0; i < 300; i++) {
        int source_width = 1 + rand() % 90, source_height = 1 + rand() % 90;
        check(source_width, source_height, 1 + rand() % source_width, 1 + rand() % source_height, i & 1,
              &slow);
    }
}

/* Halves are rounded up: 0 and 1 give 1, 254 and 255 give 255. */
static void halves(void **state) {
    (void)state;
    static const unsigned char pair[] = {0, 254, 100, 1, 255, 100};
    unsigned char out[3];
    assert_int_equal(kith_resize_area(out, 3, 1, 1, pair, 2, 1, NULL), KITH_OK);
    assert_int_equal(out[0], 1);
    assert_int_equal(out[1], 255);
    assert_int_equal(out[2], 100);
}

static void a_working_picture(void **state) {
    (void)state;
    double slow, fast = check(2048, 1365, 640, 427, false, &slow);
    print_message("2048 x 1365 to 640 x 427: %.2f ms, by definition %.0f ms\n", fast * 1e3, slow * 1e3);
    check(2048, 1365, 2048, 1365, false, &slow);
    check(4001, 3, 640, 1, true, &slow);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sizes),
        cmocka_unit_test(halves),
        cmocka_unit_test(a_working_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
