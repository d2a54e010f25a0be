/* SPDX-License-Identifier: MIT */
#include "tests/network/support/naive.h"

#include <assert.h>
#include <math.h>

static const float *values(const kith_tensors *tensors, const char *name, const char *suffix) {
    char full[128];
    snprintf(full, sizeof full, "%s.%s", name, suffix);
    const kith_tensor *tensor = kith_tensors_find(tensors, full);
    return tensor ? tensor->values : NULL;
}

static naive_map map_new(int channels, int height, int width) {
    naive_map map = {channels, height, width, NULL};
    map.values = calloc((size_t)channels * (size_t)height * (size_t)width, sizeof *map.values);
    assert(map.values);
    return map;
}

static double *at(const naive_map *map, int c, int y, int x) {
    return &map->values[((size_t)c * (size_t)map->height + (size_t)y) * (size_t)map->width + (size_t)x];
}

static naive_map picture_map(const kith_layer *layer, const kith_tensors *tensors, int width, int height,
                             const unsigned char *rgb) {
    naive_map out = map_new(3, height, width);
    const float *mean = values(tensors, layer->name, "mean"), *scale = values(tensors, layer->name, "scale");
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < 3; c++) {
                const unsigned char *p = rgb + 3 * (y * width + x);
                double value = p[c];
                if (layer->colour == KITH_COLOUR_SCALED)
                    value = (value - (double)mean[c]) * (double)scale[c];
                if (layer->colour == KITH_COLOUR_GREY)
                    value = (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) / 127.5 - 1;
                *at(&out, c, y, x) = value;
            }
    return out;
}

static double activate(double x, const kith_layer *layer, const float *slope, int channel) {
    switch (layer->activation) {
    case KITH_RELU:
        return x > 0 ? x : 0;
    case KITH_RELU6:
        return x < 0 ? 0 : x > 6 ? 6 : x;
    case KITH_LEAKY:
        return x > 0 ? x : x * (double)layer->alpha;
    case KITH_PRELU:
        return x > 0 ? x : x * (double)slope[channel];
    case KITH_PRELU_1:
        return x > 0 ? x : x * (double)slope[0];
    case KITH_SIGMOID:
        return 1 / (1 + exp(-x));
    case KITH_LINEAR:
        break;
    }
    return x;
}

/* Adds one input channel, seen through one of its filters, to one output channel. */
static void slide(const naive_map *out, int o, const naive_map *from, int i, const float *filter,
                  const kith_layer *layer) {
    int before = layer->padding == KITH_PAD_BOTH ? layer->kernel / 2 : 0;
    for (int dy = 0; dy < layer->kernel; dy++)
        for (int dx = 0; dx < layer->kernel; dx++, filter++)
            for (int y = 0; y < out->height; y++) {
                int row = y * layer->stride - before + dy, column = dx - before;
                if (row < 0 || row >= from->height)
                    continue;
                double *to = at(out, o, y, 0);
                const double *source = at(from, i, row, 0);
                for (int x = 0; x < out->width; x++, column += layer->stride)
                    if (column >= 0 && column < from->width)
                        to[x] += (double)*filter * source[column];
            }
}

/* The sums of one named set of tensors, the first of which is channel `first` of the layer. */
static void slide_part(const naive_map *out, const naive_map *from, const kith_layer *layer,
                       const kith_tensors *tensors, const char *name, int first, int count) {
    const float *filter = values(tensors, name, "weight");
    bool depthwise = layer->op == KITH_OP_DEPTHWISE;
    for (int o = first; o < first + count; o++)
        for (int i = depthwise ? o : 0; i < (depthwise ? o + 1 : from->channels); i++) {
            slide(out, o, from, i, filter, layer);
            filter += layer->kernel * layer->kernel;
        }
}

static naive_map slide_all(const naive_map *from, const kith_layer *layer, const kith_tensors *tensors) {
    int pad = layer->padding == KITH_PAD_BOTH ? 2 * (layer->kernel / 2) : layer->padding == KITH_PAD_AFTER;
    naive_map out = map_new(layer->channels, (from->height + pad - layer->kernel) / layer->stride + 1,
                            (from->width + pad - layer->kernel) / layer->stride + 1);
    if (!layer->parts[0].name)
        slide_part(&out, from, layer, tensors, layer->name, 0, layer->channels);
    for (int i = 0, first = 0; i < KITH_PARTS && layer->parts[i].name; first += layer->parts[i++].channels)
        slide_part(&out, from, layer, tensors, layer->parts[i].name, first, layer->parts[i].channels);
    return out;
}

/* What follows the sums of one named set of tensors; NULL: there is none. */
typedef struct affine {
    const float *bias, *slope, *gamma, *beta, *mean, *variance;
} affine;

