/* SPDX-License-Identifier: MIT
 *
 * Memory runs out at each allocation of a decoding: the result is KITH_E_MEMORY, nothing leaks or crashes,
 * and the next decoding works. (Out from there on, not once: libjpeg tries again with less.) Replaces
 * malloc(), which sanitizers also do: skipped there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
int main(void) {
    fputs("skipped: malloc() is replaced by a sanitizer\n", stderr);
    return 77;
}
#else

void *__libc_malloc(size_t size);
void __libc_free(void *memory);

static long countdown = -1; /* allocations until they fail; -1: they do not */
static long live;           /* allocated and not freed */

/* Visible, so that the libraries call these too. */
__attribute__((visibility("default"))) void *malloc(size_t size) {
    if (countdown == 0)
        return NULL;
    if (countdown > 0)
        countdown--;
    void *memory = __libc_malloc(size);
    live += memory != NULL;
    return memory;
}

__attribute__((visibility("default"))) void free(void *memory) {
    live -= memory != NULL;
    __libc_free(memory);
}

static kith_status decode_without_allocation(bytes file, long which, bool accept) {
    kith_decode_options options = {.accept_damaged = accept};
    kith_picture picture;
    kith_error err = {0};
    long before = live;
    countdown = which;
    kith_status status = kith_picture_decode(&picture, file.data, file.size, &options, "sample", &err);
    countdown = -1;
    assert_true(status == KITH_OK || (!picture.rgb && err.code == status));
    kith_picture_clear(&picture);
    assert_int_equal(live, before);
    return status;
}

static void check(bytes file) {
    for (int accept = 0; accept < 2; accept++) {
        long which = 0;
        while (which < 1000) {
            kith_status status = decode_without_allocation(file, which, accept);
            if (status == KITH_OK)
                break;
            assert_int_equal(status, KITH_E_MEMORY);
            which++;
        }
        assert_in_range(which, 3, 999);
    }
    free(file.data);
}

static void memory_runs_out_anywhere(void **state) {
    (void)state;
    unsigned char *rgb = sample_rgb(90, 70), exif[EXIF_SIZE];
    sample_exif(exif, true, 6, NULL, NULL);
    check(sample_jpeg(rgb, 90, 70, (jpeg_kind){.components = 3, .h = 2, .v = 2}));
    check(sample_jpeg(rgb, 90, 70, (jpeg_kind){.components = 3, .progressive = true}));
    check(sample_jpeg(rgb, 60, 70, (jpeg_kind){.components = 4}));
    bytes plain = sample_jpeg(rgb, 90, 70, (jpeg_kind){.components = 3});
    check(jpeg_insert_exif(plain, exif));
    free(plain.data);
    check(sample_png(rgb, 90, 70, (png_kind){.colour = 2, .depth = 8}));
    plain = sample_png(rgb, 45, 70, (png_kind){.colour = 2, .depth = 16, .interlaced = true});
    check(png_insert_chunk(plain, "eXIf", exif, sizeof exif));
    free(plain.data);
    free(rgb);
}

static void the_reduction_says_so(void **state) {
    (void)state;
    static const unsigned char pair[6];
    unsigned char out[3];
    kith_error err = {0};
    countdown = 0;
    kith_status status = kith_resize_area(out, 3, 1, 1, pair, 2, 1, &err);
    countdown = -1;
    assert_int_equal(status, KITH_E_MEMORY);
    assert_int_equal(err.code, KITH_E_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_runs_out_anywhere),
        cmocka_unit_test(the_reduction_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
