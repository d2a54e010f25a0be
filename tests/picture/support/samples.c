/* SPDX-License-Identifier: MIT */
#include "tests/picture/support/samples.h"

#include <jpeglib.h>
#include <math.h>
#include <png.h>

static void *need(void *memory) {
    if (!memory)
        abort();
    return memory;
}

bytes bytes_of_file(const char *path) {
    bytes whole = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return whole;
    fseek(file, 0, SEEK_END);
    whole.size = (size_t)ftell(file);
    rewind(file);
    whole.data = need(malloc(whole.size + 1));
    if (fread(whole.data, 1, whole.size, file) != whole.size)
        abort();
    fclose(file);
    return whole;
}

bytes bytes_copy(const void *data, size_t size) {
    bytes copy = {.data = need(malloc(size + 1)), .size = size};
    memcpy(copy.data, data, size);
    return copy;
}

bytes bytes_insert(bytes whole, size_t at, const void *what, size_t size) {
    bytes longer = {.data = need(malloc(whole.size + size)), .size = whole.size + size};
    memcpy(longer.data, whole.data, at);
    memcpy(longer.data + at, what, size);
    memcpy(longer.data + at + size, whole.data + at, whole.size - at);
    return longer;
}

unsigned char *sample_rgb(int width, int height) {
    unsigned char *rgb = need(malloc((size_t)width * (size_t)height * 3));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned char *pixel = rgb + ((size_t)y * (size_t)width + (size_t)x) * 3;
            pixel[0] = (unsigned char)(x * 255 / width);
            pixel[1] = (unsigned char)(y * 255 / height);
            pixel[2] = (unsigned char)(128 + 100 * sin(x * 0.11) * cos(y * 0.07));
        }
    return rgb;
}

unsigned char *sample_stored(const unsigned char *rgb, int width, int height, int orientation,
                             int *stored_width, int *stored_height) {
    bool swap = orientation >= 5;
    int w = swap ? height : width, h = swap ? width : height;
    unsigned char *stored = need(malloc((size_t)w * (size_t)h * 3));
    for (int r = 0; r < h; r++)
        for (int c = 0; c < w; c++) {
            /* where the file's row r, column c is seen: x from the left, y from the top */
            int x = 0, y = 0;
            switch (orientation) {
            case 1: /* row 0 is the top, column 0 the left */
                x = c, y = r;
                break;
            case 2: /* top, right */
                x = width - 1 - c, y = r;
                break;
            case 3: /* bottom, right */
                x = width - 1 - c, y = height - 1 - r;
                break;
            case 4: /* bottom, left */
                x = c, y = height - 1 - r;
                break;
            case 5: /* left, top */
                x = r, y = c;
                break;
            case 6: /* right, top */
                x = width - 1 - r, y = c;
                break;
            case 7: /* right, bottom */
                x = width - 1 - r, y = height - 1 - c;
                break;
            case 8: /* left, bottom */
                x = r, y = height - 1 - c;
                break;
            default:
                abort();
            }
            memcpy(stored + ((size_t)r * (size_t)w + (size_t)c) * 3,
                   rgb + ((size_t)y * (size_t)width + (size_t)x) * 3, 3);
        }
    *stored_width = w;
    *stored_height = h;
    return stored;
}

static void script_scans(struct jpeg_compress_struct *info, jpeg_scan_info *script, int scans) {
    script[0] = (jpeg_scan_info){.comps_in_scan = 1};
    for (int i = 1; i < scans; i++)
        script[i] = (jpeg_scan_info){.comps_in_scan = 1, .Ss = (i - 1) % 63 + 1, .Se = (i - 1) % 63 + 1};
    info->scan_info = script;
    info->num_scans = scans;
}

bytes sample_jpeg(const unsigned char *samples, int width, int height, jpeg_kind kind) {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    jpeg_scan_info script[64];
    info.err = jpeg_std_error(&errors); /* an error ends the test program */
    jpeg_create_compress(&info);
    unsigned char *data = NULL;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = (JDIMENSION)width;
    info.image_height = (JDIMENSION)height;
    info.input_components = kind.components;
    info.in_color_space = kind.components == 1 ? JCS_GRAYSCALE : kind.components == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&info);
    if (kind.space != 0)
        jpeg_set_colorspace(&info, (J_COLOR_SPACE)kind.space);
    jpeg_set_quality(&info, kind.quality ? kind.quality : 95, TRUE);
    for (int i = 0; i < info.num_components; i++)
        info.comp_info[i].h_samp_factor = info.comp_info[i].v_samp_factor = 1;
    if (kind.h != 0) {
        info.comp_info[0].h_samp_factor = kind.h;
        info.comp_info[0].v_samp_factor = kind.v;
    }
    info.arith_code = kind.arithmetic;
    info.restart_interval = kind.restart;
    if (kind.progressive)
        jpeg_simple_progression(&info);
    if (kind.scans > 0)
        script_scans(&info, script, kind.scans);
    jpeg_start_compress(&info, TRUE);
    size_t stride = (size_t)width * (size_t)kind.components;
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(samples + info.next_scanline * stride);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return (bytes){.data = data, .size = size};
}

