/* SPDX-License-Identifier: MIT
 *
 * Model files: safetensors (https://huggingface.co/docs/safetensors), F16 or F32, with metadata kith.*.
 * Reading checks everything: header length, JSON, types, offsets (inside the file, no overlap, no gap),
 * names, shapes against sizes, finite values. Values are always F32 in memory.
 */
#ifndef KITH_MODEL_NETWORK_SAFETENSORS_H
#define KITH_MODEL_NETWORK_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/status.h"

enum { KITH_TENSOR_RANK = 4 };
#define KITH_TENSORS_FILE_MOST ((size_t)1 << 30) /* bytes; larger files are neither written nor read */

typedef struct kith_tensor {
    const char *name; /* owned by its kith_tensors */
    int rank;
    int shape[KITH_TENSOR_RANK];
    size_t count;  /* product of the shape */
    float *values; /* owned by its kith_tensors, 64-byte aligned */
} kith_tensor;

typedef struct kith_metadata {
    const char *key, *value;
} kith_metadata;

/* A file's content, sorted by name. Read-only after reading, so threads may share it. */
typedef struct kith_tensors {
    kith_tensor *items;
    size_t count;
    kith_metadata *metadata;
    size_t metadata_count;
    bool half;   /* all of the file's tensors are F16 */
    void *arena; /* private: where everything lives */
} kith_tensors;

/* KITH_E_IO: cannot be read; KITH_E_REFUSED: not a good model file; both name the path, the latter the
 * tensor. U8 tensors (golden files) are read as their numbers when allow_bytes.
 */
kith_status kith_tensors_read(kith_tensors **out, const char *path, bool allow_bytes, kith_error *err);
void kith_tensors_free(kith_tensors **tensors);

const kith_tensor *kith_tensors_find(const kith_tensors *tensors, const char *name); /* NULL: not there */
const char *kith_tensors_metadata(const kith_tensors *tensors, const char *key);     /* NULL: not there */

/* Writes a file atomically (temporary file, fsync, rename). half: as F16, rounded to nearest even; a value
 * that F16 cannot hold is KITH_E_REFUSED, a file that would be too large KITH_E_LIMIT. The same tensors and
 * metadata give the same bytes.
 */
kith_status kith_tensors_write(const char *path, const kith_tensors *tensors, bool half, kith_error *err);

/* Writes the tensors to `path` as their file has them, with one entry of the metadata replaced or added. */
kith_status kith_tensors_write_with(const char *path, const kith_tensors *tensors, const char *key,
                                    const char *value, kith_error *err);

/* The network's digest: SHA-256 over arch and all tensors in the order of names (name, shape, values as F32
 * little endian), never over metadata. Hex.
 */
kith_status kith_tensors_digest(char out[65], const kith_tensors *tensors, const char *arch, kith_error *err);

#endif
