/* SPDX-License-Identifier: MIT
 *
 * Reading safetensors: the whole file into memory, the header through jansson into a list of entries, every
 * entry checked against its neighbours and the data, then one block that holds names, metadata and values.
 */
#include "model/network/safetensors.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/network/half.h"
#include "proto/digest.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors are little endian and read in place");

enum { LENGTH_SIZE = 8, HEADER_MOST = 1 << 20, TENSORS_MOST = 4096, ALIGNMENT = 64 };

typedef struct entry {
    const char *name; /* belongs to the JSON object */
    char dtype;       /* 'F': F32, 'H': F16, 'B': U8 */
    int rank, shape[KITH_TENSOR_RANK];
    size_t count, begin, end; /* bytes within the data */
} entry;

/* One file on its way in. */
typedef struct reading {
    const char *path;
    bool allow_bytes;
    kith_error *err;
    unsigned char *bytes;
    size_t size, header; /* header: its length */
    json_t *root;
    entry *entries;
    size_t count;
} reading;

static kith_status refuse(const reading *r, const char *tensor, const char *what) {
    if (tensor)
        return kith_fail(r->err, KITH_E_REFUSED, 0, r->path, "damaged model file: tensor '%.80s': %s", tensor,
                         what);
    return kith_fail(r->err, KITH_E_REFUSED, 0, r->path, "not a good model file: %s", what);
}

static kith_status no_memory(const reading *r) {
    return kith_fail(r->err, KITH_E_MEMORY, 0, r->path, "no memory");
}

static kith_status read_all(reading *r, int fd) {
    size_t done = 0;
    while (done < r->size) {
        ssize_t got = read(fd, r->bytes + done, r->size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return kith_fail(r->err, KITH_E_IO, errno, r->path, "%s", strerror(errno));
        if (got == 0)
            return refuse(r, NULL, "became shorter while it was read");
        done += (size_t)got;
    }
    return KITH_OK;
}

static kith_status read_file(reading *r) {
    int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    kith_status status = KITH_OK;
    if (fd < 0 || fstat(fd, &info) != 0) {
        status = kith_fail(r->err, KITH_E_IO, errno, r->path, "%s", strerror(errno));
    } else if (!S_ISREG(info.st_mode)) {
        status = refuse(r, NULL, "no regular file");
    } else if ((size_t)info.st_size < LENGTH_SIZE + 2 || (size_t)info.st_size > KITH_TENSORS_FILE_MOST) {
        status = refuse(r, NULL, "its size is that of no model");
    } else {
        r->size = (size_t)info.st_size;
        r->bytes = malloc(r->size);
        status = r->bytes ? read_all(r, fd) : no_memory(r);
    }
    if (fd >= 0)
        close(fd);
    return status;
}

static kith_status parse_header(reading *r) {
    uint64_t length;
    assert(r->bytes);
    memcpy(&length, r->bytes, LENGTH_SIZE);
    if (length > HEADER_MOST)
        return refuse(r, NULL, "its header would be longer than 1 MiB (not safetensors?)");
    if (length > r->size - LENGTH_SIZE)
        return refuse(r, NULL, "its header is longer than the file (cut short?)");
    r->header = (size_t)length;
    json_error_t error;
    r->root = json_loadb((const char *)r->bytes + LENGTH_SIZE, r->header, JSON_REJECT_DUPLICATES, &error);
    if (!r->root)
        return kith_fail(r->err, KITH_E_REFUSED, 0, r->path, "not a good model file: its header: %s",
                         error.text);
    if (!json_is_object(r->root))
        return refuse(r, NULL, "its header is no object");
    return KITH_OK;
}

static kith_status parse_shape(const reading *r, entry *e, const json_t *shape) {
    size_t rank = json_array_size(shape);
    if (!json_is_array(shape) || rank < 1 || rank > KITH_TENSOR_RANK)
        return refuse(r, e->name, "its shape is not a list of 1 to 4 sides");
    e->rank = (int)rank;
    e->count = 1;
    for (size_t i = 0; i < rank; i++) {
        const json_t *side = json_array_get(shape, i);
        json_int_t n = json_integer_value(side);
        if (!json_is_integer(side) || n < 1 || n > INT_MAX)
            return refuse(r, e->name, "a side of its shape is no positive number");
        if (__builtin_mul_overflow(e->count, (size_t)n, &e->count) || e->count > KITH_TENSORS_FILE_MOST)
            return refuse(r, e->name, "its shape is larger than any file");
        e->shape[i] = (int)n;
    }
    return KITH_OK;
}

static kith_status parse_dtype(const reading *r, entry *e, const json_t *dtype) {
    const char *text = json_string_value(dtype);
    if (text && strcmp(text, "F32") == 0)
        e->dtype = 'F';
    else if (text && strcmp(text, "F16") == 0)
        e->dtype = 'H';
    else if (text && strcmp(text, "U8") == 0 && r->allow_bytes)
        e->dtype = 'B';
    else
        return refuse(r, e->name, "its type is neither F32 nor F16");
    return KITH_OK;
}

static size_t width_of(char dtype) {
    return dtype == 'F' ? 4 : dtype == 'H' ? 2 : 1;
}

static kith_status parse_offsets(const reading *r, entry *e, const json_t *offsets) {
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(begin) || !json_is_integer(end) ||
        json_integer_value(begin) < 0 || json_integer_value(end) < json_integer_value(begin))
        return refuse(r, e->name, "its data_offsets are no range");
    e->begin = (size_t)json_integer_value(begin);
    e->end = (size_t)json_integer_value(end);
    if (e->end > r->size - LENGTH_SIZE - r->header)
        return refuse(r, e->name, "its data lie outside the file (cut short?)");
    if (e->end - e->begin != e->count * width_of(e->dtype))
        return refuse(r, e->name, "its data are not as large as its shape says");
    return KITH_OK;
}

