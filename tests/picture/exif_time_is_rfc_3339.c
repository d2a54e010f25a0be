/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/picture/support/samples.h"

static void expect(const char *date, const char *zone, const char *taken) {
    static unsigned char pixel[3];
    bytes plain = sample_jpeg(pixel, 1, 1, (jpeg_kind){.components = 3});
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        unsigned char exif[EXIF_SIZE];
        sample_exif(exif, big_endian, 1, date, zone);
        bytes file = jpeg_insert_exif(plain, exif);
        kith_picture picture = decoded(file);
        assert_string_equal(picture.taken, taken);
        kith_picture_clear(&picture);
        free(file.data);
    }
    free(plain.data);
}

static void times_of_cameras(void **state) {
    (void)state;
    expect("2024:05:17 13:45:01", NULL, "2024-05-17T13:45:01Z");
    expect("2024:05:17 13:45:01", "+02:00", "2024-05-17T13:45:01+02:00");
    expect("2024:05:17 13:45:01", "-09:30", "2024-05-17T13:45:01-09:30");
    expect("2024-05-17 13:45:01", NULL, "2024-05-17T13:45:01Z");
    expect("2024:02:29 00:00:00", NULL, "2024-02-29T00:00:00Z");
    expect("2000:02:29 23:59:59", NULL, "2000-02-29T23:59:59Z");
}

static void what_is_no_time_is_left_out(void **state) {
    (void)state;
    static const char *const none[] = {
        "0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:01 00:00:00", "2024:00:01 00:00:00",
        "2024:04:31 00:00:00", "2023:02:29 00:00:00", "1900:02:29 00:00:00", "2024:05:17 24:00:00",
        "2024:05:17 12:60:00", "2024:05:17 12:00:60", "2024:05:17T12:00:00", "2024:5:17  12:00:00",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect(none[i], NULL, "");
    expect(NULL, "+02:00", "");
}

static void a_zone_that_is_none_is_z(void **state) {
    (void)state;
    static const char *const none[] = {"      ", "+2:000", "+24:00", "+02:60", " 02:00", "UTC+02"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect("2024:05:17 13:45:01", none[i], "2024-05-17T13:45:01Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_cameras),
        cmocka_unit_test(what_is_no_time_is_left_out),
        cmocka_unit_test(a_zone_that_is_none_is_z),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
