/* SPDX-License-Identifier: MIT */
#include "model/train/targets.h"

#include <math.h>

#include "model/network/safetensors.h"
#include "model/statistics/random.h"
#include "proto/vector.h"

enum { D = KITH_DIMENSION, ALIGNMENT = 64 };
static const double SHORTEST = 1e-6; /* what is shorter has no direction */

static kith_status no_memory(kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the targets");
}

kith_status kith_targets_make(kith_targets **out, size_t count, kith_error *err) {
    kith_targets *targets = *out = calloc(1, sizeof *targets);
    if (!targets)
        return no_memory(err);
    targets->count = count;
    targets->values = aligned_alloc(ALIGNMENT, count * D * sizeof *targets->values + ALIGNMENT);
    if (targets->values)
        return KITH_OK;
    kith_targets_free(out);
    return no_memory(err);
}

void kith_targets_free(kith_targets **targets) {
    if (*targets)
        free((*targets)->values);
    free(*targets);
    *targets = NULL;
}

bool kith_target_normalise(float vector[D]) {
    double length = sqrt(kith_dot(vector, vector));
    if (!(length >= SHORTEST) || !isfinite(length))
        return false;
    for (int i = 0; i < D; i++)
        vector[i] = (float)(vector[i] / length);
    return true;
}

/* ---- files ---- */

/* A row of the file, by name. */
typedef struct entry {
    const char *name;
    size_t row;
} entry;

