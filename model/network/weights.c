/* SPDX-License-Identifier: MIT */
#include "model/network/weights.h"

#include <math.h>

const float kith_norm_epsilon = 1e-3F;

typedef struct loading {
    kith_network *network;
    const kith_tensors *tensors;
    const char *where;
    size_t seen;
} loading;

static kith_status no_memory(const char *where, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for the weights");
}

static bool same_shape(const kith_tensor *tensor, const kith_expected *expected) {
    bool same = tensor->rank == expected->rank;
    for (int i = 0; same && i < expected->rank; i++)
        same = tensor->shape[i] == expected->shape[i];
    return same;
}

/* Room for all parts of a role, filled up to whole blocks with zeros. */
static bool make_room(kith_weights *w, const kith_expected *tensor) {
    size_t count = tensor->offset + tensor->count, room = (count + 15) / 16 * 16;
    float *values = calloc(room, sizeof *values);
    if (values && w->values[tensor->role])
        memcpy(values, w->values[tensor->role], w->counts[tensor->role] * sizeof *values);
    free(w->values[tensor->role]);
    w->values[tensor->role] = values;
    w->counts[tensor->role] = count;
    return values != NULL;
}

static kith_status load_one(void *context, const kith_expected *expected, kith_error *err) {
    loading *l = context;
    kith_weights *w = &l->network->layers[expected->row];
    const kith_tensor *tensor = kith_tensors_find(l->tensors, expected->name);
    if (!tensor)
        return kith_fail(err, KITH_E_REFUSED, 0, l->where, "tensor '%s' is missing for network %s",
                         expected->name, l->network->arch->name);
    if (!same_shape(tensor, expected))
        return kith_fail(err, KITH_E_REFUSED, 0, l->where,
                         "tensor '%s' has another shape than network %s wants", expected->name,
                         l->network->arch->name);
    if (!make_room(w, expected))
        return no_memory(l->where, err);
    memcpy(w->values[expected->role] + expected->offset, tensor->values,
           tensor->count * sizeof *tensor->values);
    l->seen++;
    return KITH_OK;
}

/* For the error: a tensor of the file that the table does not have. */
typedef struct searching {
    const char *name;
    bool found;
} searching;

static kith_status match_one(void *context, const kith_expected *expected, kith_error *err) {
    searching *s = context;
    (void)err;
    s->found |= strcmp(s->name, expected->name) == 0;
    return KITH_OK;
}

static kith_status name_extra(const loading *l, kith_error *err) {
    for (size_t i = 0; i < l->tensors->count; i++) {
        searching s = {.name = l->tensors->items[i].name};
        kith_arch_each_tensor(l->network->arch, match_one, &s, NULL);
        if (!s.found)
            return kith_fail(err, KITH_E_REFUSED, 0, l->where, "tensor '%.80s' is none of network %s", s.name,
                             l->network->arch->name);
    }
    return KITH_OK;
}

kith_status kith_weights_load(kith_network *network, const kith_tensors *tensors, const char *where,
                              kith_error *err) {
    loading l = {network, tensors, where, 0};
    kith_shape shapes[KITH_LAYERS_MOST];
    const kith_arch *arch = network->arch;
    kith_status status = kith_arch_shapes(shapes, arch, NULL, arch->width, arch->height, err);
    if (status == KITH_OK)
        status = kith_arch_each_tensor(arch, load_one, &l, err);
    if (status == KITH_OK && l.seen != tensors->count)
        status = name_extra(&l, err);
    for (int i = 0; i < arch->count && status == KITH_OK; i++) {
        kith_weights *w = &network->layers[i];
        int from = kith_arch_links(arch, i).from;
        network->channels[i] = w->out = shapes[i].channels;
        w->in = from < 0 ? 0 : shapes[from].channels;
        if (arch->layers[i].op == KITH_OP_DEPTHWISE)
            w->in = 1;
        if (w->values[KITH_WEIGHT] && w->in > 0 && w->out > 0)
            w->filter = w->counts[KITH_WEIGHT] / (size_t)w->out / (size_t)w->in;
    }
    return status;
}

static kith_status fold(kith_weights *w, const char *name, const char *where, kith_error *err) {
    size_t each = w->counts[KITH_WEIGHT] / (size_t)w->out;
    float *bias = calloc(((size_t)w->out + 15) / 16 * 16, sizeof *bias);
    if (!bias)
        return no_memory(where, err);
    w->values[KITH_BIAS_ROLE] = bias;
    for (size_t c = 0; c < (size_t)w->out; c++) {
        float variance = w->values[KITH_VARIANCE][c] + kith_norm_epsilon;
        float scale = w->values[KITH_GAMMA][c] / sqrtf(variance);
        if (!(variance > 0) || !isfinite(scale))
            return kith_fail(err, KITH_E_REFUSED, 0, where, "tensor '%s.bn.variance' has a value below zero",
                             name);
        bias[c] = w->values[KITH_BETA][c] - w->values[KITH_MEAN][c] * scale;
        for (size_t i = 0; i < each; i++)
            w->values[KITH_WEIGHT][c * each + i] *= scale;
    }
    for (kith_role role = KITH_GAMMA; role <= KITH_VARIANCE; role++) {
        free(w->values[role]);
        w->values[role] = NULL;
    }
    return KITH_OK;
}

kith_status kith_weights_fold(kith_network *network, const char *where, kith_error *err) {
    kith_status status = KITH_OK;
    for (int i = 0; i < network->arch->count && status == KITH_OK; i++)
        if (network->arch->layers[i].affine == KITH_NORM)
            status = fold(&network->layers[i], network->arch->layers[i].name, where, err);
    return status;
}

void kith_weights_clear(kith_network *network) {
    for (int i = 0; i < KITH_LAYERS_MOST; i++) {
        kith_weights *w = &network->layers[i];
        for (kith_role role = 0; role < KITH_ROLES; role++)
            free(w->values[role]);
        for (int p = 0; p < KITH_PACKED_MOST; p++)
            kith_packed_close(&w->packed[p]);
    }
}

kith_status kith_weights_packed(const kith_packed **out, kith_network *network, int row,
                                const kith_primitive *primitive, kith_error *err) {
    kith_weights *w = &network->layers[row];
    const char *name = network->arch->layers[row].name;
    kith_status status = KITH_OK;
    *out = NULL;
    pthread_mutex_lock(&network->lock);
    for (int i = 0; i < KITH_PACKED_MOST && !*out && status == KITH_OK; i++) {
        if (!w->packed[i])
            status = kith_packed_make(&w->packed[i], network->engine, primitive, w->values[KITH_WEIGHT], name,
                                      err);
        if (status == KITH_OK && kith_packed_fits(w->packed[i], primitive))
            *out = w->packed[i];
    }
    pthread_mutex_unlock(&network->lock);
    if (!*out && status == KITH_OK)
        status = kith_fail(err, KITH_E_REFUSED, 0, name, "oneDNN wants ever new layouts of these weights");
    return status;
}
