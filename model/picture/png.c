/* SPDX-License-Identifier: MIT
 *
 * PNG by libpng's row interface (the simplified one corrects gamma, and cannot be told what to do with
 * checksums). Pixels as photo viewers show them: 16 bits rounded to 8, alpha on white, gamma and colour
 * profiles ignored; of an animation the still picture. All ancillary chunks but tRNS are skipped (their
 * checksums still count), so a bomb in a text chunk is never unpacked; EXIF is read from the file's bytes
 * before the pixels, because the chunk may come after them.
 *
 * Struct png_reader owns everything and lies in a frame that never calls setjmp; see jpeg.c.
 */
#include <png.h>
#include <setjmp.h>

#include "model/picture/codec.h"
#include "model/picture/exif.h"
#include "model/picture/orient.h"

enum {
    SIGNATURE_SIZE = 8,
    CHUNK_HEAD = 8,
    CHUNK_TAIL = 4,
    CUT_LOSES = 64, /* bytes that libpng asks for at once when damage is accepted: so many of a cut file's
                       last ones are not decoded */
};

typedef struct png_reader {
    png_structp png;
    png_infop info;
    const kith_encoded *file;
    size_t used; /* bytes of the file that libpng has taken */
    kith_error failure;
    bool no_memory;
    kith_exif exif;
    kith_canvas canvas;
    int passes;
    bool has_header; /* what fails from now on is damage that can be accepted */
    bool started;    /* some pixels have been decoded */
} png_reader;

static void fail_format(png_reader *reader, const char *text) {
    if (reader->has_header)
        kith_fail(&reader->failure, KITH_E_FORMAT, 0, reader->file->where,
                  "damaged PNG: %s (--damaged accept takes what decodes)", text);
    else
        kith_fail(&reader->failure, KITH_E_FORMAT, 0, reader->file->where, "PNG is not read: %s", text);
}

static void on_error(png_structp png, png_const_charp text) {
    png_reader *reader = png_get_error_ptr(png);
    if (reader->no_memory)
        kith_fail(&reader->failure, KITH_E_MEMORY, 0, reader->file->where, "no memory to decode the PNG");
    else
        fail_format(reader, text);
    png_longjmp(png, 1);
}

/* Bytes after the last row's say nothing about the rows; Pillow writes a transparent "255" for files of 1
 * bit. The texts are libpng's: a version that words them otherwise refuses more.
 */
static bool is_harmless(const char *text) {
    return strstr(text, "Extra compressed data") || strstr(text, "Too much image data") ||
           strstr(text, "tRNS chunk has out-of-range samples");
}

/* Also what libpng calls benign errors, among them a wrong checksum of the unpacked pixels. */
static void on_warning(png_structp png, png_const_charp text) {
    png_reader *reader = png_get_error_ptr(png);
    if (!is_harmless(text) && !reader->file->options.accept_damaged)
        on_error(png, text);
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t size) {
    png_reader *reader = png_get_mem_ptr(png);
    void *memory = malloc(size);
    if (!memory)
        reader->no_memory = true;
    return memory;
}

static void on_free(png_structp png, png_voidp memory) {
    (void)png;
    free(memory);
}

static void on_read(png_structp png, png_bytep out, size_t length) {
    png_reader *reader = png_get_io_ptr(png);
    if (length > reader->file->size - reader->used) {
        fail_format(reader, "cut short");
        png_longjmp(png, 1);
    }
    memcpy(out, reader->file->bytes + reader->used, length);
    reader->used += length;
}

/* Walks over the chunks to the first eXIf (PNG 3rd edition, 11.3.4.5). */
static void read_exif(kith_exif *out, const kith_encoded *file) {
    size_t at = SIGNATURE_SIZE;
    while (file->size - at >= CHUNK_HEAD + CHUNK_TAIL) {
        size_t length = png_get_uint_32(file->bytes + at);
        if (length > file->size - at - CHUNK_HEAD - CHUNK_TAIL)
            return;
        if (memcmp(file->bytes + at + 4, "eXIf", 4) == 0) {
            kith_exif_read(out, file->bytes + at + CHUNK_HEAD, length);
            return;
        }
        at += CHUNK_HEAD + length + CHUNK_TAIL;
    }
}

/* Deflate packs at most 1032 to 1 (a match of 258 bytes in two bits): a file that claims more holds not all
 * of its pixels and is not worth their memory.
 */
static kith_status check_plausible(png_reader *reader) {
    uint64_t packed = (uint64_t)png_get_rowbytes(reader->png, reader->info) *
                      png_get_image_height(reader->png, reader->info);
    if (reader->file->options.accept_damaged || packed / 1032 <= reader->file->size)
        return KITH_OK;
    fail_format(reader, "far fewer bytes than its size needs");
    return KITH_E_FORMAT;
}

/* A wrong checksum is an error in libpng or a warning, and so an error here, unless damage is accepted. */
static void set_policy(png_reader *reader) {
    if (reader->file->options.accept_damaged) {
        png_set_crc_action(reader->png, PNG_CRC_QUIET_USE, PNG_CRC_DEFAULT);
        png_set_compression_buffer_size(reader->png, CUT_LOSES);
    }
    png_set_keep_unknown_chunks(reader->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* kith_check_pixels() is the limit */
}

/* Step 1: everything before the pixels. */
static kith_status read_header(png_reader *reader) {
    reader->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader,
                                           on_malloc, on_free);
    if (!reader->png)
        return kith_fail(&reader->failure, KITH_E_MEMORY, 0, reader->file->where, "no memory for libpng");
    if (setjmp(png_jmpbuf(reader->png)))
        return reader->failure.code;
    reader->info = png_create_info_struct(reader->png);
    if (!reader->info)
        png_error(reader->png, "no memory");
    set_policy(reader);
    png_set_read_fn(reader->png, reader, on_read);
    png_read_info(reader->png, reader->info);
    reader->has_header = true;
    kith_status status = kith_check_pixels(reader->file, png_get_image_width(reader->png, reader->info),
                                           png_get_image_height(reader->png, reader->info), &reader->failure);
    if (status == KITH_OK)
        status = check_plausible(reader);
    if (status == KITH_OK)
        read_exif(&reader->exif, reader->file);
    return status;
}