static affine affine_of(const kith_tensors *tensors, const char *name) {
    return (affine){values(tensors, name, "bias"),     values(tensors, name, "slope"),
                    values(tensors, name, "bn.gamma"), values(tensors, name, "bn.beta"),
                    values(tensors, name, "bn.mean"),  values(tensors, name, "bn.variance")};
}

/* What a channel of a batch norm is normalised by. */
typedef struct statistics {
    double mean, variance;
} statistics;

/* Bias or batch norm, sum, activation of channel `first + c` of the layer, c of the tensors' name. */
static void finish_channel(const naive_map *out, const naive_map *with, const kith_layer *layer,
                           const affine *a, int first, int c, const statistics *of) {
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            double value = *at(out, first + c, y, x) + (a->bias ? (double)a->bias[c] : 0);
            if (a->gamma)
                value =
                    (value - of->mean) / sqrt(of->variance + 1e-3) * (double)a->gamma[c] + (double)a->beta[c];
            if (with)
                value += *at(with, first + c, y, x);
            *at(out, first + c, y, x) = activate(value, layer, a->slope, c);
        }
}

/* Of channel c over a batch's maps of one row, `step` maps apart. */
static statistics measured(const naive_map *maps, int count, int step, int c) {
    int pixels = maps->height * maps->width;
    double sum = 0, square = 0, n = (double)count * pixels;
    for (int i = 0; i < count; i++)
        for (int p = 0; p < pixels; p++)
            sum += maps[(size_t)i * (size_t)step].values[c * pixels + p];
    for (int i = 0; i < count; i++)
        for (int p = 0; p < pixels; p++) {
            double x = maps[(size_t)i * (size_t)step].values[c * pixels + p] - sum / n;
            square += x * x;
        }
    return (statistics){sum / n, square / n};
}

static void finish_part(naive_map *out, const naive_map *with, int count, int step, const kith_layer *layer,
                        const kith_tensors *tensors, const char *name, int first, int channels,
                        bool batch_norm) {
    affine a = affine_of(tensors, name);
    for (int c = 0; c < channels; c++) {
        statistics of = {0, 1};
        if (a.gamma)
            of = batch_norm ? measured(out, count, step, first + c)
                            : (statistics){(double)a.mean[c], (double)a.variance[c]};
        for (int i = 0; i < count; i++)
            finish_channel(out + (size_t)i * (size_t)step, with ? with + (size_t)i * (size_t)step : NULL,
                           layer, &a, first, c, &of);
    }
}

/* A row's maps of a batch, `step` apart. */
static void finish_all(naive_map *out, const naive_map *with, int count, int step, const kith_layer *layer,
                       const kith_tensors *tensors, bool batch_norm) {
    if (!layer->parts[0].name)
        finish_part(out, with, count, step, layer, tensors, layer->name, 0, layer->channels, batch_norm);
    for (int i = 0, first = 0; i < KITH_PARTS && layer->parts[i].name; first += layer->parts[i++].channels)
        finish_part(out, with, count, step, layer, tensors, layer->parts[i].name, first,
                    layer->parts[i].channels, batch_norm);
}

static naive_map dense(const naive_map *from, const kith_layer *layer, const kith_tensors *tensors) {
    naive_map out = map_new(layer->channels, 1, 1);
    const float *weight = values(tensors, layer->name, "weight"),
                *bias = values(tensors, layer->name, "bias");
    for (int o = 0; o < layer->channels; o++) {
        double sum = (double)bias[o];
        for (int i = 0; i < from->channels; i++)
            sum += (double)*weight++ * from->values[i];
        out.values[o] = activate(sum, layer, NULL, o);
    }
    return out;
}

static naive_map max_pool(const naive_map *from) {
    naive_map out = map_new(from->channels, from->height / 2, from->width / 2);
    for (int c = 0; c < out.channels; c++)
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++)
                *at(&out, c, y, x) =
                    fmax(fmax(*at(from, c, 2 * y, 2 * x), *at(from, c, 2 * y, 2 * x + 1)),
                         fmax(*at(from, c, 2 * y + 1, 2 * x), *at(from, c, 2 * y + 1, 2 * x + 1)));
    return out;
}

static naive_map average(const naive_map *from) {
    naive_map out = map_new(from->channels, 1, 1);
    int pixels = from->height * from->width;
    for (int c = 0; c < out.channels; c++)
        for (int i = 0; i < pixels; i++)
            out.values[c] += from->values[c * pixels + i] / pixels;
    return out;
}

