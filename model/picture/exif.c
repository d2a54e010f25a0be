/* SPDX-License-Identifier: MIT
 *
 * EXIF (CIPA DC-008, JEITA CP-3451): a TIFF 6.0 directory of 12-byte entries: tag, type, count, value or its
 * offset. Every access goes through word() or text(), which check it against the block's end.
 */
#include "model/picture/exif.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TAG_ORIENTATION = 0x0112,
    TAG_EXIF_DIRECTORY = 0x8769,
    TAG_DATE_TIME_ORIGINAL = 0x9003,
    TAG_OFFSET_TIME_ORIGINAL = 0x9011,
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    ENTRY_SIZE = 12,
};

typedef struct block {
    const unsigned char *bytes;
    size_t size;
    bool big_endian;
} block;

/* `length` (2 or 4) bytes as a number; 0 when they are not inside the block. */
static uint32_t word(const block *tiff, size_t at, size_t length) {
    if (at > tiff->size || tiff->size - at < length)
        return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < length; i++)
        value = value << 8 | tiff->bytes[at + (tiff->big_endian ? i : length - 1 - i)];
    return value;
}

/* Where the entry of `tag` in the directory at `at` lies; 0: there is none (an entry is never at 0). */
static size_t find(const block *tiff, size_t at, uint32_t tag) {
    size_t count = word(tiff, at, 2);
    for (size_t i = 0; i < count; i++) {
        size_t entry = at + 2 + i * ENTRY_SIZE;
        if (entry + ENTRY_SIZE > tiff->size)
            break;
        if (word(tiff, entry, 2) == tag)
            return entry;
    }
    return 0;
}

static uint32_t number(const block *tiff, size_t directory, uint32_t tag) {
    size_t entry = find(tiff, directory, tag);
    if (entry == 0 || word(tiff, entry + 4, 4) != 1)
        return 0;
    switch (word(tiff, entry + 2, 2)) {
    case TYPE_SHORT:
        return word(tiff, entry + 8, 2);
    case TYPE_LONG:
        return word(tiff, entry + 8, 4);
    default:
        return 0;
    }
}

/* Copies the first `length` bytes of an ASCII entry that lies outside of its entry; false: shorter, or none.
 */
static bool text(char *out, size_t length, const block *tiff, size_t directory, uint32_t tag) {
    size_t entry = find(tiff, directory, tag);
    if (entry == 0 || word(tiff, entry + 2, 2) != TYPE_ASCII || word(tiff, entry + 4, 4) < length)
        return false;
    size_t at = word(tiff, entry + 8, 4);
    if (at > tiff->size || tiff->size - at < length)
        return false;
    memcpy(out, tiff->bytes + at, length);
    return true;
}

/* Compares with a pattern in which '0' stands for a digit and ':' for ':' or '-' (some writers put dashes
 * into dates); every other character stands for itself.
 */
static bool looks_like(const char *value, const char *pattern) {
    for (; *pattern; value++, pattern++) {
        bool digit = *value >= '0' && *value <= '9';
        bool colon = *value == ':' || *value == '-';
        if (*pattern == '0' ? !digit : *pattern == ':' ? !colon : *value != *pattern)
            return false;
    }
    return true;
}

static int two_digits(const char *at) {
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static bool is_date(const char *value) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!looks_like(value, "0000:00:00 00:00:00"))
        return false;
    int year = two_digits(value) * 100 + two_digits(value + 2), month = two_digits(value + 5);
    int day = two_digits(value + 8);
    if (year < 1 || month < 1 || month > 12)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap) && two_digits(value + 11) < 24 &&
           two_digits(value + 14) < 60 && two_digits(value + 17) < 60;
}

/* "2024:05:17 13:45:01" and perhaps "+02:00" to RFC 3339. */
static void read_taken(char out[KITH_TIME_SIZE], const block *tiff, size_t directory) {
    char date[20] = "", zone[7] = "";
    if (!text(date, 19, tiff, directory, TAG_DATE_TIME_ORIGINAL) || !is_date(date))
        return;
    bool zoned = text(zone, 6, tiff, directory, TAG_OFFSET_TIME_ORIGINAL) &&
                 (zone[0] == '+' || zone[0] == '-') && looks_like(zone + 1, "00:00") &&
                 two_digits(zone + 1) < 24 && two_digits(zone + 4) < 60;
    snprintf(out, KITH_TIME_SIZE, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s", date, date + 5, date + 8, date + 11,
             date + 14, date + 17, zoned ? zone : "Z");
}

void kith_exif_read(kith_exif *out, const unsigned char *tiff, size_t size) {
    *out = (kith_exif){.orientation = 1};
    if (size < 8 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return;
    block whole = {.bytes = tiff, .size = size, .big_endian = tiff[0] == 'M'};
    size_t first = word(&whole, 4, 4);
    uint32_t orientation = number(&whole, first, TAG_ORIENTATION);
    if (orientation >= 1 && orientation <= 8)
        out->orientation = (int)orientation;
    size_t directory = number(&whole, first, TAG_EXIF_DIRECTORY);
    if (directory != 0)
        read_taken(out->taken, &whole, directory);
}
