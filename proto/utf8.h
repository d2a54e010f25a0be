/* SPDX-License-Identifier: MIT */
#ifndef KITH_PROTO_UTF8_H
#define KITH_PROTO_UTF8_H

#include <stddef.h>

/* The number of bytes (1..4) of the UTF-8 character at `text`, or 0: not one (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). left > 0.
 */
size_t kith_utf8_length(const unsigned char *text, size_t left);

/* A path's bytes as UTF-8: the result is newly allocated, bytes that are not UTF-8 become U+FFFD; *changed
 * (may be NULL) says whether any did. NULL: no memory. For JSON and for people.
 */
char *kith_utf8(const char *bytes, size_t length, int *changed);

#endif