static int by_name(const void *a, const void *b) {
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

static kith_status check_shape(const kith_tensor *targets, const kith_tensor *names, const char *path,
                               kith_error *err) {
    if (!targets || !names)
        return kith_fail(err, KITH_E_REFUSED, 0, path, "no file of targets: it has no tensor '%s'",
                         targets ? "names" : "targets");
    if (targets->rank != 2 || targets->shape[1] != D)
        return kith_fail(err, KITH_E_REFUSED, 0, path,
                         "tensor 'targets' is %d wide, where embeddings have %d values",
                         targets->rank == 2 ? targets->shape[1] : 0, D);
    return KITH_OK;
}

/* Cuts the names into one text, with zero bytes for newlines (the last may be missing). Returns their number,
 * SIZE_MAX: a byte that no name has, or more than `most`.
 */
static size_t cut_names(entry *out, size_t most, char *text, const kith_tensor *names) {
    size_t count = 0, begin = 0;
    for (size_t i = 0; i <= names->count; i++) {
        float value = i < names->count ? names->values[i] : '\n';
        if (i == names->count && begin == i)
            break;
        if (!(value >= 1 && value <= 255) || (value == '\n' && count == most))
            return SIZE_MAX;
        text[i] = value == '\n' ? 0 : (char)(unsigned char)value;
        if (value == '\n') {
            out[count] = (entry){text + begin, count};
            count++;
            begin = i + 1;
        }
    }
    return count;
}

static kith_status take(kith_targets *out, const kith_tensor *targets, entry *entries,
                        const kith_face_set *set, const char *path, kith_error *err) {
    size_t rows = (size_t)targets->shape[0];
    if (rows > 1)
        qsort(entries, rows, sizeof *entries, by_name);
    for (size_t i = 1; i < rows; i++)
        if (by_name(&entries[i - 1], &entries[i]) == 0)
            return kith_fail(err, KITH_E_REFUSED, 0, path, "two targets are called '%s'", entries[i].name);
    for (size_t i = 0; i < set->count; i++) {
        const entry key = {set->faces[i].name, 0};
        const entry *found = rows ? bsearch(&key, entries, rows, sizeof key, by_name) : NULL;
        if (!found)
            return kith_fail(err, KITH_E_REFUSED, 0, path, "no target for '%s' (--teacher makes targets)",
                             key.name);
        memcpy(out->values + i * D, targets->values + found->row * D, D * sizeof *out->values);
        if (!kith_target_normalise(out->values + i * D))
            return kith_fail(err, KITH_E_REFUSED, 0, path, "the target of '%s' has no direction", key.name);
    }
    return KITH_OK;
}

static kith_status find_all(kith_targets **out, const kith_tensors *file, const kith_face_set *set,
                            const char *path, kith_error *err) {
    const kith_tensor *targets = kith_tensors_find(file, "targets"),
                      *names = kith_tensors_find(file, "names");
    kith_status status = check_shape(targets, names, path, err);
    if (status != KITH_OK)
        return status;
    size_t rows = (size_t)targets->shape[0];
    entry *entries = calloc(rows + 1, sizeof *entries);
    char *text = malloc(names->count + 1);
    if (!entries || !text)
        status = no_memory(err);
    else if (cut_names(entries, rows, text, names) != rows)
        status = kith_fail(err, KITH_E_REFUSED, 0, path,
                           "tensor 'names' is not the bytes of %zu names with newlines between them", rows);
    else if ((status = kith_targets_make(out, set->count, err)) == KITH_OK)
        status = take(*out, targets, entries, set, path, err);
    free(text);
    free(entries);
    return status;
}

kith_status kith_targets_read(kith_targets **out, const char *path, const kith_face_set *set,
                              kith_error *err) {
    kith_tensors *file = NULL;
    *out = NULL;
    kith_status status = kith_tensors_read(&file, path, true, err);
    if (status == KITH_OK)
        status = find_all(out, file, set, path, err);
    if (status != KITH_OK)
        kith_targets_free(out);
    kith_tensors_free(&file);
    return status;
}

/* All names with newlines behind them, as numbers; newly allocated. */
static float *names_as_numbers(size_t *count, const kith_face_set *set) {
    *count = 0;
    for (size_t i = 0; i < set->count; i++)
        *count += strlen(set->faces[i].name) + 1;
    float *out = calloc(*count + 1, sizeof *out), *to = out;
    for (size_t i = 0; out && i < set->count; i++) {
        for (const char *name = set->faces[i].name; *name; name++)
            *to++ = (unsigned char)*name;
        *to++ = '\n';
    }
    return out;
}

kith_status kith_targets_check(const kith_face_set *set, const char *path, kith_error *err) {
    enum { WIDTH = 2, HEADER = 1 << 10 }; /* bytes: of a number as F16; at most */
    size_t size = HEADER;
    for (size_t i = 0; i < set->count; i++) {
        const char *name = set->faces[i].name;
        if (strchr(name, '\n'))
            return kith_fail(err, KITH_E_REFUSED, 0, set->faces[i].path,
                             "a line break in the name, which a file of targets cannot hold (rename it)");
        size += (D + strlen(name) + 1) * WIDTH;
    }
    if (size > KITH_TENSORS_FILE_MOST)
        return kith_fail(err, KITH_E_LIMIT, 0, path,
                         "targets of %zu faces are more than a file may hold (%zu "
                         "MiB): fewer pictures, or fewer --blends",
                         set->count, KITH_TENSORS_FILE_MOST >> 20);
    return KITH_OK;
}

kith_status kith_targets_write(const char *path, const kith_targets *targets, const kith_face_set *set,
                               kith_error *err) {
    size_t length;
    float *names = names_as_numbers(&length, set);
    if (!names)
        return no_memory(err);
    kith_tensor items[] = {
        {.name = "names", .rank = 1, .shape = {(int)length}, .count = length, .values = names},
        {.name = "targets",
         .rank = 2,
         .shape = {(int)targets->count, D},
         .count = targets->count * D,
         .values = targets->values},
    };
    const kith_tensors file = {.items = items, .count = 2};
    kith_status status = kith_tensors_write(path, &file, true, err);
    free(names);
    return status;
}

kith_status kith_targets_bank(float **out, size_t *got, const kith_targets *targets, const kith_face_set *set,
                              size_t count, uint64_t seed, kith_error *err) {
    uint32_t *faces = malloc((set->count + 1) * sizeof *faces);
    kith_random random = {seed};
    size_t most = faces ? kith_face_set_side(set, false, faces) : 0;
    *got = most < count ? most : count;
    *out = aligned_alloc(ALIGNMENT, *got * D * sizeof **out + ALIGNMENT);
    if (faces && *out) {
        kith_random_shuffle(&random, faces, most);
        for (size_t i = 0; i < *got; i++)
            memcpy(*out + i * D, targets->values + (size_t)faces[i] * D, D * sizeof **out);
    }
    bool good = faces && *out;
    free(faces);
    return good ? KITH_OK : no_memory(err);
}
