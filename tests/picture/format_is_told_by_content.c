/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/picture/picture.h"

static const struct {
    kith_format format;
    const char *bytes;
    size_t size;
} signatures[] = {
    {KITH_FORMAT_JPEG, "\xff\xd8\xff\xe0", 4},
    {KITH_FORMAT_PNG, "\x89PNG\r\n\x1a\n", 8},
    {KITH_FORMAT_HEIC,
     "\0\0\0\x18"
     "ftypheic\0\0\0\0mif1heic",
     24},
    {KITH_FORMAT_HEIC,
     "\0\0\0\x18"
     "ftypmif1\0\0\0\0mif1heic",
     24},
    {KITH_FORMAT_HEIC,
     "\0\0\0\x14"
     "ftypmif1\0\0\0\0miaf",
     20},
    {KITH_FORMAT_AVIF,
     "\0\0\0\x18"
     "ftypavif\0\0\0\0mif1avif",
     24},
    {KITH_FORMAT_AVIF,
     "\0\0\0\x18"
     "ftypmif1\0\0\0\0mif1avif",
     24},
    {KITH_FORMAT_WEBP, "RIFF\x1a\0\0\0WEBPVP8L", 16},
    {KITH_FORMAT_GIF, "GIF89a\x01\0\x01\0", 10},
    {KITH_FORMAT_GIF, "GIF87a\x01\0\x01\0", 10},
    {KITH_FORMAT_BMP, "BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 18},
    {KITH_FORMAT_TIFF, "II*\0\x08\0\0\0", 8},
    {KITH_FORMAT_TIFF, "MM\0*\0\0\0\x08", 8},
    {KITH_FORMAT_NONE, "", 0},
    {KITH_FORMAT_NONE, "BM is how this text begins", 26},
    {KITH_FORMAT_NONE,
     "\0\0\0\x18"
     "ftypmp42\0\0\0\0isommp42",
     24},
    {KITH_FORMAT_NONE, "RIFF\x24\0\0\0WAVEfmt ", 16},
    {KITH_FORMAT_NONE, "%PDF-1.4", 8},
    {KITH_FORMAT_NONE, "\xff\xfb\x90\x64", 4}, /* MP3 */
};

static void signatures_name_their_format(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        assert_string_equal(kith_format_name(kith_format_of_bytes(signatures[i].bytes, signatures[i].size)),
                            kith_format_name(signatures[i].format));
}

/* Less than a signature is none, and nothing is read behind the end. */
static void cut_signatures(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        for (size_t size = 0; size < signatures[i].size; size++) {
            unsigned char *exact = malloc(size ? size : 1);
            assert_non_null(exact);
            memcpy(exact, signatures[i].bytes, size);
            kith_format format = kith_format_of_bytes(exact, size);
            assert_true(format == KITH_FORMAT_NONE || format == signatures[i].format ||
                        format == KITH_FORMAT_HEIC);
            free(exact);
        }
}

static void formats_that_are_not_read_are_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        if (signatures[i].format < KITH_FORMAT_HEIC)
            continue;
        kith_error err = {0};
        kith_picture picture;
        assert_int_equal(
            kith_picture_decode(&picture, signatures[i].bytes, signatures[i].size, NULL, "photo.jpg", &err),
            KITH_E_FORMAT);
        char expected[80];
        snprintf(expected, sizeof expected, "%s is not read (convert it to JPEG)",
                 kith_format_name(signatures[i].format));
        assert_string_equal(err.text, expected);
        assert_string_equal(err.where, "photo.jpg");
    }
}

static void names_of_pictures(void **state) {
    (void)state;
    static const char *const yes[] = {"a.jpg", "/x/a.b.JPeG", "-.png", "a.HEIC", "dir.d/b.tif", "\xff.webp"};
    static const char *const no[] = {"a",     "jpg", ".jpg",         "a.jpg/b", "a.jpgx",
                                     "a.txt", "",    "dir.jpg/.png", "a."};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(kith_format_extension(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(kith_format_extension(no[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_name_their_format),
        cmocka_unit_test(cut_signatures),
        cmocka_unit_test(formats_that_are_not_read_are_named),
        cmocka_unit_test(names_of_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
