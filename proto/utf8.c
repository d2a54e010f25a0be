/* SPDX-License-Identifier: MIT */
#include "proto/utf8.h"

#include <stdint.h>

size_t kith_utf8_length(const unsigned char *text, size_t left) {
    unsigned char a = text[0];
    if (a < 0x80)
        return 1;
    size_t length = a >= 0xf0 ? 4 : a >= 0xe0 ? 3 : 2;
    if (a < 0xc2 || a > 0xf4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    unsigned char b = text[1];
    if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) || (a == 0xf0 && b < 0x90) ||
        (a == 0xf4 && b > 0x8f))
        return 0;
    return length;
}

char *kith_utf8(const char *bytes, size_t length, int *changed) {
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD, one for each bad byte */
    if (changed)
        *changed = 0;
    if (length > SIZE_MAX / 4)
        return NULL;
    char *out = malloc(3 * length + 1), *to = out;
    if (!out)
        return NULL;
    while (length > 0) {
        size_t took = *bytes ? kith_utf8_length((const unsigned char *)bytes, length) : 0;
        if (took > 0) {
            memcpy(to, bytes, took);
            to += took;
        } else {
            took = 1;
            memcpy(to, replacement, 3);
            to += 3;
            if (changed)
                *changed = 1;
        }
        bytes += took;
        length -= took;
    }
    *to = 0;
    return out;
}
