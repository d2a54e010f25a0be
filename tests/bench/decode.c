/* SPDX-License-Identifier: MIT
 *
 * Decoding beside the bare library call into the same kind of memory, one thread, medians and their ratio;
 * and the reduction to the detection picture. bench-decode PHOTO.jpg [ROUNDS] PHOTO as it is (an LFW photo,
 * say), and enlarged to 4096 x 3072 as JPEG (4:2:0), turned JPEG, progressive JPEG and PNG.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

#include "tests/bench/support/clock.h"
#include "tests/picture/support/samples.h"

enum { WIDTH = 4096, HEIGHT = 3072, MOST_ROUNDS = 101 };

static int rounds = 11;

static void bare_jpeg(bytes file, unsigned scale) {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data, file.size);
    jpeg_read_header(&info, TRUE);
    info.out_color_space = JCS_RGB;
    info.scale_num = scale;
    info.scale_denom = 8;
    jpeg_start_decompress(&info);
    size_t stride = (size_t)info.output_width * 3;
    unsigned char *rgb = malloc(stride * info.output_height);
    while (rgb && info.output_scanline < info.output_height) {
        JSAMPROW row = rgb + info.output_scanline * stride;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    free(rgb);
}

static void bare_png(bytes file) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, file.data, file.size))
        abort();
    image.format = PNG_FORMAT_RGB;
    unsigned char *rgb = malloc(PNG_IMAGE_SIZE(image));
    if (!rgb || !png_image_finish_read(&image, NULL, rgb, 0, NULL))
        abort();
    free(rgb);
}

static void with_kith(bytes file, bool full_size) {
    kith_decode_options options = {.full_size = full_size};
    kith_picture picture;
    if (kith_picture_decode(&picture, file.data, file.size, &options, "sample", NULL) != KITH_OK)
        abort();
    kith_picture_clear(&picture);
}

/* scale: eighths that the bare library decodes to; 0: a PNG. */
static void compare(const char *what, bytes file, unsigned scale, bool full_size) {
    double bare[MOST_ROUNDS], ours[MOST_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        double start = seconds_now();
        if (scale > 0)
            bare_jpeg(file, scale);
        else
            bare_png(file);
        double middle = seconds_now();
        with_kith(file, full_size);
        bare[i] = (middle - start) * 1e3;
        ours[i] = (seconds_now() - middle) * 1e3;
    }
    double bare_ms = median(bare, (size_t)rounds), our_ms = median(ours, (size_t)rounds);
    printf("%-34s %8.2f ms bare %8.2f ms kith %6.2f x\n", what, bare_ms, our_ms, our_ms / bare_ms);
}

static void reduce(bytes file) {
    kith_picture picture = decoded(file);
    int width = picture.width, height = picture.height, longest = width > height ? width : height;
    int w = width * 640 / longest, h = height * 640 / longest;
    unsigned char *out = malloc((size_t)w * (size_t)h * 3);
    double took[MOST_ROUNDS];
    for (int i = 0; out && i < rounds; i++) {
        double start = seconds_now();
        kith_resize_area(out, (size_t)w * 3, w, h, picture.rgb, width, height, NULL);
        took[i] = (seconds_now() - start) * 1e3;
    }
    printf("reduction %d x %d to %d x %d: %.2f ms\n", width, height, w, h, median(took, (size_t)rounds));
    free(out);
    kith_picture_clear(&picture);
}

/* Bilinear, with a little noise so that the file has a photo's size. */
static unsigned char *enlarge(const kith_picture *picture) {
    unsigned char *rgb = malloc((size_t)WIDTH * HEIGHT * 3);
    if (!rgb)
        abort();
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT * 3; i++) {
        size_t column = i / 3 % WIDTH, line = i / 3 / WIDTH;
        double x = (double)column / WIDTH * (picture->width - 1);
        double y = (double)line / HEIGHT * (picture->height - 1);
        const unsigned char *at = picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3 + i % 3;
        size_t right = 3, down = (size_t)picture->width * 3;
        double fx = x - (int)x, fy = y - (int)y;
        double value = (at[0] * (1 - fx) + at[right] * fx) * (1 - fy) +
                       (at[down] * (1 - fx) + at[down + right] * fx) * fy;
        value += rand() % 9 - 4;
        rgb[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    return rgb;
}

int main(int argc, char **argv) {
    bytes photo = argc > 1 ? bytes_of_file(argv[1]) : (bytes){0};
    if (!photo.data) {
        fprintf(stderr, "usage: bench-decode PHOTO.jpg [ROUNDS]\n");
        return 2;
    }
    if (argc > 2)
        rounds = (int)strtol(argv[2], NULL, 10);
    if (rounds < 1 || rounds > MOST_ROUNDS)
        rounds = MOST_ROUNDS;
    compare("the photo as it is", photo, 8, false);
    kith_picture picture = decoded(photo);
    unsigned char *rgb = enlarge(&picture), exif[EXIF_SIZE];
    jpeg_kind usual = {.components = 3, .h = 2, .v = 2, .quality = 90};
    bytes jpeg = sample_jpeg(rgb, WIDTH, HEIGHT, usual);
    printf("4096 x 3072 JPEG of %.1f MB\n", (double)jpeg.size * 1e-6);
    compare("JPEG, full size", jpeg, 8, true);
    compare("JPEG, working picture (4/8)", jpeg, 4, false);
    sample_exif(exif, true, 6, NULL, NULL);
    bytes turned = jpeg_insert_exif(jpeg, exif);
    compare("JPEG, full size, turned", turned, 8, true);
    usual.progressive = true;
    bytes progressive = sample_jpeg(rgb, WIDTH, HEIGHT, usual);
    compare("JPEG, progressive", progressive, 8, true);
    bytes png = sample_png(rgb, WIDTH, HEIGHT, (png_kind){.colour = 2, .depth = 8});
    compare("PNG", png, 0, true);
    reduce(jpeg);
    kith_picture_clear(&picture);
    bytes all[] = {photo, jpeg, turned, progressive, png};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i].data);
    free(rgb);
    return 0;
}
