/* SPDX-License-Identifier: MIT
 *
 * JPEG by libjpeg-turbo. The pixels are those of the library's defaults (accurate integer DCT, smooth
 * upsampling), as every viewer shows them; colour profiles are ignored.
 *
 * libjpeg leaves by longjmp, so struct jpeg_reader owns everything and lies in the frame of a public function
 * that never calls setjmp; the functions that do (each a step) keep no state of their own.
 *
 * What damage is: libjpeg goes on after most of it with a warning. Here a warning ends the decoding, except
 * those in is_harmless(), which whole photos of real cameras raise.
 */
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "model/picture/codec.h"
#include "model/picture/exif.h"
#include "model/picture/orient.h"

enum {
    MOST_SCANS = 100, /* of a progressive file; encoders make about 10. A scan may cost a few bytes of file
                         and a pass over all coefficients. Skia and libvips stop at the same number */
    ROWS_AT_ONCE = 16,
};

/* libjpeg's message codes, without the macros of the same header, which name a function that banned.h
 * poisons.
 */
#define JERROR_H
#define JMESSAGE(code, string) code,
enum message_code {
#include <jerror.h>
};

typedef struct jpeg_reader {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    kith_error failure; /* why the last step left by `escape` */
    const kith_encoded *file;
    kith_exif exif;
    bool has_exif;
    bool cut;        /* the file's bytes ran out before its end marker */
    bool has_header; /* what fails from now on is damage that can be accepted */
    kith_canvas canvas;
} jpeg_reader;

_Noreturn static void leave(jpeg_reader *reader) {
    longjmp(reader->escape, 1);
}

static void fail_format(jpeg_reader *reader, const char *text) {
    const char *said = reader->cut ? "cut short" : text;
    if (reader->has_header)
        kith_fail(&reader->failure, KITH_E_FORMAT, 0, reader->file->where,
                  "damaged JPEG: %s (--damaged accept takes what decodes)", said);
    else
        kith_fail(&reader->failure, KITH_E_FORMAT, 0, reader->file->where, "JPEG is not read: %s", said);
}

/* libjpeg's error_exit, and our own end for warnings. */
_Noreturn static void on_error(j_common_ptr info) {
    jpeg_reader *reader = info->client_data;
    static const char prefix[] = "Corrupt JPEG data: ";
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    if (info->err->msg_code == JERR_OUT_OF_MEMORY)
        kith_fail(&reader->failure, KITH_E_MEMORY, 0, reader->file->where, "no memory to decode the JPEG");
    else
        fail_format(reader, text + (strncmp(text, prefix, sizeof prefix - 1) == 0 ? sizeof prefix - 1 : 0));
    leave(reader);
}

/* Raised by files that lack nothing: bytes before a marker that belong to none (scanners and webcams pad
 * their data: image-rs/jpeg-decoder#100, tesseract#103), sequential files with a progressive scan's
 * parameters (Samsung's front cameras: jhead#18, OpenImageIO#2837), unknown versions of JFIF and Adobe's
 * marker.
 */
static bool is_harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_NOT_SEQUENTIAL || code == JWRN_JFIF_MAJOR ||
           code == JWRN_ADOBE_XFORM || code == JWRN_TOO_MUCH_DATA;
}

static void on_message(j_common_ptr info, int level) {
    jpeg_reader *reader = info->client_data;
    if (level >= 0)
        return;
    /* The source pretends an end marker. That alone is no damage: cameras forget it, or put a trailer in its
     * place (libjpeg-turbo#163). When data are missing too, another warning follows.
     */
    if (info->err->msg_code == JWRN_JPEG_EOF)
        reader->cut = true;
    else if (!is_harmless(info->err->msg_code) && !reader->file->options.accept_damaged)
        on_error(info);
}

static void on_progress(j_common_ptr info) {
    jpeg_reader *reader = info->client_data;
    if (reader->info.input_scan_number <= MOST_SCANS)
        return;
    kith_fail(&reader->failure, KITH_E_LIMIT, 0, reader->file->where, "JPEG has more than %d scans",
              MOST_SCANS);
    leave(reader);
}

