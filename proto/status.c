/* SPDX-License-Identifier: MIT */
#include "proto/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/utf8.h"

/* Characters that turn the direction of what follows, or end the line: U+2028 to U+202E, U+2066 to U+2069. */
static bool turns_text(const unsigned char *text) {
    return text[0] == 0xe2 && ((text[1] == 0x80 && text[2] >= 0xa8 && text[2] <= 0xae) ||
                               (text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9));
}

/* One character as it shall be seen, into out (room for 5 bytes); returns the source bytes that it took. C1
 * controls (U+0080 to U+009F) move terminals as C0 ones do.
 */
static size_t printable_character(char out[8], const unsigned char *text, size_t left) {
    size_t length = kith_utf8_length(text, left);
    bool control = text[0] < 0x20 || text[0] == 0x7f || (length == 2 && text[0] == 0xc2 && text[1] < 0xa0) ||
                   (length == 3 && turns_text(text));
    if (length > 0 && !control) {
        memcpy(out, text, length);
        out[length] = 0;
        return length;
    }
    if (text[0] == '\n' || text[0] == '\t' || text[0] == '\r')
        snprintf(out, 8, "\\%c", text[0] == '\n' ? 'n' : text[0] == '\t' ? 't' : 'r');
    else
        snprintf(out, 8, "\\x%02x", text[0]);
    return 1;
}

char *kith_printable(char *out, size_t size, const char *text, size_t length) {
    if (length == SIZE_MAX)
        length = strlen(text);
    const unsigned char *from = (const unsigned char *)text;
    size_t used = 0, cut = 0; /* cut: the last end of a character that leaves room for "..." */
    while (length > 0) {
        char piece[8];
        size_t took = printable_character(piece, from, length), adds = strlen(piece);
        if (used + adds >= size) {
            snprintf(out + cut, size - cut, "...");
            return out;
        }
        memcpy(out + used, piece, adds);
        used += adds;
        if (used + sizeof "..." <= size)
            cut = used;
        from += took;
        length -= took;
    }
    if (size > 0)
        out[used] = 0;
    return out;
}

void kith_error_clear(kith_error *err) {
    if (err)
        *err = (kith_error){0};
}

kith_status kith_fail(kith_error *err, kith_status code, int native, const char *where, const char *format,
                      ...) {
    if (!err)
        return code;
    if (err->code != KITH_OK)
        return err->code;
    char text[2 * sizeof err->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    err->code = code;
    err->native = native;
    kith_printable(err->where, sizeof err->where, !where ? "" : *where ? where : "''", SIZE_MAX);
    kith_printable(err->text, sizeof err->text, text, SIZE_MAX);
    return code;
}

kith_status kith_fail_with(kith_error *err, const kith_error *cause) {
    return kith_fail(err, cause->code, cause->native, cause->where[0] ? cause->where : NULL, "%s",
                     cause->text);
}

int kith_exit_code(const kith_error *err) {
    switch (err->code) {
    case KITH_OK:
        return 0;
    case KITH_E_USAGE:
        return 2;
    case KITH_E_FORMAT:
    case KITH_E_LIMIT:
    case KITH_E_REFUSED:
        return 4;
    case KITH_E_IO:
        return 5;
    case KITH_E_SERVER:
        return 6;
    case KITH_E_MEMORY:
        return 7;
    case KITH_E_STOPPED:
        return 128 + err->native;
    }
    return 5;
}
