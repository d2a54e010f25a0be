/* SPDX-License-Identifier: MIT
 *
 * A thumbnail is the face's box with a quarter of it on each side, as far as the picture goes; never
 * enlarged; from large JPEGs, which are decoded smaller, it shows the same place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/report/photos.h"
#include "model/report/thumbnail.h"
#include "tests/indexer/support/folder.h"

/* A grey picture with a red box. */
static void make(const char *path, int width, int height, const int box[4]) {
    kith_error err = {0};
    unsigned char *rgb = malloc((size_t)width * (size_t)height * 3);
    assert_non_null(rgb);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            bool inside = x >= box[0] && x < box[0] + box[2] && y >= box[1] && y < box[1] + box[3];
            memcpy(rgb + ((size_t)y * (size_t)width + (size_t)x) * 3, inside ? "\xff\0\0" : "\x80\x80\x80",
                   3);
        }
    const kith_picture picture = {
        .width = width, .height = height, .full_width = width, .full_height = height, .rgb = rgb};
    assert_int_equal(kith_picture_write(&picture, path, &err), KITH_OK);
    free(rgb);
}

static kith_picture thumbnail(const char *path, const int box[4]) {
    const float at[4] = {(float)box[0], (float)box[1], (float)box[2], (float)box[3]};
    void *jpeg = NULL;
    size_t size = 0;
    kith_picture out = {0};
    kith_error err = {0};
    if (kith_thumbnail(&jpeg, &size, path, at, NULL, &err) != KITH_OK ||
        kith_picture_decode(&out, jpeg, size, NULL, "thumbnail", &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    free(jpeg);
    return out;
}

static bool is_red(const kith_picture *picture, int x, int y) {
    const unsigned char *rgb = picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
    return rgb[0] > 200 && rgb[1] < 60 && rgb[2] < 60;
}

static bool is_grey(const kith_picture *picture, int x, int y) {
    const unsigned char *rgb = picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3;
    return abs(rgb[0] - 128) < 30 && abs(rgb[1] - 128) < 30 && abs(rgb[2] - 128) < 30;
}

/* The box is as wide as two thirds of a thumbnail of `side` pixels, in its middle. */
static void expect_middle(const kith_picture *shown, int side) {
    int sixth = side / 6, few = side / 20 + 1;
    assert_int_equal(shown->width, side);
    assert_int_equal(shown->height, side);
    assert_true(is_red(shown, side / 2, side / 2));
    assert_true(is_red(shown, sixth + few, sixth + few) && is_grey(shown, sixth - few, sixth - few));
    assert_true(is_red(shown, side - sixth - few, side - sixth - few));
    assert_true(is_grey(shown, side - sixth + few, side - sixth + few));
}

static void a_quarter_is_left_around_the_box(void **state) {
    (void)state;
    static const int large[4] = {100, 80, 160, 160}, small[4] = {100, 80, 40, 40};
    make("large.png", 400, 300, large);
    kith_picture shown = thumbnail("large.png", large);
    expect_middle(&shown, KITH_THUMBNAIL_SIDE);
    kith_picture_clear(&shown);
    make("small.png", 400, 300, small);
    shown = thumbnail("small.png", small);
    expect_middle(&shown, 60);
    kith_picture_clear(&shown);
}

static void a_tall_box_gets_a_square(void **state) {
    (void)state;
    static const int box[4] = {190, 100, 20, 40};
    make("tall.png", 400, 300, box);
    kith_picture shown = thumbnail("tall.png", box);
    assert_int_equal(shown.width, 60);
    assert_int_equal(shown.height, 60);
    assert_true(is_red(&shown, 30, 30) && is_grey(&shown, 10, 30) && is_grey(&shown, 50, 30));
    kith_picture_clear(&shown);
}

static void it_ends_where_the_picture_does(void **state) {
    (void)state;
    static const int corner[4] = {0, 0, 40, 40}, beyond[4] = {5000, 5000, 40, 40};
    make("corner.png", 200, 100, corner);
    kith_picture shown = thumbnail("corner.png", corner);
    assert_int_equal(shown.width, 50);
    assert_int_equal(shown.height, 50);
    assert_true(is_red(&shown, 2, 2) && is_grey(&shown, 47, 47));
    kith_picture_clear(&shown);
    shown = thumbnail("corner.png", beyond);
    assert_true(shown.width == 1 && shown.height == 1);
    kith_picture_clear(&shown);
}

static void a_large_photo_shows_the_same_place(void **state) {
    (void)state;
    static const int box[4] = {3000, 40, 80, 80};
    kith_picture shown;
    make("large.jpg", 4200, 160, box);
    shown = thumbnail("large.jpg", box);
    expect_middle(&shown, 60); /* at half its size */
    kith_picture_clear(&shown);
}

static void what_cannot_be_read_is_a_grey_square(void **state) {
    (void)state;
    static const float box[4] = {1, 1, 8, 8};
    const kith_shown_face faces[2] = {{"no-photo.png", box, "gone"}, {"corner.png", box, "there"}};
    char page[1 << 16];
    kith_html html;
    kith_error err = {0};
    assert_int_equal(kith_html_begin(&html, "page.html", "title", &err), KITH_OK);
    assert_int_equal(kith_html_photos(&html, faces, 2, "both", NULL, &err), KITH_OK);
    assert_int_equal(kith_html_end(&html, KITH_OK, &err), KITH_OK);
    FILE *file = fopen("page.html", "rb");
    assert_non_null(file);
    page[fread(page, 1, sizeof page - 1, file)] = 0;
    fclose(file);
    assert_non_null(
        strstr(page, "<span><i></i>gone</span><span><img alt=\"\" src=\"data:image/jpeg;base64,/9j/"));
    assert_non_null(strstr(page, "\">there</span>"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quarter_is_left_around_the_box),
        cmocka_unit_test(a_tall_box_gets_a_square),
        cmocka_unit_test(it_ends_where_the_picture_does),
        cmocka_unit_test(a_large_photo_shows_the_same_place),
        cmocka_unit_test(what_cannot_be_read_is_a_grey_square),
    };
    char *folder = enter_folder();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    leave_folder(folder);
    return failed;
}
