/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <math.h>
#include <unistd.h>

#include "model/network/arch.h"

void must(kith_status status, const kith_error *err) {
    if (status != KITH_OK)
        fail_msg("%s: %s", err->where, err->text);
}

static kith_tensors *read_tensors(const char *path, bool allow_bytes) {
    kith_tensors *tensors;
    kith_error err = {0};
    if (strncmp(path, KITH_SHARED_DIR, strlen(KITH_SHARED_DIR)) == 0 && access(path, R_OK) != 0) {
        fprintf(stderr, "\n*** SKIPPED: %s is not here\n\n", path);
        return NULL;
    }
    must(kith_tensors_read(&tensors, path, allow_bytes, &err), &err);
    return tensors;
}

kith_tensors *tensors_of(const char *path) {
    return read_tensors(path, false);
}

kith_tensors *tensors_of_bytes(const char *path) {
    return read_tensors(path, true);
}

kith_network *network_of(const kith_tensors *tensors) {
    kith_network *network;
    kith_error err = {0};
    must(kith_network_open(&network, tensors, "test", &err), &err);
    return network;
}

kith_session *session_of(const kith_network *network, int width, int height, int batch) {
    kith_session *session;
    kith_error err = {0};
    must(kith_session_open(&session, network, width, height, batch, &err), &err);
    return session;
}

void run_session(kith_session *session, int count) {
    kith_error err = {0};
    must(kith_session_run(session, count, &err), &err);
}

static unsigned next(unsigned *state) { /* xorshift */
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static float uniform(unsigned *state) { /* -1..1 */
    return (float)(next(state) >> 8) / (float)(1 << 23) - 1;
}

void random_bytes(unsigned char *out, size_t count, unsigned seed) {
    unsigned state = seed * 2654435761U + 1;
    for (size_t i = 0; i < count; i++)
        out[i] = (unsigned char)(next(&state) >> 24);
}

typedef struct making {
    kith_tensors *tensors;
    unsigned state;
} making;

static float random_value(const kith_expected *expected, unsigned *state) {
    float fan = (float)expected->count / (float)expected->shape[0], value = uniform(state);
    switch (expected->role) {
    case KITH_WEIGHT:
        return value * sqrtf(3 / fan);
    case KITH_GAMMA:
        return 1 + value / 4;
    case KITH_VARIANCE:
        return 1 + value / 2;
    case KITH_INPUT_MEAN:
        return 120 + 10 * value;
    case KITH_INPUT_SCALE:
        return 0.01F + 0.002F * value;
    default:
        return value / 4;
    }
}

static kith_status make_tensor(void *context, const kith_expected *expected, kith_error *err) {
    making *m = context;
    (void)err;
    kith_tensor *tensor = &m->tensors->items[m->tensors->count++];
    tensor->name = strdup(expected->name);
    tensor->rank = expected->rank;
    memcpy(tensor->shape, expected->shape, sizeof tensor->shape);
    tensor->count = expected->count;
    tensor->values = calloc(expected->count, sizeof *tensor->values);
    for (size_t i = 0; i < expected->count; i++)
        tensor->values[i] = random_value(expected, &m->state);
    return KITH_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const kith_tensor *)a)->name, ((const kith_tensor *)b)->name);
}

kith_tensors *random_tensors(const char *arch, unsigned seed) {
    enum { MOST = 512 };
    kith_metadata metadata[2] = {{"kith.arch", arch}, {"kith.format", "1"}};
    kith_tensor items[MOST];
    kith_tensors made = {.items = items, .metadata = metadata, .metadata_count = 2}, *tensors;
    making m = {&made, seed * 2654435761U + 1};
    kith_error err = {0};
    must(kith_arch_each_tensor(kith_arch_find(arch), make_tensor, &m, &err), &err);
    qsort(items, made.count, sizeof *items, by_name);
    must(kith_tensors_write(temporary("random"), &made, false, &err), &err);
    must(kith_tensors_read(&tensors, temporary("random"), false, &err), &err);
    for (size_t i = 0; i < made.count; i++) {
        free((char *)items[i].name);
        free(items[i].values);
    }
    return tensors;
}

float *values_of(kith_tensors *tensors, const char *name) {
    const kith_tensor *tensor = kith_tensors_find(tensors, name);
    if (!tensor)
        fail_msg("no tensor %s", name);
    return tensor->values;
}

double cosine_of(const float *a, const float *b, size_t count) {
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static char folder[] = "/tmp/kith-network-XXXXXX";
static char paths[8][64];
static int used;

static void remove_folder(void) {
    for (int i = 0; i < used; i++)
        unlink(paths[i]);
    rmdir(folder);
}

const char *temporary(const char *name) {
    char path[64];
    if (used == 0) {
        assert_non_null(mkdtemp(folder));
        atexit(remove_folder);
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (int i = 0; i < used; i++)
        if (strcmp(paths[i], path) == 0)
            return paths[i];
    assert_true(used < 8);
    memcpy(paths[used], path, sizeof path);
    return paths[used++];
}
