/* SPDX-License-Identifier: MIT */
#include "model/network/arch.h"

enum { ARCHS = 4 };

static const kith_arch *const all[ARCHS] = {&kith_arch_mobileface, &kith_arch_reid, &kith_arch_siamese,
                                            &kith_arch_yunet};

const kith_arch *kith_arch_find(const char *name) {
    for (size_t i = 0; i < ARCHS; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const kith_arch *kith_arch_at(size_t i) {
    return i < ARCHS ? all[i] : NULL;
}

const char *kith_arch_name(const kith_arch *arch) {
    return arch->name;
}

int kith_arch_side(const kith_arch *arch) {
    return arch->width;
}

bool kith_arch_wants_landmarks(const kith_arch *arch) {
    for (int i = 0; i < arch->count; i++)
        if (arch->layers[i].op == KITH_OP_VECTOR)
            return true;
    return false;
}

int kith_arch_row(const kith_arch *arch, const char *name) {
    for (int i = 0; name && i < arch->count; i++)
        if (strcmp(arch->layers[i].name, name) == 0)
            return i;
    return -1;
}

kith_links kith_arch_links(const kith_arch *arch, int row) {
    const kith_layer *layer = &arch->layers[row];
    kith_links links = {kith_arch_row(arch, layer->from), kith_arch_row(arch, layer->with),
                        kith_arch_row(arch, layer->gate)};
    bool source = layer->op == KITH_OP_PICTURE || layer->op == KITH_OP_VECTOR;
    if (!layer->from && !source)
        links.from = row - 1;
    return links;
}

kith_status kith_arch_shapes(kith_shape out[KITH_LAYERS_MOST], const kith_arch *arch, const int *channels,
                             int width, int height, kith_error *err) {
    if (!arch->multiple && (width != arch->width || height != arch->height))
        return kith_fail(err, KITH_E_REFUSED, 0, arch->name,
                         "an input of %d x %d does not fit this network (%d x %d does)", width, height,
                         arch->width, arch->height);
    if (width < 1 || height < 1 || (arch->multiple && (width % arch->multiple || height % arch->multiple)))
        return kith_fail(err, KITH_E_REFUSED, 0, arch->name,
                         "an input of %d x %d does not fit this network (multiples of %d do)", width, height,
                         arch->multiple);
    const kith_shape input = {3, height, width, true};
    for (int i = 0; i < arch->count; i++) {
        kith_links links = kith_arch_links(arch, i);
        const kith_layer *layer = &arch->layers[i];
        out[i] = (kith_shape){.channels = channels ? channels[i] : layer->channels};
        if (!kith_operators[layer->op].infer(&out[i], layer, links.from < 0 ? &input : &out[links.from],
                                             links.with < 0 ? NULL : &out[links.with]))
            return kith_fail(err, KITH_E_REFUSED, 0, arch->name,
                             "layer '%s' does not fit an input of %d x %d", layer->name, width, height);
    }
    return KITH_OK;
}

/* ---- tensors ---- */

static const char *const suffixes[KITH_ROLES] = {"weight",  "bias",        "slope", "bn.gamma", "bn.beta",
                                                 "bn.mean", "bn.variance", "mean",  "scale"};

static const bool has_role[][KITH_ROLES] = {
    [KITH_BIAS] = {[KITH_BIAS_ROLE] = true},
    [KITH_NO_BIAS] = {false},
    [KITH_NORM] = {[KITH_GAMMA] = true, [KITH_BETA] = true, [KITH_MEAN] = true, [KITH_VARIANCE] = true},
};

typedef struct visiting {
    kith_expected_visit *visit;
    void *context;
    kith_error *err;
} visiting;

static kith_status give(const visiting *v, kith_expected *tensor, const char *name) {
    snprintf(tensor->name, sizeof tensor->name, "%s.%s", name, suffixes[tensor->role]);
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++)
        tensor->count *= (size_t)tensor->shape[i];
    return v->visit(v->context, tensor, v->err);
}

static kith_status give_list(const visiting *v, int row, const char *name, kith_role role, int count,
                             int offset) {
    kith_expected tensor = {.role = role, .row = row, .rank = 1, .shape = {count}, .offset = (size_t)offset};
    return give(v, &tensor, name);
}

/* The tensors of `out` channels that begin at channel `first` of the layer. */
static kith_status give_part(const visiting *v, const kith_layer *layer, int row, const char *name, int in,
                             int out, int first) {
    kith_expected weight = {.role = KITH_WEIGHT, .row = row};
    weight.rank = kith_operators[layer->op].filter(weight.shape, layer, in, out);
    size_t each = 1;
    for (int i = 1; i < weight.rank; i++)
        each *= (size_t)weight.shape[i];
    weight.offset = (size_t)first * each;
    kith_status status = give(v, &weight, name);
    for (kith_role role = 0; role < KITH_ROLES && status == KITH_OK; role++)
        if (has_role[layer->affine][role])
            status = give_list(v, row, name, role, out, first);
    if (status == KITH_OK && layer->activation == KITH_PRELU)
        status = give_list(v, row, name, KITH_SLOPE, out, first);
    if (status == KITH_OK && layer->activation == KITH_PRELU_1)
        status = give_list(v, row, name, KITH_SLOPE, 1, 0);
    return status;
}

static kith_status give_layer(const visiting *v, const kith_layer *layer, int row, int in) {
    if (layer->op == KITH_OP_PICTURE && layer->colour == KITH_COLOUR_SCALED) {
        kith_status status = give_list(v, row, layer->name, KITH_INPUT_MEAN, 3, 0);
        return status == KITH_OK ? give_list(v, row, layer->name, KITH_INPUT_SCALE, 3, 0) : status;
    }
    if (!kith_operators[layer->op].filter)
        return KITH_OK;
    if (!layer->parts[0].name)
        return give_part(v, layer, row, layer->name, in, layer->channels, 0);
    kith_status status = KITH_OK;
    for (int i = 0, first = 0; i < KITH_PARTS && layer->parts[i].name && status == KITH_OK; i++) {
        status = give_part(v, layer, row, layer->parts[i].name, in, layer->parts[i].channels, first);
        first += layer->parts[i].channels;
    }
    return status;
}

kith_status kith_arch_each_tensor(const kith_arch *arch, kith_expected_visit *visit, void *context,
                                  kith_error *err) {
    visiting v = {visit, context, err};
    kith_shape shapes[KITH_LAYERS_MOST] = {{0}};
    kith_status status = kith_arch_shapes(shapes, arch, NULL, arch->width, arch->height, err);
    for (int i = 0; i < arch->count && status == KITH_OK; i++) {
        int from = kith_arch_links(arch, i).from;
        status = give_layer(&v, &arch->layers[i], i, from < 0 ? 0 : shapes[from].channels);
    }
    return status;
}