static void png_append(png_structp png, png_bytep data, size_t size) {
    bytes *out = png_get_io_ptr(png);
    out->data = need(realloc(out->data, out->size + size));
    memcpy(out->data + out->size, data, size);
    out->size += size;
}

static void write_palette(png_structp png, png_infop info, png_kind kind) {
    png_color palette[256];
    for (size_t i = 0; i < (size_t)kind.colours; i++)
        palette[i] = (png_color){kind.palette[3 * i], kind.palette[3 * i + 1], kind.palette[3 * i + 2]};
    png_set_PLTE(png, info, palette, kind.colours);
}

bytes sample_png(const unsigned char *rows, int width, int height, png_kind kind) {
    bytes out = {0};
    png_structp png = need(png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL));
    png_infop info = need(png_create_info_struct(png));
    png_set_write_fn(png, &out, png_append, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, kind.depth, kind.colour,
                 kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind.palette)
        write_palette(png, info, kind);
    png_write_info(png, info);
    if (kind.transparent)
        png_write_chunk(png, (png_const_bytep) "tRNS", kind.transparent, kind.transparent_size);
    int passes = png_set_interlace_handling(png);
    size_t stride = png_get_rowbytes(png, info);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++)
            png_write_row(png, rows + (size_t)y * stride);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return out;
}

static void put(unsigned char *at, uint32_t value, size_t length, bool big_endian) {
    for (size_t i = 0; i < length; i++)
        at[big_endian ? length - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

/* CRC-32 of PNG's annex D, bit by bit: nothing of this is timed. */
static uint32_t checksum(const unsigned char *data, size_t size) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    return ~crc;
}

bytes png_insert_chunk(bytes png, const char *type, const void *content, size_t size) {
    unsigned char *chunk = need(malloc(size + 12));
    put(chunk, (uint32_t)size, 4, true);
    memcpy(chunk + 4, type, 4);
    memcpy(chunk + 8, content, size);
    put(chunk + 8 + size, checksum(chunk + 4, size + 4), 4, true);
    bytes longer = bytes_insert(png, 8 + 25, chunk, size + 12);
    free(chunk);
    return longer;
}

bytes jpeg_insert_segment(bytes jpeg, int marker, const void *content, size_t size) {
    unsigned char *segment = need(malloc(size + 4));
    segment[0] = 0xff;
    segment[1] = (unsigned char)marker;
    put(segment + 2, (uint32_t)size + 2, 2, true);
    memcpy(segment + 4, content, size);
    bytes longer = bytes_insert(jpeg, 2, segment, size + 4);
    free(segment);
    return longer;
}

static size_t put_entry(unsigned char *at, bool big, uint32_t tag, uint32_t type, uint32_t count,
                        uint32_t value) {
    put(at, tag, 2, big);
    put(at + 2, type, 2, big);
    put(at + 4, count, 4, big);
    put(at + 8, value, type == 3 ? 2 : 4, big);
    return 12;
}

void sample_exif(unsigned char out[EXIF_SIZE], bool big_endian, unsigned orientation, const char *date,
                 const char *zone) {
    enum { SECOND = 38, DATE = 80, ZONE = 104 };
    memset(out, 0, EXIF_SIZE);
    memcpy(out, big_endian ? "MM\0*" : "II*\0", 4); /* NOLINT(bugprone-not-null-terminated-result) */
    put(out + 4, 8, 4, big_endian);
    put(out + 8, 2, 2, big_endian);
    size_t at = 10;
    at += put_entry(out + at, big_endian, 0x0112, 3, 1, orientation);
    put_entry(out + at, big_endian, 0x8769, 4, 1, SECOND);
    put(out + SECOND, (uint32_t)((date != NULL) + (zone != NULL)), 2, big_endian);
    at = SECOND + 2;
    if (date) {
        at += put_entry(out + at, big_endian, 0x9003, 2, 20, DATE);
        memcpy(out + DATE, date, 19);
    }
    if (zone) {
        put_entry(out + at, big_endian, 0x9011, 2, 7, ZONE);
        memcpy(out + ZONE, zone, 6);
    }
}

bytes jpeg_insert_exif(bytes jpeg, const unsigned char exif[EXIF_SIZE]) {
    unsigned char content[6 + EXIF_SIZE] = "Exif\0";
    memcpy(content + 6, exif, EXIF_SIZE);
    return jpeg_insert_segment(jpeg, 0xe1, content, sizeof content);
}

int largest_difference(const unsigned char *a, const unsigned char *b, size_t count) {
    int largest = 0;
    for (size_t i = 0; i < count; i++)
        if (abs(a[i] - b[i]) > largest)
            largest = abs(a[i] - b[i]);
    return largest;
}

double mean_difference(const unsigned char *a, const unsigned char *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += abs(a[i] - b[i]);
    return sum / (double)count;
}

kith_picture decoded(bytes file) {
    kith_picture picture;
    kith_error err = {0};
    if (kith_picture_decode(&picture, file.data, file.size, NULL, "sample", &err) != KITH_OK) {
        fprintf(stderr, "sample is not decoded: %s\n", err.text);
        abort();
    }
    return picture;
}
