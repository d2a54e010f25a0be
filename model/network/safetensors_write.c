/* SPDX-License-Identifier: MIT
 *
 * Writing safetensors: the header through jansson, padded so that the data begin at a multiple of 8, then the
 * values in the order of names.
 */
#include <jansson.h>
#include <math.h>
#include <stdint.h>

#include "model/network/half.h"
#include "model/network/safetensors.h"
#include "proto/replace.h"

enum { PADDING = 16 }; /* bytes at most: the header's length before it, spaces behind it */

static json_t *entry_json(const kith_tensor *tensor, size_t begin, size_t width) {
    json_t *shape = json_array();
    size_t end = begin + tensor->count * width;
    for (int i = 0; i < tensor->rank; i++)
        json_array_append_new(shape, json_integer(tensor->shape[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", width == 2 ? "F16" : "F32", "shape", shape,
                     "data_offsets", (json_int_t)begin, (json_int_t)end);
}

/* The header's text, newly allocated; NULL: no memory. */
static char *header_text(const kith_tensors *tensors, size_t width) {
    json_t *root = json_object(), *metadata = json_object();
    bool good = true;
    for (size_t i = 0; i < tensors->metadata_count; i++)
        good &= json_object_set_new(metadata, tensors->metadata[i].key,
                                    json_string(tensors->metadata[i].value)) == 0;
    if (tensors->metadata_count > 0)
        json_object_set(root, "__metadata__", metadata);
    size_t begin = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        const kith_tensor *tensor = &tensors->items[i];
        good &= json_object_set_new(root, tensor->name, entry_json(tensor, begin, width)) == 0;
        begin += tensor->count * width;
    }
    char *text = good ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(metadata);
    json_decref(root);
    return text;
}

static bool write_header(FILE *file, const char *text) {
    size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(padded >> 8 * i);
    return fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes && fwrite(text, 1, length, file) == length &&
           fwrite("       ", 1, padded - length, file) == padded - length;
}

static bool write_values(FILE *file, const kith_tensor *tensor, bool half) {
    if (!half)
        return fwrite(tensor->values, sizeof *tensor->values, tensor->count, file) == tensor->count;
    for (size_t i = 0; i < tensor->count; i++) {
        uint16_t value = kith_half_from_float(tensor->values[i]);
        if (fwrite(&value, sizeof value, 1, file) != 1)
            return false;
    }
    return true;
}

static kith_status check_size(const kith_tensors *tensors, size_t width, size_t header, const char *path,
                              kith_error *err) {
    size_t size = header;
    for (size_t t = 0; t < tensors->count; t++)
        size += tensors->items[t].count * width;
    return size <= KITH_TENSORS_FILE_MOST
               ? KITH_OK
               : kith_fail(err, KITH_E_LIMIT, 0, path, "%zu MiB, more than such a file may have (%zu)",
                           size >> 20, KITH_TENSORS_FILE_MOST >> 20);
}

/* What nobody would read again must not replace a good file. */
static kith_status check_range(const kith_tensors *tensors, bool half, const char *path, kith_error *err) {
    for (size_t t = 0; t < tensors->count; t++)
        for (size_t i = 0; i < tensors->items[t].count; i++) {
            float value = tensors->items[t].values[i];
            if (!isfinite(value))
                return kith_fail(err, KITH_E_REFUSED, 0, path,
                                 "tensor '%.80s' has values that are not finite; nothing was written",
                                 tensors->items[t].name);
            if (half && (kith_half_from_float(value) & 0x7c00) == 0x7c00)
                return kith_fail(err, KITH_E_REFUSED, 0, path,
                                 "F16 cannot hold a value of tensor '%.80s' (write F32)",
                                 tensors->items[t].name);
        }
    return KITH_OK;
}

kith_status kith_tensors_write(const char *path, const kith_tensors *tensors, bool half, kith_error *err) {
    kith_replacement to;
    size_t width = half ? 2 : 4;
    char *text = header_text(tensors, width);
    if (!text)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    kith_status status = check_size(tensors, width, strlen(text) + PADDING, path, err);
    if (status == KITH_OK)
        status = check_range(tensors, half, path, err);
    if (status == KITH_OK)
        status = kith_replace_begin(&to, path, err);
    if (status == KITH_OK) {
        write_header(to.file, text);
        for (size_t t = 0; t < tensors->count; t++)
            write_values(to.file, &tensors->items[t], half);
        status = kith_replace_end(&to, KITH_OK, err);
    }
    free(text);
    return status;
}

kith_status kith_tensors_write_with(const char *path, const kith_tensors *tensors, const char *key,
                                    const char *value, kith_error *err) {
    kith_tensors changed = *tensors;
    changed.metadata = calloc(tensors->metadata_count + 1, sizeof *changed.metadata);
    if (!changed.metadata)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory");
    changed.metadata_count = 0;
    for (size_t i = 0; i < tensors->metadata_count; i++)
        if (strcmp(tensors->metadata[i].key, key) != 0)
            changed.metadata[changed.metadata_count++] = tensors->metadata[i];
    changed.metadata[changed.metadata_count++] = (kith_metadata){key, value};
    kith_status status = kith_tensors_write(path, &changed, tensors->half, err);
    free(changed.metadata);
    return status;
}