static kith_status parse_entry(reading *r, const char *name, const json_t *value) {
    entry *e = &r->entries[r->count];
    e->name = name;
    if (!json_is_object(value) || json_object_size(value) != 3)
        return refuse(r, name, "it has other fields than dtype, shape, data_offsets");
    kith_status status = parse_dtype(r, e, json_object_get(value, "dtype"));
    if (status == KITH_OK)
        status = parse_shape(r, e, json_object_get(value, "shape"));
    if (status == KITH_OK)
        status = parse_offsets(r, e, json_object_get(value, "data_offsets"));
    if (status == KITH_OK)
        r->count++;
    return status;
}

static const char metadata_key[] = "__metadata__";

static kith_status check_metadata(const reading *r, const json_t *metadata) {
    const char *key;
    json_t *value;
    if (metadata && !json_is_object(metadata))
        return refuse(r, NULL, "its __metadata__ is no object");
    json_object_foreach((json_t *)metadata, key, value) {
        if (!json_is_string(value))
            return refuse(r, NULL, "its __metadata__ has values that are no texts");
    }
    return KITH_OK;
}

static int by_begin(const void *a, const void *b) {
    const entry *x = a, *y = b;
    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

/* The data are covered by the tensors, each byte once. */
static kith_status check_cover(const reading *r) {
    qsort(r->entries, r->count, sizeof *r->entries, by_begin);
    size_t end = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->entries[i].begin < end)
            return refuse(r, r->entries[i].name, "its data overlap those of another");
        if (r->entries[i].begin > end)
            return refuse(r, r->entries[i].name, "there is a gap before its data");
        end = r->entries[i].end;
    }
    if (end != r->size - LENGTH_SIZE - r->header)
        return refuse(r, NULL, "bytes follow its last tensor");
    return KITH_OK;
}

static kith_status parse_entries(reading *r) {
    size_t most = json_object_size(r->root);
    if (most > TENSORS_MOST)
        return refuse(r, NULL, "it has more than 4096 tensors");
    r->entries = calloc(most + 1, sizeof *r->entries);
    if (!r->entries)
        return no_memory(r);
    const char *name;
    json_t *value;
    kith_status status = check_metadata(r, json_object_get(r->root, metadata_key));
    json_object_foreach(r->root, name, value) {
        if (status == KITH_OK && strcmp(name, metadata_key) != 0)
            status = parse_entry(r, name, value);
    }
    if (status == KITH_OK && r->count == 0)
        status = refuse(r, NULL, "it has no tensors");
    if (status == KITH_OK)
        status = check_cover(r);
    if (status == KITH_OK)
        qsort(r->entries, r->count, sizeof *r->entries, by_name);
    return status;
}