/* Row by row what two maps of one size, or of half the size, make. */
static naive_map combine(const naive_map *from, const naive_map *with, const naive_map *gate,
                         const kith_layer *layer) {
    naive_map out = map_new(from->channels, from->height, from->width);
    int shrink = layer->op == KITH_OP_UPSAMPLE_ADD ? 2 : 1;
    for (int c = 0; c < out.channels; c++)
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++)
                *at(&out, c, y, x) = *at(from, c, y, x) * (gate ? gate->values[c] : 1) +
                                     (with ? *at(with, c, y / shrink, x / shrink) : 0);
    return out;
}

static naive_map concatenate(const naive_map *from, const naive_map *with) {
    naive_map out = map_new(from->channels + with->channels, 1, 1);
    for (int c = 0; c < out.channels; c++)
        out.values[c] = c < from->channels ? from->values[c] : with->values[c - from->channels];
    return out;
}

static naive_map output(const naive_map *from, const kith_layer *layer) {
    naive_map out = map_new(layer->channels, from->height, from->width);
    for (int c = 0; c < out.channels; c++)
        for (int y = 0; y < out.height; y++)
            for (int x = 0; x < out.width; x++)
                *at(&out, c, y, x) = activate(*at(from, layer->first + c, y, x), layer, NULL, c);
    return out;
}

static const naive_map *named(const naive_map *maps, const kith_arch *arch, const char *name) {
    for (int i = 0; name && i < arch->count; i++)
        if (strcmp(arch->layers[i].name, name) == 0)
            return &maps[i];
    return NULL;
}

/* Row i of one item, convolutions without what follows their sums. */
static naive_map run_row(const kith_arch *arch, int i, const naive_map *maps, const kith_tensors *tensors,
                         const naive_batch *batch, int item) {
    const kith_layer *layer = &arch->layers[i];
    const naive_map *from = layer->from ? named(maps, arch, layer->from) : i > 0 ? &maps[i - 1] : NULL;
    const naive_map *with = named(maps, arch, layer->with);
    size_t picture = (size_t)batch->width * (size_t)batch->height * 3;
    naive_map out;
    switch (layer->op) {
    case KITH_OP_PICTURE:
        return picture_map(layer, tensors, batch->width, batch->height, batch->rgb + (size_t)item * picture);
    case KITH_OP_VECTOR:
        out = map_new(layer->channels, 1, 1);
        for (int c = 0; c < layer->channels; c++)
            out.values[c] = (double)batch->extra[item * layer->channels + c];
        return out;
    case KITH_OP_CONVOLUTION:
    case KITH_OP_DEPTHWISE:
        return slide_all(from, layer, tensors);
    case KITH_OP_DENSE:
        return dense(from, layer, tensors);
    case KITH_OP_MAX_POOL:
        return max_pool(from);
    case KITH_OP_AVERAGE:
        return average(from);
    case KITH_OP_UPSAMPLE_ADD:
    case KITH_OP_EXCITE:
        return combine(from, with, named(maps, arch, layer->gate), layer);
    case KITH_OP_CONCATENATE:
        return concatenate(from, with);
    case KITH_OP_OUTPUT:
        return output(from, layer);
    case KITH_OPERATORS:
        break;
    }
    return (naive_map){0};
}

naive_map *naive_run_batch(const kith_arch *arch, const kith_tensors *tensors, const naive_batch *batch) {
    naive_map *maps = calloc((size_t)(arch->count * batch->count), sizeof *maps);
    assert(maps);
    for (int i = 0; i < arch->count; i++) {
        const kith_layer *layer = &arch->layers[i];
        for (int item = 0; item < batch->count; item++) {
            naive_map *own = maps + (size_t)item * (size_t)arch->count;
            own[i] = run_row(arch, i, own, tensors, batch, item);
        }
        if (layer->op == KITH_OP_CONVOLUTION || layer->op == KITH_OP_DEPTHWISE)
            finish_all(&maps[i], named(maps, arch, layer->with), batch->count, arch->count, layer, tensors,
                       batch->batch_norm);
    }
    return maps;
}

void naive_free_batch(naive_map *maps, const kith_arch *arch, const naive_batch *batch) {
    for (int i = 0; i < arch->count * batch->count; i++)
        free(maps[i].values);
    free(maps);
}

naive_map *naive_run(const kith_arch *arch, const kith_tensors *tensors, int width, int height,
                     const unsigned char *rgb, const float *extra) {
    const naive_batch one = {.count = 1, .width = width, .height = height, .rgb = rgb, .extra = extra};
    return naive_run_batch(arch, tensors, &one);
}

void naive_free(naive_map *maps, const kith_arch *arch) {
    naive_free_batch(maps, arch, &(naive_batch){.count = 1});
}
