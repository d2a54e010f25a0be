/* SPDX-License-Identifier: MIT */
#include "proto/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

struct kith_sha256_stream {
    EVP_MD_CTX *context;
    bool failed;
};

void kith_hex_text(char *out, const void *bytes, size_t size) {
    const unsigned char *from = bytes;
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = "0123456789abcdef"[from[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[from[i] & 15];
    }
    out[2 * size] = 0;
}

bool kith_hex_bytes(void *out, size_t size, const char *hex) {
    static const unsigned char values[256] = {
        /* one more than the digit's; 0: no digit */
        ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
        ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};
    unsigned char *to = out;
    for (size_t i = 0; i < size; i++) {
        unsigned high = values[(unsigned char)hex[2 * i]];
        unsigned low = high ? values[(unsigned char)hex[2 * i + 1]] : 0;
        if (!low)
            return false;
        to[i] = (unsigned char)((high - 1) << 4 | (low - 1));
    }
    return hex[2 * size] == 0;
}

kith_sha256_stream *kith_sha256_start(void) {
    kith_sha256_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->context = EVP_MD_CTX_new();
    if (stream->context && EVP_DigestInit_ex(stream->context, EVP_sha256(), NULL) == 1)
        return stream;
    EVP_MD_CTX_free(stream->context);
    free(stream);
    return NULL;
}

void kith_sha256_update(kith_sha256_stream *stream, const void *bytes, size_t size) {
    if (stream && !stream->failed)
        stream->failed = EVP_DigestUpdate(stream->context, bytes, size) != 1;
}

kith_status kith_sha256_finish(char out[65], kith_sha256_stream *stream, kith_error *err) {
    unsigned char digest[32];
    bool good = stream && !stream->failed && EVP_DigestFinal_ex(stream->context, digest, NULL) == 1;
    if (stream)
        EVP_MD_CTX_free(stream->context);
    free(stream);
    out[0] = 0;
    if (!good)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for a SHA-256");
    kith_hex_text(out, digest, sizeof digest);
    return KITH_OK;
}

kith_status kith_sha256(char out[65], const void *bytes, size_t size, kith_error *err) {
    kith_sha256_stream *stream = kith_sha256_start();
    kith_sha256_update(stream, bytes, size);
    return kith_sha256_finish(out, stream, err);
}

static kith_status digest_of_descriptor(char out[65], int fd, const char *path, kith_error *err) {
    enum { PIECE = 1 << 16 };
    char *piece = malloc(PIECE);
    kith_sha256_stream *stream = piece ? kith_sha256_start() : NULL;
    ssize_t got = 0;
    while (stream && (got = read(fd, piece, PIECE)) != 0) {
        if (got > 0)
            kith_sha256_update(stream, piece, (size_t)got);
        else if (errno != EINTR)
            break;
    }
    int code = errno;
    free(piece);
    kith_status status = kith_sha256_finish(out, stream, got < 0 ? NULL : err);
    if (got < 0) {
        out[0] = 0;
        return kith_fail(err, KITH_E_IO, code, path, "cannot be read: %s", strerror(code));
    }
    return status;
}

kith_status kith_sha256_file(char out[65], const char *path, kith_error *err) {
    out[0] = 0;
    struct stat seen;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return kith_fail(err, KITH_E_IO, errno, path, "cannot be opened: %s", strerror(errno));
    kith_status status = KITH_OK;
    if (fstat(fd, &seen) == 0 && !S_ISREG(seen.st_mode)) /* it may never end, or never begin */
        status = kith_fail(err, KITH_E_IO, EINVAL, path, "is no regular file");
    else
        status = digest_of_descriptor(out, fd, path, err);
    close(fd);
    return status;
}
