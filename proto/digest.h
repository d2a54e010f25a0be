/* SPDX-License-Identifier: MIT
 *
 * SHA-256, by OpenSSL's libcrypto (it uses the processor's SHA instructions). Thread-safe, no shared state.
 */
#ifndef KITH_PROTO_DIGEST_H
#define KITH_PROTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

/* Lower-case hex of the SHA-256 of `size` bytes. */
kith_status kith_sha256(char out[65], const void *bytes, size_t size, kith_error *err);

/* The same of a whole file, read in pieces; memory is bounded. IO errors name the path. */
kith_status kith_sha256_file(char out[65], const char *path, kith_error *err);

/* Piece by piece. update and finish after an error do nothing; finish reports it and frees; NULL is taken. */
typedef struct kith_sha256_stream kith_sha256_stream;
kith_sha256_stream *kith_sha256_start(void); /* NULL: no memory; update and finish take that */
void kith_sha256_update(kith_sha256_stream *stream, const void *bytes, size_t size);
kith_status kith_sha256_finish(char out[65], kith_sha256_stream *stream, kith_error *err);

/* Bytes as lower-case hex (out: 2 x size + 1), and back: false when `hex` is not exactly that. */
void kith_hex_text(char *out, const void *bytes, size_t size);
bool kith_hex_bytes(void *out, size_t size, const char *hex);

#endif
