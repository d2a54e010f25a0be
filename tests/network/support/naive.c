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

static naive_map picture(const kith_layer *layer, const kith_tensors *tensors, int width, int height,
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

static double normalise(double x, const kith_tensors *tensors, const char *name, int channel) {
    const float *gamma = values(tensors, name, "bn.gamma"), *beta = values(tensors, name, "bn.beta");
    const float *mean = values(tensors, name, "bn.mean"), *variance = values(tensors, name, "bn.variance");
    return (x - (double)mean[channel]) / sqrt((double)variance[channel] + 1e-3) * (double)gamma[channel] +
           (double)beta[channel];
}

/* Adds one input channel, seen through one of its filters, to one output channel. */
static void slide(const naive_map *out, int o, const naive_map *from, int i, const float *filter,
                  const kith_layer *layer) {
    int before = layer->padding == KITH_PAD_BOTH ? layer->kernel / 2 : 0;
    for (int dy = 0; dy < layer->kernel; dy++)
        for (int dx = 0; dx < layer->kernel; dx++, filter++)
            for (int y = 0; y < out->height; y++)
                for (int x = 0; x < out->width; x++) {
                    int row = y * layer->stride - before + dy, column = x * layer->stride - before + dx;
                    if (row >= 0 && row < from->height && column >= 0 && column < from->width)
                        *at(out, o, y, x) += (double)*filter * *at(from, i, row, column);
                }
}

/* The channels of one named set of tensors, the first of which is channel `first` of the layer. */
static void convolve_part(naive_map *out, const naive_map *from, const naive_map *with,
                          const kith_layer *layer, const kith_tensors *tensors, const char *name, int first,
                          int count) {
    const float *filter = values(tensors, name, "weight"), *bias = values(tensors, name, "bias");
    const float *slope = values(tensors, name, "slope");
    bool depthwise = layer->op == KITH_OP_DEPTHWISE;
    for (int c = 0; c < count; c++) {
        int o = first + c;
        for (int i = depthwise ? o : 0; i < (depthwise ? o + 1 : from->channels); i++) {
            slide(out, o, from, i, filter, layer);
            filter += layer->kernel * layer->kernel;
        }
        for (int y = 0; y < out->height; y++)
            for (int x = 0; x < out->width; x++) {
                double value = *at(out, o, y, x) + (bias ? (double)bias[c] : 0);
                if (layer->affine == KITH_NORM)
                    value = normalise(value, tensors, name, c);
                if (with)
                    value += *at(with, o, y, x);
                *at(out, o, y, x) = activate(value, layer, slope, c);
            }
    }
}

static naive_map convolve(const naive_map *from, const naive_map *with, const kith_layer *layer,
                          const kith_tensors *tensors) {
    int pad = layer->padding == KITH_PAD_BOTH ? 2 * (layer->kernel / 2) : layer->padding == KITH_PAD_AFTER;
    naive_map out = map_new(layer->channels, (from->height + pad - layer->kernel) / layer->stride + 1,
                            (from->width + pad - layer->kernel) / layer->stride + 1);
    if (!layer->parts[0].name)
        convolve_part(&out, from, with, layer, tensors, layer->name, 0, layer->channels);
    for (int i = 0, first = 0; i < KITH_PARTS && layer->parts[i].name; first += layer->parts[i++].channels)
        convolve_part(&out, from, with, layer, tensors, layer->parts[i].name, first,
                      layer->parts[i].channels);
    return out;
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

naive_map *naive_run(const kith_arch *arch, const kith_tensors *tensors, int width, int height,
                     const unsigned char *rgb, const float *extra) {
    naive_map *maps = calloc((size_t)arch->count, sizeof *maps);
    assert(maps);
    for (int i = 0; i < arch->count; i++) {
        const kith_layer *layer = &arch->layers[i];
        const naive_map *from = layer->from ? named(maps, arch, layer->from) : i > 0 ? &maps[i - 1] : NULL;
        const naive_map *with = named(maps, arch, layer->with);
        switch (layer->op) {
        case KITH_OP_PICTURE:
            maps[i] = picture(layer, tensors, width, height, rgb);
            break;
        case KITH_OP_VECTOR:
            maps[i] = map_new(layer->channels, 1, 1);
            for (int c = 0; c < layer->channels; c++)
                maps[i].values[c] = (double)extra[c];
            break;
        case KITH_OP_CONVOLUTION:
        case KITH_OP_DEPTHWISE:
            maps[i] = convolve(from, with, layer, tensors);
            break;
        case KITH_OP_DENSE:
            maps[i] = dense(from, layer, tensors);
            break;
        case KITH_OP_MAX_POOL:
            maps[i] = max_pool(from);
            break;
        case KITH_OP_AVERAGE:
            maps[i] = average(from);
            break;
        case KITH_OP_UPSAMPLE_ADD:
        case KITH_OP_EXCITE:
            maps[i] = combine(from, with, named(maps, arch, layer->gate), layer);
            break;
        case KITH_OP_CONCATENATE:
            maps[i] = concatenate(from, with);
            break;
        case KITH_OP_OUTPUT:
            maps[i] = output(from, layer);
            break;
        case KITH_OPERATORS:
            break;
        }
    }
    return maps;
}

void naive_free(naive_map *maps, const kith_arch *arch) {
    for (int i = 0; i < arch->count; i++)
        free(maps[i].values);
    free(maps);
}