static void reader_init(png_reader *reader, const kith_encoded *file) {
    *reader = (png_reader){.file = file, .exif.orientation = 1};
}

static kith_status reader_release(png_reader *reader, kith_status status, kith_error *err) {
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    kith_canvas_close(&reader->canvas);
    if (status == KITH_OK)
        return KITH_OK;
    return kith_fail_with(err, &reader->failure);
}

static void describe(kith_picture *out, const png_reader *reader) {
    bool swap = kith_orientation_swaps(reader->exif.orientation);
    int width = (int)png_get_image_width(reader->png, reader->info);
    int height = (int)png_get_image_height(reader->png, reader->info);
    out->full_width = swap ? height : width;
    out->full_height = swap ? width : height;
    memcpy(out->taken, reader->exif.taken, sizeof out->taken);
}

static bool is_interlaced(const png_reader *reader) {
    return png_get_interlace_type(reader->png, reader->info) != PNG_INTERLACE_NONE;
}

kith_status kith_png_measure(kith_picture *out, size_t *memory, const kith_encoded *file, kith_error *err) {
    png_reader reader;
    reader_init(&reader, file);
    kith_status status = read_header(&reader);
    if (status == KITH_OK) {
        int width = (int)png_get_image_width(reader.png, reader.info);
        int height = (int)png_get_image_height(reader.png, reader.info);
        describe(out, &reader);
        *memory = kith_canvas_memory(width, height, reader.exif.orientation, is_interlaced(&reader)) +
                  (size_t)width * 8 * 3; /* libpng's own rows: this one, the one before, the widest form */
    }
    return reader_release(&reader, status, err);
}

/* Asks libpng for RGB8 whatever the file has. scale_16 rounds to the nearest (strip_16 would only drop bits).
 */
static void ask_for_rgb(png_reader *reader) {
    /* at the depth of the output: libpng widens it for files of 16 bits, as the output is reduced to 8 */
    const png_color_16 white = {.red = 255, .green = 255, .blue = 255, .gray = 255};
    png_set_expand(reader->png);
    png_set_scale_16(reader->png);
    png_set_gray_to_rgb(reader->png);
    png_set_background(reader->png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1);
    reader->passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    if (png_get_rowbytes(reader->png, reader->info) != (size_t)reader->canvas.width * 3)
        png_error(reader->png, "unexpected form of pixels");
}

static void read_plain(png_reader *reader) {
    for (int y = 0; y < reader->canvas.height; y++) {
        int room;
        png_read_row(reader->png, kith_canvas_rows(&reader->canvas, &room), NULL);
        kith_canvas_advance(&reader->canvas, 1);
        reader->started = true;
    }
}

/* Adam7 goes over the rows seven times, so they all stay in the strip until the last. */
static void read_interlaced(png_reader *reader) {
    int room;
    unsigned char *rows = kith_canvas_rows(&reader->canvas, &room);
    size_t stride = reader->canvas.stride;
    for (int y = 0; y < room; y++)
        memset(rows + (size_t)y * stride, 128, (size_t)reader->canvas.width * 3);
    for (int pass = 0; pass < reader->passes; pass++)
        for (int y = 0; y < room; y++) {
            png_read_row(reader->png, rows + (size_t)y * stride, NULL);
            reader->started = true;
        }
    kith_canvas_advance(&reader->canvas, room);
}

/* Step 2: the pixels, and the end of the file, whose checksums count as well. */
static kith_status read_pixels(png_reader *reader) {
    if (setjmp(png_jmpbuf(reader->png)))
        return reader->failure.code;
    ask_for_rgb(reader);
    if (reader->passes == 1)
        read_plain(reader);
    else
        read_interlaced(reader);
    png_read_end(reader->png, NULL);
    return KITH_OK;
}

kith_status kith_png_decode(kith_picture *out, const kith_encoded *file, kith_error *err) {
    png_reader reader;
    reader_init(&reader, file);
    kith_status status = read_header(&reader);
    if (status != KITH_OK)
        return reader_release(&reader, status, err);
    describe(out, &reader);
    if (!kith_canvas_open(&reader.canvas, out, (int)png_get_image_width(reader.png, reader.info),
                          (int)png_get_image_height(reader.png, reader.info), reader.exif.orientation,
                          is_interlaced(&reader)))
        return reader_release(
            &reader, kith_fail(&reader.failure, KITH_E_MEMORY, 0, file->where, "no memory for the pixels"),
            err);
    status = read_pixels(&reader);
    if (status == KITH_E_FORMAT && file->options.accept_damaged && reader.started) {
        if (is_interlaced(&reader) && reader.canvas.next == 0)
            kith_canvas_advance(&reader.canvas, reader.canvas.height);
        kith_canvas_fill(&reader.canvas);
        status = KITH_OK;
    }
    return reader_release(&reader, status, err);
}