/* Looks at an APP1 segment where it lies (the source is one piece of memory). The first EXIF block counts. */
static boolean on_app1(j_decompress_ptr info) {
    jpeg_reader *reader = info->client_data;
    struct jpeg_source_mgr *source = info->src;
    if (source->bytes_in_buffer < 2)
        return TRUE; /* the next read finds the end of the file */
    const unsigned char *at = source->next_input_byte;
    size_t length = (size_t)at[0] << 8 | at[1], left = source->bytes_in_buffer;
    size_t here = length < left ? length : left;
    if (!reader->has_exif && here >= 8 && memcmp(at + 2, "Exif\0", 5) == 0) {
        kith_exif_read(&reader->exif, at + 8, here - 8);
        reader->has_exif = true;
    }
    source->skip_input_data(info, length < 2 ? 2 : (long)length);
    return TRUE;
}

/* The output size of the smallest scale whose longest side reaches KITH_WORKING_SIDE. */
static void choose_scale(jpeg_reader *reader) {
    struct jpeg_decompress_struct *info = &reader->info;
    info->scale_denom = 8;
    info->scale_num = reader->file->options.full_size ? 8 : 1;
    for (;; info->scale_num *= 2) {
        jpeg_calc_output_dimensions(info);
        if (info->scale_num == 8 || info->output_width >= KITH_WORKING_SIDE ||
            info->output_height >= KITH_WORKING_SIDE)
            return;
    }
}

static bool choose_colour(struct jpeg_decompress_struct *info) {
    switch (info->jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_YCbCr:
    case JCS_RGB:
        info->out_color_space = JCS_RGB;
        return true;
    case JCS_CMYK:
    case JCS_YCCK:
        info->out_color_space = JCS_CMYK;
        return true;
    default:
        return false;
    }
}

/* Blocks of 8 x 8 coefficients in the file. */
static uint64_t block_count(const struct jpeg_decompress_struct *info) {
    uint64_t blocks = 0;
    for (int i = 0; i < info->num_components; i++)
        blocks += (uint64_t)info->comp_info[i].width_in_blocks * info->comp_info[i].height_in_blocks;
    return blocks;
}

/* A Huffman code has at least one bit and every block at least one code (later scans of a progressive file
 * may skip blocks, the first may not): a file of fewer bits than blocks is not worth any memory.
 */
static kith_status check_plausible(jpeg_reader *reader) {
    const kith_encoded *file = reader->file;
    if (reader->info.arith_code || file->options.accept_damaged ||
        block_count(&reader->info) <= (uint64_t)file->size * 8)
        return KITH_OK;
    fail_format(reader, "far fewer bytes than its size needs");
    return KITH_E_FORMAT;
}

/* Step 1: everything before the first scan. */
static kith_status read_header(jpeg_reader *reader) {
    struct jpeg_decompress_struct *info = &reader->info;
    if (setjmp(reader->escape))
        return reader->failure.code;
    jpeg_create_decompress(info);
    info->progress = &reader->progress;
    jpeg_set_marker_processor(info, JPEG_APP0 + 1, on_app1);
    jpeg_mem_src(info, reader->file->bytes, reader->file->size);
    jpeg_read_header(info, TRUE);
    if (!choose_colour(info))
        return kith_fail(&reader->failure, KITH_E_FORMAT, 0, reader->file->where,
                         "JPEG is not read: %d components (convert it)", info->num_components);
    reader->has_header = true;
    kith_status status =
        kith_check_pixels(reader->file, info->image_width, info->image_height, &reader->failure);
    if (status == KITH_OK)
        status = check_plausible(reader);
    if (status == KITH_OK)
        choose_scale(reader);
    return status;
}

/* Starts a reader; memory is taken by read_header() at the earliest. */
static void reader_init(jpeg_reader *reader, const kith_encoded *file) {
    *reader = (jpeg_reader){.file = file, .exif.orientation = 1};
    reader->info.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->progress.progress_monitor = on_progress;
    reader->info.client_data = reader;
}

/* Frees everything; the picture stays with the caller. Gives the first failure to the caller. */
static kith_status reader_release(jpeg_reader *reader, kith_status status, kith_error *err) {
    jpeg_destroy_decompress(&reader->info);
    kith_canvas_close(&reader->canvas);
    if (status == KITH_OK)
        return KITH_OK;
    return kith_fail_with(err, &reader->failure);
}

static void describe(kith_picture *out, const jpeg_reader *reader) {
    bool swap = kith_orientation_swaps(reader->exif.orientation);
    out->full_width = (int)(swap ? reader->info.image_height : reader->info.image_width);
    out->full_height = (int)(swap ? reader->info.image_width : reader->info.image_height);
    memcpy(out->taken, reader->exif.taken, sizeof out->taken);
}

