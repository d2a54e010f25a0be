/* SPDX-License-Identifier: MIT
 *
 * Which kind of picture bytes are, by the signature that the kind's specification gives; and which names look
 * like a picture's.
 */
#include <strings.h>

#include "model/picture/picture.h"

/* ISO base media files ("....ftyp" brand, version, more brands): the brands of still pictures, HEIF
 * (ISO/IEC 23008-12) and AVIF's specification. "mif1" and "msf1" only say HEIF, the brands after it say
 * which.
 */
static kith_format format_of_brand(const unsigned char *brand) {
    static const char heic[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"};
    if (memcmp(brand, "avif", 4) == 0 || memcmp(brand, "avis", 4) == 0)
        return KITH_FORMAT_AVIF;
    for (size_t i = 0; i < sizeof heic / sizeof *heic; i++)
        if (memcmp(brand, heic[i], 4) == 0)
            return KITH_FORMAT_HEIC;
    return KITH_FORMAT_NONE;
}

static kith_format format_of_base_media(const unsigned char *bytes, size_t size) {
    for (size_t at = 8; at + 4 <= size; at += at == 8 ? 8 : 4) {
        kith_format format = format_of_brand(bytes + at);
        if (format != KITH_FORMAT_NONE)
            return format;
    }
    bool heif = memcmp(bytes + 8, "mif1", 4) == 0 || memcmp(bytes + 8, "msf1", 4) == 0;
    return heif ? KITH_FORMAT_HEIC : KITH_FORMAT_NONE;
}

/* "BM" alone begins many texts: a bitmap also has zeros in its reserved field and one of the known sizes of
 * its second header.
 */
static bool is_bitmap(const unsigned char *bytes, size_t size) {
    static const unsigned char reserved[4], sizes[] = {12, 40, 52, 56, 64, 108, 124};
    return size >= 18 && memcmp(bytes, "BM", 2) == 0 && memcmp(bytes + 6, reserved, 4) == 0 &&
           memchr(sizes, bytes[14], sizeof sizes) && memcmp(bytes + 15, reserved, 3) == 0;
}

kith_format kith_format_of_bytes(const void *bytes, size_t size) {
    static const struct {
        kith_format format;
        unsigned char length;
        char bytes[9];
    } signatures[] = {
        {KITH_FORMAT_JPEG, 3, "\xff\xd8\xff"}, {KITH_FORMAT_PNG, 8, "\x89PNG\r\n\x1a\n"},
        {KITH_FORMAT_GIF, 6, "GIF87a"},        {KITH_FORMAT_GIF, 6, "GIF89a"},
        {KITH_FORMAT_TIFF, 4, "II*\0"},        {KITH_FORMAT_TIFF, 4, "MM\0*"},
        {KITH_FORMAT_TIFF, 4, "II+\0"},        {KITH_FORMAT_TIFF, 4, "MM\0+"},
    };
    const unsigned char *at = bytes;
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (size >= signatures[i].length && memcmp(at, signatures[i].bytes, signatures[i].length) == 0)
            return signatures[i].format;
    if (size == 2 && memcmp(at, "\xff\xd8", 2) == 0)
        return KITH_FORMAT_JPEG;
    if (size >= 12 && memcmp(at, "RIFF", 4) == 0 && memcmp(at + 8, "WEBP", 4) == 0)
        return KITH_FORMAT_WEBP;
    if (size >= 12 && memcmp(at + 4, "ftyp", 4) == 0)
        return format_of_base_media(at, size < KITH_SNIFF_SIZE ? size : KITH_SNIFF_SIZE);
    return is_bitmap(at, size) ? KITH_FORMAT_BMP : KITH_FORMAT_NONE;
}

const char *kith_format_name(kith_format format) {
    static const char *const names[] = {"no picture", "JPEG", "PNG", "HEIC", "AVIF",
                                        "WebP",       "GIF",  "BMP", "TIFF"};
    return names[format];
}

bool kith_format_extension(const char *path) {
    static const char *const extensions[] = {"jpg",  "jpeg", "jpe", "jfif", "png", "heic", "heif",
                                             "avif", "webp", "gif", "bmp",  "tif", "tiff"};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    if (!dot || dot == name)
        return false;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0)
            return true;
    return false;
}
