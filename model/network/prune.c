/* SPDX-License-Identifier: MIT
 *
 * Dead channels. Between a 1x1 convolution (expand), a depthwise one and another 1x1 (project), a channel is
 * dead when what it adds to the projection is the same everywhere: its column of the projection is zero, or
 * its depthwise filter is (the depthwise output is then the activated bias), or its expanded activation is.
 * It is left out and the constant goes into the projection's bias, so no output changes beyond rounding.
 * Widths stay multiples of the block that primitives work in.
 */
#include "model/network/weights.h"

static float activated(const kith_layer *layer, const kith_weights *w, int channel) {
    float x = w->values[KITH_BIAS_ROLE] ? w->values[KITH_BIAS_ROLE][channel] : 0;
    switch (layer->activation) {
    case KITH_RELU:
        return x > 0 ? x : 0;
    case KITH_RELU6:
        return x < 0 ? 0 : x > 6 ? 6 : x;
    case KITH_LEAKY:
        return x > 0 ? x : x * layer->alpha;
    case KITH_PRELU:
        return x > 0 ? x : x * w->values[KITH_SLOPE][channel];
    case KITH_PRELU_1:
        return x > 0 ? x : x * w->values[KITH_SLOPE][0];
    case KITH_LINEAR:
    case KITH_SIGMOID: /* in no row between the three */
        break;
    }
    return x;
}

static bool all_zero(const float *values, size_t count, size_t step) {
    for (size_t i = 0; i < count; i++)
        if (values[i * step] != 0)
            return false;
    return true;
}

/* The rows of one candidate, expand at `row`, and their layers. */
typedef struct triple {
    const kith_layer *layers; /* expand, depthwise, project */
    kith_weights *expand, *depthwise, *project;
} triple;

static bool dead(const triple *t, int channel) {
    size_t c = (size_t)channel, in = (size_t)t->expand->in;
    if (all_zero(t->project->values[KITH_WEIGHT] + c, (size_t)t->project->out, (size_t)t->project->in))
        return true;
    if (all_zero(t->depthwise->values[KITH_WEIGHT] + c * t->depthwise->filter, t->depthwise->filter, 1))
        return true;
    return all_zero(t->expand->values[KITH_WEIGHT] + c * in, in, 1) &&
           activated(&t->layers[0], t->expand, channel) == 0;
}

/* Moves channel `from` of a layer's outputs to place `to`. */
static void move_output(kith_weights *w, int from, int to, bool slopes) {
    size_t each = (size_t)w->in * w->filter;
    memmove(w->values[KITH_WEIGHT] + (size_t)to * each, w->values[KITH_WEIGHT] + (size_t)from * each,
            each * sizeof(float));
    if (w->values[KITH_BIAS_ROLE])
        w->values[KITH_BIAS_ROLE][to] = w->values[KITH_BIAS_ROLE][from];
    if (slopes)
        w->values[KITH_SLOPE][to] = w->values[KITH_SLOPE][from];
}

/* Keeps the channels of `kept`, `count` of them, everywhere. */
static void keep(const triple *t, const int *kept, int count) {
    size_t in = (size_t)t->project->in;
    float *project = t->project->values[KITH_WEIGHT];
    for (int i = 0; i < count; i++) {
        move_output(t->expand, kept[i], i, t->layers[0].activation == KITH_PRELU);
        move_output(t->depthwise, kept[i], i, t->layers[1].activation == KITH_PRELU);
    }
    for (size_t o = 0; o < (size_t)t->project->out; o++)
        for (int i = 0; i < count; i++)
            project[o * (size_t)count + (size_t)i] = project[o * in + (size_t)kept[i]];
    t->expand->out = t->depthwise->out = t->project->in = count;
}

static void add_constant(const triple *t, int channel) {
    float constant = activated(&t->layers[1], t->depthwise, channel);
    for (int o = 0; o < t->project->out; o++)
        t->project->values[KITH_BIAS_ROLE][o] +=
            t->project->values[KITH_WEIGHT][o * t->project->in + channel] * constant;
}

static int prune(const triple *t) {
    enum { CHANNELS_MOST = 1024 };
    int kept[CHANNELS_MOST], count = 0, block = kith_block(), channels = t->expand->out;
    if (channels > CHANNELS_MOST)
        return channels;
    int deads = 0;
    for (int c = 0; c < channels; c++)
        deads += dead(t, c);
    int width = (channels - deads + block - 1) / block * block;
    width = width == 0 ? block : width < channels ? width : channels;
    int spare = width - (channels - deads); /* dead ones that stay to fill a block */
    for (int c = 0; c < channels; c++) {
        if (!dead(t, c) || spare-- > 0)
            kept[count++] = c;
        else
            add_constant(t, c);
    }
    keep(t, kept, count);
    return count;
}

/* Three rows in sequence, nothing else reading the two between. */
static bool is_candidate(const kith_arch *arch, int row) {
    const kith_layer *l = &arch->layers[row];
    if (row + 2 >= arch->count || l[0].op != KITH_OP_CONVOLUTION || l[0].kernel != 1 ||
        l[1].op != KITH_OP_DEPTHWISE || l[2].op != KITH_OP_CONVOLUTION || l[2].kernel != 1 ||
        l[0].parts[0].name || l[2].affine == KITH_NO_BIAS || l[0].with)
        return false;
    for (int i = 0; i < arch->count; i++) {
        kith_links links = kith_arch_links(arch, i);
        int reads[] = {links.from, links.with, links.gate};
        for (int k = 0; k < 3; k++)
            if ((reads[k] == row && i != row + 1) || (reads[k] == row + 1 && i != row + 2))
                return false;
    }
    return true;
}

void kith_weights_prune(kith_network *network) {
    for (int i = 0; i < network->arch->count; i++) {
        if (!is_candidate(network->arch, i))
            continue;
        triple t = {&network->arch->layers[i], &network->layers[i], &network->layers[i + 1],
                    &network->layers[i + 2]};
        network->channels[i] = network->channels[i + 1] = prune(&t);
    }
}
