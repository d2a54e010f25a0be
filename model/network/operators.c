/* SPDX-License-Identifier: MIT */
#include "model/network/operators.h"

#include <limits.h>

#include "model/network/kernels.h"

size_t kith_shape_size(const kith_shape *shape, int batch) {
    int block = shape->plain ? 1 : kith_block();
    size_t channels = (size_t)(shape->channels + block - 1) / (size_t)block * (size_t)block;
    return channels * (size_t)shape->height * (size_t)shape->width * (size_t)batch;
}

static size_t pixels(const kith_shape *shape) {
    return (size_t)shape->height * (size_t)shape->width;
}

/* Blocks of channels in all pictures of a step. */
static size_t blocks(const kith_step *step, const kith_shape *shape) {
    return (size_t)step->batch * (size_t)((shape->channels + step->block - 1) / step->block);
}

/* ---- shapes ---- */

static bool infer_picture(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                          const kith_shape *with) {
    (void)layer, (void)with;
    *out = (kith_shape){3, from->height, from->width, true}; /* `from` is the session's size */
    return true;
}

static bool infer_vector(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                         const kith_shape *with) {
    (void)from, (void)with;
    *out = (kith_shape){layer->channels, 1, 1, true};
    return true;
}

void kith_layer_padding(int *before, int *after, const kith_layer *layer) {
    *before = layer->padding == KITH_PAD_BOTH ? layer->kernel / 2 : 0;
    *after = layer->padding == KITH_PAD_AFTER ? 1 : *before;
}

static int slid(int side, const kith_layer *layer) {
    int before, after;
    kith_layer_padding(&before, &after, layer);
    int room = side + before + after - layer->kernel;
    return room < 0 ? 0 : room / layer->stride + 1;
}

static bool infer_window(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                         const kith_shape *with) {
    int channels = out->channels ? out->channels : from->channels;
    *out = (kith_shape){channels, slid(from->height, layer), slid(from->width, layer), false};
    bool fits = !with || (with->channels == channels && with->height == out->height &&
                          with->width == out->width && !with->plain);
    return out->height > 0 && out->width > 0 && fits;
}

static bool infer_depthwise(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                            const kith_shape *with) {
    return out->channels == from->channels && !from->plain && infer_window(out, layer, from, with);
}

static bool infer_max_pool(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                           const kith_shape *with) {
    (void)layer, (void)with;
    *out = (kith_shape){from->channels, from->height / 2, from->width / 2, false};
    return !from->plain && from->height % 2 == 0 && from->width % 2 == 0;
}

static bool flat(const kith_shape *shape) {
    return shape->height == 1 && shape->width == 1 && (shape->plain || shape->channels % kith_block() == 0);
}

static bool infer_dense(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                        const kith_shape *with) {
    (void)layer, (void)with;
    *out = (kith_shape){out->channels, 1, 1, true};
    return flat(from);
}

static bool infer_average(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                          const kith_shape *with) {
    (void)layer, (void)with;
    *out = (kith_shape){from->channels, 1, 1, false};
    return !from->plain;
}

static bool infer_upsample(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                           const kith_shape *with) {
    (void)layer;
    *out = *from;
    return from->channels == with->channels && from->height == 2 * with->height &&
           from->width == 2 * with->width;
}

static bool infer_same(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                       const kith_shape *with) {
    (void)layer;
    *out = *from;
    return !with || (with->channels == from->channels && pixels(with) == pixels(from));
}

static bool infer_concatenate(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                              const kith_shape *with) {
    (void)layer;
    *out = (kith_shape){from->channels + with->channels, 1, 1, true};
    return flat(from) && flat(with);
}

static bool infer_output(kith_shape *out, const kith_layer *layer, const kith_shape *from,
                         const kith_shape *with) {
    (void)with;
    *out = (kith_shape){layer->channels, from->height, from->width, true};
    return layer->first + layer->channels <= from->channels && (!from->plain || pixels(from) == 1);
}

/* ---- weights ---- */

static int filter_convolution(int shape[KITH_TENSOR_RANK], const kith_layer *layer, int in, int out) {
    shape[0] = out;
    shape[1] = in;
    shape[2] = shape[3] = layer->kernel;
    return 4;
}

static int filter_depthwise(int shape[KITH_TENSOR_RANK], const kith_layer *layer, int in, int out) {
    (void)in;
    return filter_convolution(shape, layer, 1, out);
}

static int filter_dense(int shape[KITH_TENSOR_RANK], const kith_layer *layer, int in, int out) {
    (void)layer;
    shape[0] = out;
    shape[1] = in;
    return 2;
}

/* ---- primitives ---- */

static kith_convolution describe(const kith_step *step, bool bias, float alpha) {
    kith_convolution c = {.batch = step->batch,
                          .in = step->from.channels,
                          .out = step->to.channels,
                          .groups = 1,
                          .height = step->from.height,
                          .width = step->from.width,
                          .out_height = step->to.height,
                          .out_width = step->to.width,
                          .kernel = step->layer->kernel,
                          .stride = step->layer->stride,
                          .plain = step->from.plain,
                          .add = step->layer->with != NULL,
                          .bias = bias,
                          .activation = step->layer->activation,
                          .alpha = alpha};
    kith_layer_padding(&c.before, &c.after, step->layer);
    return c;
}

static kith_status build_convolution(kith_step *step, kith_engine *engine, bool bias, float alpha,
                                     kith_error *err) {
    kith_convolution c = describe(step, bias, alpha);
    return kith_primitive_convolution(&step->primitive, engine, &c, step->layer->name, err);
}