static size_t aligned(size_t size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* A block that is handed out piece by piece; with base NULL it only adds up. */
typedef struct block {
    char *base;
    size_t used;
} block;

static void *take(block *b, size_t size) {
    void *piece = b->base ? b->base + b->used : NULL;
    b->used += aligned(size);
    return piece;
}

static const char *take_text(block *b, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = take(b, size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

static void fill_values(const reading *r, const entry *e, float *out) {
    const unsigned char *from = r->bytes + LENGTH_SIZE + r->header + e->begin;
    if (e->dtype == 'F')
        memcpy(out, from, e->count * sizeof *out);
    for (size_t i = 0; e->dtype == 'H' && i < e->count; i++)
        out[i] = kith_float_from_half((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
    for (size_t i = 0; e->dtype == 'B' && i < e->count; i++)
        out[i] = from[i];
}

/* Lays everything out in `b`; called twice, first to learn the size. */
static kith_tensors *lay_out(const reading *r, block *b) {
    json_t *metadata = json_object_get(r->root, metadata_key), *value;
    kith_tensors head = {.count = r->count, .metadata_count = json_object_size(metadata), .arena = b->base};
    kith_tensors *out = take(b, sizeof *out);
    head.items = take(b, head.count * sizeof *head.items);
    head.metadata = take(b, (head.metadata_count + 1) * sizeof *head.metadata);
    const char *key;
    size_t i = 0;
    json_object_foreach(metadata, key, value) {
        kith_metadata m = {.key = take_text(b, key)};
        m.value = take_text(b, json_string_value(value));
        if (b->base)
            head.metadata[i++] = m;
    }
    for (i = 0; i < r->count; i++) {
        const entry *e = &r->entries[i];
        kith_tensor tensor = {.rank = e->rank, .count = e->count};
        memcpy(tensor.shape, e->shape, sizeof tensor.shape);
        tensor.name = take_text(b, e->name);
        tensor.values = take(b, e->count * sizeof *tensor.values);
        if (!b->base)
            continue;
        fill_values(r, e, tensor.values);
        head.items[i] = tensor;
    }
    if (b->base)
        *out = head;
    return out;
}

static int metadata_by_key(const void *a, const void *b) {
    return strcmp(((const kith_metadata *)a)->key, ((const kith_metadata *)b)->key);
}

static kith_status check_finite(const reading *r, const kith_tensors *tensors) {
    for (size_t t = 0; t < tensors->count; t++)
        for (size_t i = 0; i < tensors->items[t].count; i++)
            if (!isfinite(tensors->items[t].values[i]))
                return refuse(r, tensors->items[t].name, "it has values that are not finite");
    return KITH_OK;
}

static bool is_half(const reading *r) {
    bool half = r->count > 0;
    for (size_t i = 0; i < r->count; i++)
        half &= r->entries[i].dtype == 'H';
    return half;
}

static kith_status build(kith_tensors **out, const reading *r) {
    block measure = {0};
    lay_out(r, &measure);
    block real = {.base = aligned_alloc(ALIGNMENT, measure.used)};
    if (!real.base)
        return no_memory(r);
    memset(real.base, 0, measure.used);
    kith_tensors *tensors = lay_out(r, &real);
    tensors->half = is_half(r);
    qsort(tensors->metadata, tensors->metadata_count, sizeof *tensors->metadata, metadata_by_key);
    kith_status status = check_finite(r, tensors);
    if (status == KITH_OK)
        *out = tensors;
    else
        kith_tensors_free(&tensors);
    return status;
}

kith_status kith_tensors_read(kith_tensors **out, const char *path, bool allow_bytes, kith_error *err) {
    *out = NULL;
    reading r = {.path = path, .allow_bytes = allow_bytes, .err = err};
    kith_status status = read_file(&r);
    if (status == KITH_OK)
        status = parse_header(&r);
    if (status == KITH_OK)
        status = parse_entries(&r);
    if (status == KITH_OK)
        status = build(out, &r);
    free(r.entries);
    json_decref(r.root);
    free(r.bytes);
    return status;
}

void kith_tensors_free(kith_tensors **tensors) {
    if (*tensors)
        free((*tensors)->arena);
    *tensors = NULL;
}

static int name_order(const void *key, const void *item) {
    return strcmp(key, ((const kith_tensor *)item)->name);
}

const kith_tensor *kith_tensors_find(const kith_tensors *tensors, const char *name) {
    return bsearch(name, tensors->items, tensors->count, sizeof *tensors->items, name_order);
}

const char *kith_tensors_metadata(const kith_tensors *tensors, const char *key) {
    for (size_t i = 0; i < tensors->metadata_count; i++)
        if (strcmp(tensors->metadata[i].key, key) == 0)
            return tensors->metadata[i].value;
    return NULL;
}

kith_status kith_tensors_digest(char out[65], const kith_tensors *tensors, const char *arch,
                                kith_error *err) {
    kith_sha256_stream *stream = kith_sha256_start();
    kith_sha256_update(stream, arch, strlen(arch) + 1);
    for (size_t t = 0; t < tensors->count; t++) {
        const kith_tensor *tensor = &tensors->items[t];
        uint32_t shape[1 + KITH_TENSOR_RANK] = {(uint32_t)tensor->rank};
        for (int i = 0; i < tensor->rank; i++)
            shape[1 + i] = (uint32_t)tensor->shape[i];
        kith_sha256_update(stream, tensor->name, strlen(tensor->name) + 1);
        kith_sha256_update(stream, shape, (size_t)(1 + tensor->rank) * sizeof *shape);
        kith_sha256_update(stream, tensor->values, tensor->count * sizeof *tensor->values);
    }
    return kith_sha256_finish(out, stream, err);
}
