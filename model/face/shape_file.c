/* SPDX-License-Identifier: MIT */
#include "model/face/shape_file.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VALUES = 2 * KITH_LANDMARKS,
    MOST_CASCADES = 1000,
    MOST_SPLITS = 1023,
    MOST_EXPONENT = 200,
    BUFFER = 1 << 16
};

/* After the first fault every read gives 0, so that callers may look once at the end of a loop. */
typedef struct reader {
    const char *path;
    int fd;
    bool bad;
    int native; /* errno of a failed read */
    uint64_t size;
    size_t position, filled;
    double powers[2 * MOST_EXPONENT + 1]; /* of two: ldexp() for each number takes half of the time */
    unsigned char buffer[BUFFER];
} reader;

static bool refill(reader *r) {
    ssize_t got;
    do
        got = read(r->fd, r->buffer, sizeof r->buffer);
    while (got < 0 && errno == EINTR);
    if (got <= 0) {
        r->bad = true;
        r->native = got < 0 ? errno : 0;
        return false;
    }
    r->position = 0;
    r->filled = (size_t)got;
    return true;
}

static inline unsigned byte(reader *r) {
    if (r->position == r->filled && !refill(r))
        return 0;
    return r->buffer[r->position++];
}

/* One byte: how many bytes follow (1..8), and the sign; then the magnitude, lowest byte first. */
static inline int64_t integer(reader *r) {
    unsigned head = byte(r), size = head & 0x0F;
    uint64_t value = 0;
    if (r->bad || (head & 0x70) || size < 1 || size > 8) {
        r->bad = true;
        return 0;
    }
    if (r->filled - r->position >= 8) { /* the usual case, without a look at the end after every byte */
        memcpy(&value, r->buffer + r->position, sizeof value);
        value = le64toh(value) & (UINT64_MAX >> (64 - 8 * size));
        r->position += size;
    } else {
        for (unsigned i = 0; i < size; i++)
            value |= (uint64_t)byte(r) << (8 * i);
    }
    if (value > INT64_MAX)
        r->bad = true;
    return r->bad ? 0 : head & 0x80 ? -(int64_t)value : (int64_t)value;
}

/* A count or an index: 0..most. */
static int bounded(reader *r, int most) {
    int64_t value = integer(r);
    if (value < 0 || value > most)
        r->bad = true;
    return r->bad ? 0 : (int)value;
}

static void expect(reader *r, int64_t value) {
    if (integer(r) != value)
        r->bad = true;
}

static float number(reader *r) {
    int64_t mantissa = integer(r), exponent = integer(r);
    if (exponent < -MOST_EXPONENT || exponent > MOST_EXPONENT) /* infinities and NaN have 32000 and more */
        r->bad = true;
    float value = r->bad ? 0 : (float)((double)mantissa * r->powers[exponent + MOST_EXPONENT]);
    if (!isfinite(value))
        r->bad = true;
    return value;
}

/* A column of 136 numbers: a matrix, whose sizes are written negated. */
static void column(reader *r, float *out) {
    expect(r, -VALUES);
    expect(r, -1);
    for (int i = 0; i < VALUES; i++)
        out[i] = number(r);
}

static void read_tree(reader *r, kith_shape_split *splits, float *leaves, int split_count) {
    for (int i = 0; i < split_count && !r->bad; i++) {
        splits[i].first = bounded(r, KITH_SHAPE_FEATURES - 1);
        splits[i].second = bounded(r, KITH_SHAPE_FEATURES - 1);
        splits[i].threshold = number(r);
    }
    expect(r, split_count + 1);
    for (int i = 0; i <= split_count && !r->bad; i++)
        column(r, leaves + (size_t)i * VALUES);
}

static kith_status take_trees(kith_shape_file *out, reader *r, kith_error *err) {
    size_t trees = (size_t)out->cascade_count * (size_t)out->tree_count;
    size_t splits = (size_t)out->split_count, leaf_values = (splits + 1) * VALUES;
    bool full = splits > 0 && ((splits + 1) & splits) == 0;
    /* A number has at least four bytes in the file. */
    if (r->bad || !full || trees == 0 || trees > r->size / 4 / leaf_values) {
        r->bad = true;
        return KITH_OK;
    }
    out->splits = malloc(trees * splits * sizeof *out->splits);
    out->leaves = malloc(trees * leaf_values * sizeof *out->leaves);
    if (!out->splits || !out->leaves)
        return kith_fail(err, KITH_E_MEMORY, 0, r->path, "no memory for the landmarks");
    return KITH_OK;
}