static kith_status build_depthwise(kith_step *step, kith_engine *engine, bool bias, float alpha,
                                   kith_error *err) {
    kith_convolution c = describe(step, bias, alpha);
    c.groups = c.in;
    return kith_primitive_convolution(&step->primitive, engine, &c, step->layer->name, err);
}

static kith_status build_dense(kith_step *step, kith_engine *engine, bool bias, float alpha,
                               kith_error *err) {
    kith_convolution c = describe(step, bias, alpha);
    return kith_primitive_dense(&step->primitive, engine, &c, step->layer->name, err);
}

/* ---- running ---- */

static kith_status run_picture(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)err;
    static const float zero[3] = {0, 0, 0}, one[3] = {1, 1, 1};
    const float *mean = step->mean ? step->mean : zero, *scale = step->scale ? step->scale : one;
    size_t count = pixels(&step->to);
    const unsigned char *rgb = run->pictures + (size_t)run->first * count * 3;
    for (int i = 0; i < step->batch; i++, rgb += count * 3) {
        float *out = step->target + (size_t)i * count * 3;
        if (step->layer->colour == KITH_COLOUR_GREY)
            step->kernels->planes_grey(out, rgb, count);
        else
            step->kernels->planes_scaled(out, rgb, count, mean, scale);
    }
    return KITH_OK;
}

static kith_status run_vector(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)err;
    size_t count = (size_t)step->to.channels;
    memcpy(step->target, run->vectors + (size_t)run->first * count,
           (size_t)step->batch * count * sizeof *step->target);
    return KITH_OK;
}

static kith_status run_primitive(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)run;
    if (step->operand && step->operand != step->target)
        memcpy(step->target, step->operand, kith_shape_size(&step->to, step->batch) * sizeof *step->target);
    kith_status status = kith_primitive_run(step->primitive, err);
    if (step->slope && status == KITH_OK) {
        size_t count = blocks(step, &step->to);
        step->kernels->prelu(step->target, step->slope, count, count / (size_t)step->batch, pixels(&step->to),
                             step->block);
    }
    return status;
}

static kith_status run_max_pool(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)run, (void)err;
    step->kernels->max_pool(step->target, step->source, blocks(step, &step->to), step->to.height,
                            step->to.width, step->block);
    return KITH_OK;
}

static kith_status run_average(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)run, (void)err;
    step->kernels->average(step->target, step->source, blocks(step, &step->from), pixels(&step->from),
                           step->block);
    return KITH_OK;
}

static kith_status run_upsample_add(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)run, (void)err;
    step->kernels->upsample_add(step->target, step->source, step->operand, blocks(step, &step->to),
                                step->to.height, step->to.width, step->block);
    return KITH_OK;
}

static kith_status run_excite(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)run, (void)err;
    step->kernels->excite(step->target, step->source, step->gate, step->operand, blocks(step, &step->to),
                          pixels(&step->to), step->block);
    return KITH_OK;
}

static kith_status run_concatenate(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)run, (void)err;
    size_t a = (size_t)step->from.channels, b = (size_t)step->with.channels;
    for (size_t i = 0; i < (size_t)step->batch; i++) {
        float *out = step->target + i * (a + b);
        memcpy(out, step->source + i * a, a * sizeof *out);
        memcpy(out + a, step->operand + i * b, b * sizeof *out);
    }
    return KITH_OK;
}

static kith_status run_output(const kith_step *step, const kith_run *run, kith_error *err) {
    (void)err;
    const kith_layer *layer = step->layer;
    size_t area = pixels(&step->to), size = kith_shape_size(&step->from, 1);
    size_t count = (size_t)layer->channels * area;
    float *out = run->outputs[step->output] + (size_t)run->first * count;
    for (size_t i = 0; i < (size_t)step->batch; i++)
        kith_unblock(out + i * count, step->source + i * size, layer->first, layer->channels, area,
                     step->from.plain ? INT_MAX : step->block);
    if (layer->activation == KITH_SIGMOID)
        kith_sigmoid(out, count * (size_t)step->batch);
    return KITH_OK;
}

const kith_operator kith_operators[KITH_OPERATORS] = {
    [KITH_OP_PICTURE] = {"picture", infer_picture, NULL, NULL, run_picture, false, false},
    [KITH_OP_VECTOR] = {"vector", infer_vector, NULL, NULL, run_vector, false, false},
    [KITH_OP_CONVOLUTION] = {"convolution", infer_window, filter_convolution, build_convolution,
                             run_primitive, true, false},
    [KITH_OP_DEPTHWISE] = {"depthwise", infer_depthwise, filter_depthwise, build_depthwise, run_primitive,
                           false, false},
    [KITH_OP_DENSE] = {"dense", infer_dense, filter_dense, build_dense, run_primitive, false, false},
    [KITH_OP_MAX_POOL] = {"max pool", infer_max_pool, NULL, NULL, run_max_pool, false, false},
    [KITH_OP_AVERAGE] = {"average", infer_average, NULL, NULL, run_average, false, false},
    [KITH_OP_UPSAMPLE_ADD] = {"upsample, add", infer_upsample, NULL, NULL, run_upsample_add, false, true},
    [KITH_OP_EXCITE] = {"excite", infer_same, NULL, NULL, run_excite, false, true},
    [KITH_OP_CONCATENATE] = {"concatenate", infer_concatenate, NULL, NULL, run_concatenate, false, false},
    [KITH_OP_OUTPUT] = {"output", infer_output, NULL, NULL, run_output, false, false},
};
