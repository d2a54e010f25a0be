/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

/* How the pixels of a photo lie in a file with each EXIF orientation (EXIF 2.3, tag 0x0112). */
static const struct {
    int turn;
    bool mirror;
} stored[9] = {{0, false}, {0, false}, {0, true}, {2, false}, {2, true},
               {3, true},  {3, false}, {1, true}, {1, false}};

static void big_endian(unsigned char *out, unsigned long value) {
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* A PNG chunk eXIf that holds one entry: the orientation. */
static size_t exif_chunk(unsigned char *out, int orientation) {
    static const unsigned char data[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0,
                                         3,   0,   0, 0,  1, 0, 0, 0, 0, 0, 0,    0,    0};
    big_endian(out, sizeof data);
    memcpy(out + 4, "eXIf", 4);
    memcpy(out + 8, data, sizeof data);
    out[8 + 19] = (unsigned char)orientation;
    big_endian(out + 8 + sizeof data, crc32(0, out + 4, 4 + sizeof data));
    return sizeof data + 12;
}

/* The photo as a file with that tag would be decoded. */
static kith_picture through_a_file(const kith_picture *photo, int orientation) {
    enum { MOST = 4 << 20, SIGNATURE_AND_HEADER = 33 };
    char path[] = "/tmp/kith-orientation-XXXXXX";
    unsigned char *bytes = malloc(MOST);
    kith_error err = {0};
    kith_picture turned = picture_turned(photo, stored[orientation].turn, stored[orientation].mirror), out;
    int fd = mkstemp(path);
    assert_non_null(bytes);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(kith_picture_write(&turned, path, &err), KITH_OK);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, SIGNATURE_AND_HEADER, file);
    size += exif_chunk(bytes + size, orientation);
    size += fread(bytes + size, 1, MOST - size, file);
    fclose(file);
    unlink(path);
    const kith_decode_options options = {.max_pixels = KITH_MAX_PIXELS};
    if (kith_picture_decode(&out, bytes, size, &options, path, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    free(bytes);
    kith_picture_clear(&turned);
    return out;
}

static void eight_orientations_are_one_face(void **state) {
    (void)state;
    pipeline p = pipeline_open(NULL);
    kith_picture photo = photo_open(OWN_PHOTOS, "gallery/Barack Obama/obama.jpg");
    kith_faces expected = pipeline_faces(&p, &photo, &usual_options);
    assert_int_equal(expected.count, 1);
    for (int orientation = 1; orientation <= 8; orientation++) {
        kith_picture picture = through_a_file(&photo, orientation);
        assert_int_equal(picture.width, photo.width);
        kith_faces faces = pipeline_faces(&p, &picture, &usual_options);
        assert_int_equal(faces.count, 1);
        assert_true(cosine(faces.items->embedding, expected.items->embedding) >= 0.999F);
        assert_true(intersection_over_union(faces.items->box, expected.items->box) >= 0.95F);
        kith_faces_clear(&faces);
        kith_picture_clear(&picture);
    }
    kith_faces_clear(&expected);
    kith_picture_clear(&photo);
    pipeline_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(eight_orientations_are_one_face)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