kith_status kith_jpeg_measure(kith_picture *out, size_t *memory, const kith_encoded *file, kith_error *err) {
    jpeg_reader reader;
    reader_init(&reader, file);
    kith_status status = read_header(&reader);
    if (status == KITH_OK) {
        struct jpeg_decompress_struct *info = &reader.info;
        describe(out, &reader);
        *memory = kith_canvas_memory((int)info->output_width, (int)info->output_height,
                                     reader.exif.orientation, false);
        /* Rows of each component around the current ones; several scans need all coefficients at once. */
        *memory += (size_t)info->image_width * (size_t)info->num_components * ROWS_AT_ONCE * 2;
        if (jpeg_has_multiple_scans(info))
            *memory += (size_t)block_count(info) * sizeof(JBLOCK);
    }
    return reader_release(&reader, status, err);
}

/* Ink as Adobe's programs store it, inverted (255: none). Files without Adobe's marker are taken for the
 * same, as browsers and Pillow do. 255 is odd, so the product never lies half-way.
 */
static void convert_cmyk(unsigned char *rgb, const unsigned char *cmyk, size_t pixels) {
    for (size_t i = 0; i < pixels; i++) {
        unsigned black = cmyk[4 * i + 3];
        for (size_t c = 0; c < 3; c++)
            rgb[3 * i + c] = (unsigned char)((cmyk[4 * i + c] * black + 127) / 255);
    }
}

/* Reads some rows into the canvas. `cmyk`: where libjpeg puts rows that are not RGB yet, or NULL. */
static void read_rows(jpeg_reader *reader, JSAMPARRAY cmyk) {
    int room;
    unsigned char *rows = kith_canvas_rows(&reader->canvas, &room);
    size_t stride = reader->canvas.stride;
    JSAMPROW targets[ROWS_AT_ONCE] = {NULL};
    int wanted = room < ROWS_AT_ONCE ? room : ROWS_AT_ONCE;
    for (int i = 0; i < wanted; i++)
        targets[i] = rows + (size_t)i * stride;
    int got = (int)jpeg_read_scanlines(&reader->info, cmyk ? cmyk : targets, (JDIMENSION)wanted);
    if (cmyk)
        for (int i = 0; i < got; i++)
            convert_cmyk(rows + (size_t)i * stride, cmyk[i], reader->info.output_width);
    kith_canvas_advance(&reader->canvas, got);
}

/* A file without its end marker is whole when nothing that decoding needed was missing. A file of several
 * scans has to prove it: every component has been seen, in a progressive file each coefficient to its last
 * bit.
 */
static void check_all_scans(jpeg_reader *reader) {
    struct jpeg_decompress_struct *info = &reader->info;
    bool whole = true;
    for (int i = 0; i < info->num_components; i++) {
        whole = whole && info->comp_info[i].quant_table;
        for (int k = 0; info->coef_bits && k < DCTSIZE2; k++)
            whole = whole && (info->coef_bits[i][k] == 0 || !reader->cut);
    }
    if (whole || reader->file->options.accept_damaged)
        return;
    fail_format(reader, "some of its scans are missing");
    leave(reader);
}

/* Step 2: the pixels. */
static kith_status read_pixels(jpeg_reader *reader) {
    struct jpeg_decompress_struct *info = &reader->info;
    if (setjmp(reader->escape))
        return reader->failure.code;
    JSAMPARRAY cmyk = NULL;
    if (info->out_color_space == JCS_CMYK)
        cmyk = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, info->output_width * 4, ROWS_AT_ONCE);
    jpeg_start_decompress(info);
    if (jpeg_has_multiple_scans(info))
        check_all_scans(reader);
    while (info->output_scanline < info->output_height)
        read_rows(reader, cmyk);
    return KITH_OK;
}

kith_status kith_jpeg_decode(kith_picture *out, const kith_encoded *file, kith_error *err) {
    jpeg_reader reader;
    reader_init(&reader, file);
    kith_status status = read_header(&reader);
    if (status != KITH_OK)
        return reader_release(&reader, status, err);
    describe(out, &reader);
    if (!kith_canvas_open(&reader.canvas, out, (int)reader.info.output_width, (int)reader.info.output_height,
                          reader.exif.orientation, false))
        return reader_release(
            &reader, kith_fail(&reader.failure, KITH_E_MEMORY, 0, file->where, "no memory for the pixels"),
            err);
    status = read_pixels(&reader);
    if (status == KITH_E_FORMAT && file->options.accept_damaged && reader.canvas.next > 0) {
        kith_canvas_fill(&reader.canvas);
        status = KITH_OK;
    }
    return reader_release(&reader, status, err);
}