/* All cascades have as many trees as the first, all trees as many splits as the first tree. */
static kith_status read_forests(kith_shape_file *out, reader *r, kith_error *err) {
    out->cascade_count = bounded(r, MOST_CASCADES);
    size_t tree = 0;
    for (int cascade = 0; cascade < out->cascade_count && !r->bad; cascade++) {
        int trees = bounded(r, KITH_SHAPE_TREES);
        if (cascade == 0)
            out->tree_count = trees;
        if (trees != out->tree_count)
            r->bad = true;
        for (int t = 0; t < trees && !r->bad; t++, tree++) {
            int splits = bounded(r, MOST_SPLITS);
            if (tree == 0) {
                out->split_count = splits;
                kith_status status = take_trees(out, r, err);
                if (status != KITH_OK)
                    return status;
            }
            if (splits != out->split_count || r->bad) {
                r->bad = true;
                break;
            }
            read_tree(r, out->splits + tree * (size_t)splits,
                      out->leaves + tree * ((size_t)splits + 1) * VALUES, splits);
        }
    }
    return KITH_OK;
}

static kith_status take_features(kith_shape_file *out, reader *r, int count, kith_error *err) {
    out->feature_count = count;
    size_t all = (size_t)out->cascade_count * (size_t)count;
    if (r->bad || count == 0 || all > r->size / 10) { /* anchor, x, y: at least ten bytes */
        r->bad = true;
        return KITH_OK;
    }
    out->features = malloc(all * sizeof *out->features);
    if (!out->features)
        return kith_fail(err, KITH_E_MEMORY, 0, r->path, "no memory for the landmarks");
    return KITH_OK;
}

/* The anchors of all cascades, then the offsets of all cascades. */
static kith_status read_features(kith_shape_file *out, reader *r, kith_error *err) {
    expect(r, out->cascade_count);
    for (int cascade = 0; cascade < out->cascade_count && !r->bad; cascade++) {
        int count = bounded(r, KITH_SHAPE_FEATURES);
        kith_status status = cascade == 0 ? take_features(out, r, count, err) : KITH_OK;
        if (status != KITH_OK)
            return status;
        if (count != out->feature_count)
            r->bad = true;
        for (int i = 0; i < count && !r->bad; i++)
            out->features[cascade * count + i].anchor = bounded(r, KITH_LANDMARKS - 1);
    }
    expect(r, out->cascade_count);
    for (int cascade = 0; cascade < out->cascade_count && !r->bad; cascade++) {
        expect(r, out->feature_count);
        for (int i = 0; i < out->feature_count && !r->bad; i++) {
            kith_shape_feature *feature = out->features + (size_t)cascade * (size_t)out->feature_count + i;
            feature->x = number(r);
            feature->y = number(r);
        }
    }
    return KITH_OK;
}

/* Trees stand before the features that they compare. */
static void check_splits(const kith_shape_file *file, reader *r) {
    size_t count = (size_t)file->cascade_count * (size_t)file->tree_count * (size_t)file->split_count;
    for (size_t i = 0; i < count && !r->bad; i++) {
        if (file->splits[i].first >= file->feature_count || file->splits[i].second >= file->feature_count)
            r->bad = true;
    }
}

static kith_status read_all(kith_shape_file *out, reader *r, kith_error *err) {
    expect(r, 1); /* version */
    column(r, out->mean);
    kith_status status = read_forests(out, r, err);
    if (status == KITH_OK && !r->bad)
        status = read_features(out, r, err);
    if (status != KITH_OK)
        return status;
    check_splits(out, r);
    if (r->native)
        return kith_fail(err, KITH_E_IO, r->native, r->path, "cannot be read: %s", strerror(r->native));
    if (r->bad)
        return kith_fail(err, KITH_E_REFUSED, 0, r->path,
                         "not an intact file of dlib's 68 landmarks (package libdlib-data brings one)");
    return KITH_OK;
}

kith_status kith_shape_file_read(kith_shape_file *out, const char *path, kith_error *err) {
    *out = (kith_shape_file){0};
    reader *r = calloc(1, sizeof *r);
    if (!r)
        return kith_fail(err, KITH_E_MEMORY, 0, path, "no memory to read the landmarks");
    kith_status status = KITH_OK;
    struct stat info;
    r->path = path;
    for (int i = 0; i <= 2 * MOST_EXPONENT; i++)
        r->powers[i] = ldexp(1, i - MOST_EXPONENT);
    r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (r->fd < 0 || fstat(r->fd, &info) != 0)
        status = kith_fail(err, KITH_E_IO, errno, path,
                           "no file of landmarks here (install the package libdlib-data, or name one with "
                           "--landmarks FILE)");
    else if (!S_ISREG(info.st_mode))
        status = kith_fail(err, KITH_E_REFUSED, 0, path, "not a regular file");
    else {
        r->size = (uint64_t)info.st_size;
        status = read_all(out, r, err);
    }
    if (r->fd >= 0)
        close(r->fd);
    free(r);
    if (status != KITH_OK)
        kith_shape_file_clear(out);
    return status;
}

void kith_shape_file_clear(kith_shape_file *file) {
    free(file->splits);
    free(file->leaves);
    free(file->features);
    *file = (kith_shape_file){0};
}
