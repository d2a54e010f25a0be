/* SPDX-License-Identifier: MIT
 *
 * Every file of ../shared/photos/files: its outcome (size, or the reason why not), its pixels, and what
 * Pillow 13 makes of it, with an explanation of each difference. Prints the table.
 *
 * tests/golden/picture/difficult-files.csv: file; outcome (of a reason, its beginning); CRC-32 of the
 * displayed RGB pixels; who computed those; difference to decode-by-pillow.csv, where there is one. "Pillow":
 * ImageOps.exif_transpose, then convert("RGB"), or with alpha pasted on white by convert("RGBA")'s alpha
 * (grey of 16 bits: 255 x / 65535, rounded). "exact": files of 16 bits in colour or with alpha, where Pillow
 * drops the lower bits: numpy on the inflated and unfiltered samples, with one rounding to 8 bits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <zlib.h>

#include "tests/picture/support/samples.h"

static const char shared[] = KITH_SHARED_DIR "/photos/";
static const char golden[] = KITH_SOURCE_DIR "/tests/golden/picture/difficult-files.csv";

typedef struct expectation {
    char *file, *outcome, *pixels, *by, *difference;
} expectation;

/* Cuts a line at its first `count` - 1 commas; the last field is the rest of the line. */
static void split(char *line, char **fields, int count) {
    line[strcspn(line, "\r\n")] = 0;
    for (int i = 0; i < count; i++) {
        fields[i] = line;
        line = i < count - 1 ? strchr(line, ',') : NULL;
        assert_true(line || i == count - 1);
        if (line)
            *line++ = 0;
    }
}

/* What Pillow says of files/NAME: the displayed size, or "" when it fails; *error: its text. */
static void pillow_says(char size[32], char error[160], const char *name) {
    char path[sizeof shared + 32], line[512];
    snprintf(path, sizeof path, "%sdecode-by-pillow.csv", shared);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size[0] = error[0] = 0;
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        char *fields[8];
        split(line, fields, 8);
        found = strncmp(fields[0], "files/", 6) == 0 && strcmp(fields[0] + 6, name) == 0;
        if (!found)
            continue;
        bool swap = fields[6][0] >= '5' && fields[6][0] <= '8';
        if (strcmp(fields[7], "decodes") == 0)
            snprintf(size, 32, "%sx%s", fields[swap ? 4 : 3], fields[swap ? 3 : 4]);
        else
            snprintf(error, 160, "%s", fields[7]);
    }
    fclose(file);
    if (!found)
        fail_msg("%s is not in decode-by-pillow.csv", name);
}

static void outcome_of(char outcome[400], char pixels[16], const char *name) {
    char path[400];
    snprintf(path, sizeof path, "%sfiles/%s", shared, name);
    bytes file = bytes_of_file(path);
    if (!file.data)
        fail_msg("%s cannot be read", path);
    kith_decode_options options = {.full_size = true};
    kith_picture picture;
    kith_error err = {0};
    pixels[0] = 0;
    if (kith_picture_decode(&picture, file.data, file.size, &options, name, &err) == KITH_OK) {
        snprintf(outcome, 400, "%dx%d", picture.width, picture.height);
        size_t size = (size_t)picture.width * (size_t)picture.height * 3;
        snprintf(pixels, 16, "%08lx", crc32_z(0, picture.rgb, size));
    } else {
        snprintf(outcome, 400, "%s", err.text);
    }
    kith_picture_clear(&picture);
    free(file.data);
}

static bool check(expectation expected) {
    char outcome[400], pixels[16], pillow_size[32], pillow_error[160];
    outcome_of(outcome, pixels, expected.file);
    pillow_says(pillow_size, pillow_error, expected.file);
    bool right = strncmp(outcome, expected.outcome, strlen(expected.outcome)) == 0 &&
                 strcmp(pixels, expected.pixels) == 0;
    /* A failure here and there agrees, whatever the words; a difference needs its explanation, and an
     * explanation its difference.
     */
    bool agrees = pixels[0] ? strcmp(outcome, pillow_size) == 0 : pillow_size[0] == 0;
    bool explained =
        agrees == (expected.difference[0] == 0 || strncmp(expected.difference, "pixels:", 7) == 0);
    printf("%-50s %s%s%s\n", expected.file, outcome, expected.difference[0] ? "  # " : "",
           expected.difference);
    if (!right)
        fprintf(stderr, "%s: expected %s %s, not %s %s\n", expected.file, expected.outcome, expected.pixels,
                outcome, pixels);
    if (!explained)
        fprintf(stderr, "%s: Pillow: %s%s\n", expected.file, pillow_size, pillow_error);
    return right && explained;
}

static void every_file(void **state) {
    (void)state;
    FILE *file = fopen(golden, "r");
    assert_non_null(file);
    char line[512];
    int count = 0, wrong = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        char *fields[5];
        split(line, fields, 5);
        wrong += !check((expectation){fields[0], fields[1], fields[2], fields[3], fields[4]});
        count++;
    }
    fclose(file);
    printf("%d files\n", count);
    assert_int_equal(count, 345);
    assert_int_equal(wrong, 0);
}

int main(void) {
    bytes there = bytes_of_file(KITH_SHARED_DIR "/photos/decode-by-pillow.csv");
    if (!there.data) {
        fprintf(stderr, "skipped: no files in %s\n", shared);
        return 77;
    }
    free(there.data);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
