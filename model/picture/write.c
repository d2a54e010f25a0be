/* SPDX-License-Identifier: MIT
 *
 * Pixels to a PNG or JPEG file.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

#include "model/picture/picture.h"
#include "proto/replace.h"

enum { JPEG_QUALITY = 92 };

typedef struct jpeg_writer {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    char text[JMSG_LENGTH_MAX];
} jpeg_writer;

_Noreturn static void on_error(j_common_ptr info) {
    jpeg_writer *writer = info->client_data;
    info->err->format_message(info, writer->text);
    longjmp(writer->escape, 1);
}

static bool write_rows(jpeg_writer *writer, FILE *file, const kith_picture *picture) {
    struct jpeg_compress_struct *info = &writer->info;
    if (setjmp(writer->escape))
        return false;
    jpeg_create_compress(info);
    jpeg_stdio_dest(info, file);
    info->image_width = (JDIMENSION)picture->width;
    info->image_height = (JDIMENSION)picture->height;
    info->input_components = 3;
    info->in_color_space = JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, JPEG_QUALITY, TRUE);
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = picture->rgb + (size_t)info->next_scanline * (size_t)picture->width * 3;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
    return true;
}

static kith_status write_jpeg(FILE *file, const kith_picture *picture, const char *where, kith_error *err) {
    jpeg_writer writer = {0};
    writer.info.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = on_error;
    writer.info.client_data = &writer;
    errno = 0;
    kith_status status = KITH_OK;
    if (!write_rows(&writer, file, picture))
        status = kith_fail(err, KITH_E_IO, errno, where, "cannot write the picture: %s",
                           errno ? strerror(errno) : writer.text);
    jpeg_destroy_compress(&writer.info);
    return status;
}

static kith_status write_png(FILE *file, const kith_picture *picture, const char *where, kith_error *err) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)picture->width,
                       .height = (png_uint_32)picture->height,
                       .format = PNG_FORMAT_RGB};
    errno = 0;
    if (png_image_write_to_stdio(&image, file, 0, picture->rgb, 0, NULL))
        return KITH_OK;
    return kith_fail(err, KITH_E_IO, errno, where, "cannot write the picture: %s",
                     errno ? strerror(errno) : image.message);
}

static bool is_jpeg_name(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
}

static kith_status write_named(FILE *file, const kith_picture *picture, const char *path, kith_error *err) {
    return is_jpeg_name(path) ? write_jpeg(file, picture, path, err) : write_png(file, picture, path, err);
}

/* errno says why. */
static kith_status failed(const char *where, kith_error *err) {
    return kith_fail(err, KITH_E_IO, errno, where, "cannot write the picture: %s", strerror(errno));
}

static kith_status write_standard(const kith_picture *picture, kith_error *err) {
    static const char where[] = "standard output";
    kith_status status = write_png(stdout, picture, where, err);
    return status == KITH_OK && fflush(stdout) != 0 ? failed(where, err) : status;
}

/* A device or a FIFO is written to, never replaced. */
static kith_status write_into(const kith_picture *picture, const char *path, kith_error *err) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!file) {
        failed(path, err);
        if (fd >= 0)
            close(fd);
        return KITH_E_IO;
    }
    kith_status status = write_named(file, picture, path, err);
    return fclose(file) != 0 && status == KITH_OK ? failed(path, err) : status;
}

kith_status kith_picture_write(const kith_picture *picture, const char *path, kith_error *err) {
    struct stat there;
    kith_replacement to;
    if (strcmp(path, "-") == 0)
        return write_standard(picture, err);
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return write_into(picture, path, err);
    kith_status status = kith_replace_begin(&to, path, err);
    return status == KITH_OK ? kith_replace_end(&to, write_named(to.file, picture, path, err), err) : status;
}

kith_status kith_picture_jpeg(void **out, size_t *size, const kith_picture *picture, const char *where,
                              kith_error *err) {
    char *bytes = NULL;
    FILE *file = open_memstream(&bytes, size);
    kith_status status = file ? write_jpeg(file, picture, where, err)
                              : kith_fail(err, KITH_E_MEMORY, errno, where, "no memory to write the picture");
    if (file && fclose(file) != 0 && status == KITH_OK)
        status = kith_fail(err, KITH_E_MEMORY, errno, where, "no memory to write the picture");
    if (status != KITH_OK) {
        free(bytes);
        bytes = NULL;
    }
    *out = bytes;
    return status;
}
