/* SPDX-License-Identifier: MIT */
#include "model/network/onednn.h"

#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout;
typedef const_dnnl_memory_desc_t const_layout;
#else
typedef dnnl_memory_desc_t *layout;
typedef const dnnl_memory_desc_t *const_layout;
#endif

enum { ARGUMENTS = 5, ALIGNMENT = 64 };

struct kith_engine {
    dnnl_engine_t engine;
};

struct kith_packed {
    layout layout;
    float *values;
    size_t size;
};

struct kith_primitive {
    const char *name;
    kith_engine *engine;
    kith_direction direction;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    dnnl_exec_arg_t arguments[ARGUMENTS];
    int count;
};

static kith_status failed(dnnl_status_t status, const char *name, kith_error *err) {
    if (status == dnnl_out_of_memory)
        return kith_fail(err, KITH_E_MEMORY, 0, name, "no memory for this layer");
    return kith_fail(err, KITH_E_REFUSED, (int)status, name, "oneDNN %d.%d refused this layer (status %d)",
                     DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, (int)status);
}

/* ---- what differs between 2.x and 3.x ---- */

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t layout_make(layout *out, int rank, const dnnl_dims_t sides, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(out, rank, sides, dnnl_f32, tag);
}

static void layout_free(layout l) {
    if (l)
        dnnl_memory_desc_destroy(l);
}

static dnnl_status_t layout_copy(layout *out, const_layout from) {
    return dnnl_memory_desc_clone(out, from);
}

static dnnl_status_t append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha, float beta) {
    return dnnl_post_ops_append_eltwise(ops, kind, alpha, beta);
}

static dnnl_status_t append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
}

static dnnl_status_t convolution_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const_layout source,
                                      const_layout weights, const_layout bias, const_layout target,
                                      const kith_convolution *c, dnnl_primitive_attr_t attributes) {
    dnnl_dims_t stride = {c->stride, c->stride}, dilation = {0, 0};
    dnnl_dims_t before = {c->before, c->before}, after = {c->after, c->after};
    return dnnl_convolution_forward_primitive_desc_create(
        out, engine, dnnl_forward_inference, dnnl_convolution_direct, source, weights, bias, target, stride,
        dilation, before, after, attributes);
}

static dnnl_status_t pointwise_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const_layout source,
                                    const_layout weights, const_layout target, kith_direction direction,
                                    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attributes) {
    dnnl_dims_t stride = {1, 1}, none = {0, 0};
    switch (direction) {
    case KITH_FORWARD:
        return dnnl_convolution_forward_primitive_desc_create(out, engine, dnnl_forward_training,
                                                              dnnl_convolution_direct, source, weights, NULL,
                                                              target, stride, none, none, none, attributes);
    case KITH_BACKWARD_SOURCE:
        return dnnl_convolution_backward_data_primitive_desc_create(out, engine, dnnl_convolution_direct,
                                                                    source, weights, target, stride, none,
                                                                    none, none, forward, attributes);
    case KITH_BACKWARD_WEIGHTS:
        break;
    }
    return dnnl_convolution_backward_weights_primitive_desc_create(out, engine, dnnl_convolution_direct,
                                                                   source, weights, NULL, target, stride,
                                                                   none, none, none, forward, attributes);
}

static dnnl_status_t dense_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const_layout source,
                                const_layout weights, const_layout bias, const_layout target,
                                dnnl_primitive_attr_t attributes) {
    return dnnl_inner_product_forward_primitive_desc_create(out, engine, dnnl_forward_inference, source,
                                                            weights, bias, target, attributes);
}

#else

static dnnl_status_t layout_make(layout *out, int rank, const dnnl_dims_t sides, dnnl_format_tag_t tag) {
    *out = calloc(1, sizeof **out);
    return *out ? dnnl_memory_desc_init_by_tag(*out, rank, sides, dnnl_f32, tag) : dnnl_out_of_memory;
}

static void layout_free(layout l) {
    free(l);
}

static dnnl_status_t layout_copy(layout *out, const_layout from) {
    *out = malloc(sizeof **out);
    if (!*out)
        return dnnl_out_of_memory;
    **out = *from;
    return dnnl_success;
}

static dnnl_status_t append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha, float beta) {
    return dnnl_post_ops_append_eltwise(ops, 1, kind, alpha, beta);
}

static dnnl_status_t append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1);
}

static dnnl_status_t convolution_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const_layout source,
                                      const_layout weights, const_layout bias, const_layout target,
                                      const kith_convolution *c, dnnl_primitive_attr_t attributes) {
    dnnl_dims_t stride = {c->stride, c->stride};
    dnnl_dims_t before = {c->before, c->before}, after = {c->after, c->after};
    dnnl_convolution_desc_t desc;
    dnnl_status_t status =
        dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct, source,
                                           weights, bias, target, stride, before, after);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, attributes, engine, NULL) : status;
}

static dnnl_status_t pointwise_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const_layout source,
                                    const_layout weights, const_layout target, kith_direction direction,
                                    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attributes) {
    dnnl_dims_t stride = {1, 1}, none = {0, 0};
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_invalid_arguments;
    switch (direction) {
    case KITH_FORWARD:
        status = dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, dnnl_convolution_direct,
                                                    source, weights, NULL, target, stride, none, none);
        break;
    case KITH_BACKWARD_SOURCE:
        status = dnnl_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, source, weights,
                                                          target, stride, none, none);
        break;
    case KITH_BACKWARD_WEIGHTS:
        status = dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, source, weights,
                                                             NULL, target, stride, none, none);
        break;
    }
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, attributes, engine, forward)
                                  : status;
}

static dnnl_status_t dense_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const_layout source,
                                const_layout weights, const_layout bias, const_layout target,
                                dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t desc;
    dnnl_status_t status =
        dnnl_inner_product_forward_desc_init(&desc, dnnl_forward_inference, source, weights, bias, target);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, attributes, engine, NULL) : status;
}

#endif

/* ---- the same for both ---- */

kith_status kith_engine_open(kith_engine **out, kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, "oneDNN", "no memory");
    dnnl_status_t status = dnnl_engine_create(&(*out)->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        return KITH_OK;
    kith_engine_close(out);
    return failed(status, "engine", err);
}

void kith_engine_close(kith_engine **engine) {
    if (*engine && (*engine)->engine)
        dnnl_engine_destroy((*engine)->engine);
    free(*engine);
    *engine = NULL;
}

int kith_block(void) {
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core ? 16 : 8;
}

static dnnl_status_t append_activation(dnnl_post_ops_t ops, const kith_convolution *c) {
    switch (c->activation) {
    case KITH_RELU:
        return append_eltwise(ops, dnnl_eltwise_relu, 0, 0);
    case KITH_RELU6:
        return append_eltwise(ops, dnnl_eltwise_clip, 0, 6);
    case KITH_LEAKY:
    case KITH_PRELU_1:
        return append_eltwise(ops, dnnl_eltwise_relu, c->alpha, 0);
    case KITH_SIGMOID:
        return append_eltwise(ops, dnnl_eltwise_logistic, 0, 0);
    case KITH_LINEAR:
    case KITH_PRELU:
        break;
    }
    return dnnl_success;
}

/* Scratch memory is the caller's; sum and activation are fused. */
static dnnl_status_t make_attributes(dnnl_primitive_attr_t *out, const kith_convolution *c) {
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(out);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && c->add)
        status = append_sum(ops);
    if (status == dnnl_success)
        status = append_activation(ops, c);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*out, ops);
    if (ops)
        dnnl_post_ops_destroy(ops);
    return status;
}

/* The four layouts of a layer; those that were not made are NULL. */
typedef struct layouts {
    layout source, weights, bias, target;
    dnnl_primitive_attr_t attributes;
} layouts;

static void layouts_clear(layouts *l) {
    layout_free(l->source);
    layout_free(l->weights);
    layout_free(l->bias);
    layout_free(l->target);
    if (l->attributes)
        dnnl_primitive_attr_destroy(l->attributes);
}

static dnnl_format_tag_t map_tag(void) {
    return kith_block() == 16 ? dnnl_nChw16c : dnnl_nChw8c;
}

static dnnl_status_t convolution_layouts(layouts *out, const kith_convolution *c) {
    dnnl_dims_t source = {c->batch, c->in, c->height, c->width};
    dnnl_dims_t target = {c->batch, c->out, c->out_height, c->out_width};
    dnnl_dims_t grouped = {c->groups, c->out / c->groups, c->in / c->groups, c->kernel, c->kernel};
    dnnl_dims_t whole = {c->out, c->in, c->kernel, c->kernel};
    dnnl_dims_t bias = {c->out};
    bool one = c->groups == 1;
    dnnl_status_t status = make_attributes(&out->attributes, c);
    if (status == dnnl_success)
        status = layout_make(&out->source, 4, source, c->plain ? dnnl_nchw : map_tag());
    if (status == dnnl_success)
        status = layout_make(&out->weights, one ? 4 : 5, one ? whole : grouped, dnnl_format_tag_any);
    if (status == dnnl_success && c->bias)
        status = layout_make(&out->bias, 1, bias, dnnl_a);
    if (status == dnnl_success)
        status = layout_make(&out->target, 4, target, map_tag());
    return status;
}

static dnnl_status_t dense_layouts(layouts *out, const kith_convolution *c) {
    dnnl_dims_t source = {c->batch, c->in}, target = {c->batch, c->out}, weights = {c->out, c->in};
    dnnl_dims_t bias = {c->out};
    dnnl_status_t status = make_attributes(&out->attributes, c);
    if (status == dnnl_success)
        status = layout_make(&out->source, 2, source, dnnl_ab);
    if (status == dnnl_success)
        status = layout_make(&out->weights, 2, weights, dnnl_format_tag_any);
    if (status == dnnl_success && c->bias)
        status = layout_make(&out->bias, 1, bias, dnnl_a);
    if (status == dnnl_success)
        status = layout_make(&out->target, 2, target, dnnl_ab);
    return status;
}

/* Finishes a primitive whose description was made with `status`. */
static kith_status primitive_finish(kith_primitive **out, dnnl_status_t status, kith_primitive *made,
                                    kith_error *err) {
    if (status == dnnl_success)
        status = dnnl_primitive_create(&made->primitive, made->desc);
    if (status == dnnl_success)
        status = dnnl_stream_create(&made->stream, made->engine->engine, dnnl_stream_default_flags);
    *out = made;
    if (status == dnnl_success)
        return KITH_OK;
    kith_status result = failed(status, made->name, err);
    kith_primitive_close(out);
    return result;
}

static kith_primitive *primitive_new(kith_engine *engine, const char *name) {
    kith_primitive *made = calloc(1, sizeof *made);
    if (made)
        *made = (kith_primitive){.name = name, .engine = engine};
    return made;
}

kith_status kith_primitive_convolution(kith_primitive **out, kith_engine *engine,
                                       const kith_convolution *shape, const char *name, kith_error *err) {
    layouts l = {0};
    kith_primitive *made = primitive_new(engine, name);
    *out = NULL;
    if (!made)
        return failed(dnnl_out_of_memory, name, err);
    dnnl_status_t status = convolution_layouts(&l, shape);
    if (status == dnnl_success)
        status = convolution_desc(&made->desc, engine->engine, l.source, l.weights, l.bias, l.target, shape,
                                  l.attributes);
    layouts_clear(&l);
    return primitive_finish(out, status, made, err);
}

kith_status kith_primitive_dense(kith_primitive **out, kith_engine *engine, const kith_convolution *shape,
                                 const char *name, kith_error *err) {
    layouts l = {0};
    kith_primitive *made = primitive_new(engine, name);
    *out = NULL;
    if (!made)
        return failed(dnnl_out_of_memory, name, err);
    dnnl_status_t status = dense_layouts(&l, shape);
    if (status == dnnl_success)
        status = dense_desc(&made->desc, engine->engine, l.source, l.weights, l.bias, l.target, l.attributes);
    layouts_clear(&l);
    return primitive_finish(out, status, made, err);
}

void kith_primitive_close(kith_primitive **primitive) {
    kith_primitive *p = *primitive;
    *primitive = NULL;
    if (!p)
        return;
    for (int i = 0; i < p->count; i++)
        dnnl_memory_destroy(p->arguments[i].memory);
    if (p->stream)
        dnnl_stream_destroy(p->stream);
    if (p->primitive)
        dnnl_primitive_destroy(p->primitive);
    if (p->desc)
        dnnl_primitive_desc_destroy(p->desc);
    free(p);
}

static const_layout layout_of(const kith_primitive *p, dnnl_query_t what) {
    return dnnl_primitive_desc_query_md(p->desc, what, 0);
}

size_t kith_primitive_scratch(const kith_primitive *primitive) {
    const_layout scratch = layout_of(primitive, dnnl_query_scratchpad_md);
    return scratch ? dnnl_memory_desc_get_size(scratch) : 0;
}

bool kith_packed_fits(const kith_packed *packed, const kith_primitive *primitive) {
    return dnnl_memory_desc_equal(packed->layout, layout_of(primitive, dnnl_query_weights_md));
}

/* The sides of `like` in the order of the file, or in any. */
static dnnl_status_t other_layout(layout *out, const_layout like, bool any) {
#if DNNL_VERSION_MAJOR >= 3
    int rank = 0;
    dnnl_dims_t *found = NULL;
    dnnl_memory_desc_query(like, dnnl_query_ndims_s32, &rank);
    dnnl_memory_desc_query(like, dnnl_query_dims, &found);
    const dnnl_dim_t *sides = *found;
#else
    int rank = like->ndims;
    const dnnl_dim_t *sides = like->dims;
#endif
    dnnl_format_tag_t plain = rank == 2 ? dnnl_ab : rank == 4 ? dnnl_abcd : dnnl_abcde;
    return layout_make(out, rank, sides, any ? dnnl_format_tag_any : plain);
}

struct kith_reorder {
    const char *name;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    dnnl_memory_t from, to;
};

static dnnl_status_t reorder_make(kith_reorder *out, dnnl_engine_t engine, const_layout from,
                                  const_layout to) {
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(&out->desc, from, engine, to, engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&out->primitive, out->desc);
    if (status == dnnl_success)
        status = dnnl_stream_create(&out->stream, engine, dnnl_stream_default_flags);
    if (status == dnnl_success)
        status = dnnl_memory_create(&out->from, from, engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success)
        status = dnnl_memory_create(&out->to, to, engine, DNNL_MEMORY_NONE);
    return status;
}

static const_layout weights_layout(const kith_primitive *p) {
    return layout_of(p, p->direction == KITH_BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md
                                                              : dnnl_query_weights_md);
}

kith_status kith_reorder_make(kith_reorder **out, kith_engine *engine, const kith_primitive *primitive,
                              bool to_plain, const char *name, kith_error *err) {
    const_layout packed = weights_layout(primitive);
    layout plain = NULL;
    kith_reorder *made = *out = calloc(1, sizeof *made);
    if (!made)
        return failed(dnnl_out_of_memory, name, err);
    made->name = name;
    dnnl_status_t status = other_layout(&plain, packed, false);
    if (status == dnnl_success)
        status = to_plain ? reorder_make(made, engine->engine, packed, plain)
                          : reorder_make(made, engine->engine, plain, packed);
    layout_free(plain);
    if (status == dnnl_success)
        return KITH_OK;
    kith_reorder_close(out);
    return failed(status, name, err);
}

void kith_reorder_close(kith_reorder **reorder) {
    kith_reorder *r = *reorder;
    *reorder = NULL;
    if (!r)
        return;
    if (r->to)
        dnnl_memory_destroy(r->to);
    if (r->from)
        dnnl_memory_destroy(r->from);
    if (r->stream)
        dnnl_stream_destroy(r->stream);
    if (r->primitive)
        dnnl_primitive_destroy(r->primitive);
    if (r->desc)
        dnnl_primitive_desc_destroy(r->desc);
    free(r);
}

kith_status kith_reorder_run(kith_reorder *reorder, const float *from, float *to, kith_error *err) {
    dnnl_exec_arg_t arguments[2] = {{DNNL_ARG_FROM, reorder->from}, {DNNL_ARG_TO, reorder->to}};
    dnnl_status_t status = dnnl_memory_set_data_handle(reorder->from, (void *)from);
    if (status == dnnl_success)
        status = dnnl_memory_set_data_handle(reorder->to, to);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(reorder->primitive, reorder->stream, 2, arguments);
    if (status == dnnl_success)
        status = dnnl_stream_wait(reorder->stream);
    return status == dnnl_success ? KITH_OK : failed(status, reorder->name, err);
}

kith_status kith_packed_make(kith_packed **out, kith_engine *engine, const kith_primitive *primitive,
                             const float *weights, const char *name, kith_error *err) {
    const_layout wanted = weights_layout(primitive);
    kith_reorder *reorder = NULL;
    kith_packed *made = calloc(1, sizeof *made);
    *out = NULL;
    if (!made)
        return failed(dnnl_out_of_memory, name, err);
    kith_status status = KITH_OK;
    made->size = (dnnl_memory_desc_get_size(wanted) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    made->values = aligned_alloc(ALIGNMENT, made->size);
    if (!made->values || layout_copy(&made->layout, wanted) != dnnl_success)
        status = failed(dnnl_out_of_memory, name, err);
    if (status == KITH_OK)
        status = kith_reorder_make(&reorder, engine, primitive, false, name, err);
    if (status == KITH_OK)
        status = kith_reorder_run(reorder, weights, made->values, err);
    kith_reorder_close(&reorder);
    *out = made;
    if (status != KITH_OK)
        kith_packed_close(out);
    return status;
}

void kith_packed_close(kith_packed **packed) {
    if (*packed) {
        layout_free((*packed)->layout);
        free((*packed)->values);
    }
    free(*packed);
    *packed = NULL;
}

size_t kith_packed_size(const kith_packed *packed) {
    return packed->size;
}

static dnnl_status_t bind_one(kith_primitive *p, int argument, dnnl_query_t what, int index, void *data) {
    const_layout wanted = dnnl_primitive_desc_query_md(p->desc, what, index);
    if (!data || !wanted)
        return dnnl_success;
    dnnl_memory_t memory;
    dnnl_status_t status = dnnl_memory_create(&memory, wanted, p->engine->engine, data);
    if (status == dnnl_success)
        p->arguments[p->count++] = (dnnl_exec_arg_t){argument, memory};
    return status;
}

kith_status kith_primitive_bind(kith_primitive *primitive, float *source, float *target,
                                const kith_packed *packed, float *bias, void *scratch, kith_error *err) {
    dnnl_status_t status = bind_one(primitive, DNNL_ARG_SRC, dnnl_query_src_md, 0, source);
    if (status == dnnl_success)
        status = bind_one(primitive, DNNL_ARG_DST, dnnl_query_dst_md, 0, target);
    if (status == dnnl_success)
        status =
            bind_one(primitive, DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0, packed ? packed->values : NULL);
    if (status == dnnl_success)
        status = bind_one(primitive, DNNL_ARG_BIAS, dnnl_query_weights_md, 1, bias);
    if (status == dnnl_success)
        status = bind_one(primitive, DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md, 0, scratch);
    return status == dnnl_success ? KITH_OK : failed(status, primitive->name, err);
}

kith_status kith_primitive_run(const kith_primitive *primitive, kith_error *err) {
    dnnl_status_t status = dnnl_primitive_execute(primitive->primitive, primitive->stream, primitive->count,
                                                  primitive->arguments);
    return status == dnnl_success ? KITH_OK : failed(status, primitive->name, err);
}

/* ---- training ---- */

/* What an argument of a 1x1 convolution is called in each direction. */
typedef struct argument {
    int name;
    dnnl_query_t layout;
} argument;

enum { SOURCE, WEIGHTS, TARGET, SIDES };

static const argument sides[][SIDES] = {
    [KITH_FORWARD] = {{DNNL_ARG_SRC, dnnl_query_src_md},
                      {DNNL_ARG_WEIGHTS, dnnl_query_weights_md},
                      {DNNL_ARG_DST, dnnl_query_dst_md}},
    [KITH_BACKWARD_SOURCE] = {{DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md},
                              {DNNL_ARG_WEIGHTS, dnnl_query_weights_md},
                              {DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md}},
    [KITH_BACKWARD_WEIGHTS] = {{DNNL_ARG_SRC, dnnl_query_src_md},
                               {DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md},
                               {DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md}},
};

static dnnl_status_t pointwise_layouts(layouts *out, const kith_pointwise *shape) {
    const kith_convolution none = {.activation = KITH_LINEAR};
    dnnl_dims_t source = {1, shape->in, 1, shape->pixels}, target = {1, shape->out, 1, shape->pixels};
    dnnl_dims_t weights = {shape->out, shape->in, 1, 1};
    dnnl_status_t status = make_attributes(&out->attributes, &none);
    if (status == dnnl_success)
        status = layout_make(&out->source, 4, source, map_tag());
    if (status == dnnl_success)
        status = shape->like ? layout_copy(&out->weights, weights_layout(shape->like))
                             : layout_make(&out->weights, 4, weights, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = layout_make(&out->target, 4, target, map_tag());
    return status;
}

/* The backward directions want to see the forward one. */
static dnnl_status_t pointwise_both(kith_primitive *made, const layouts *l, kith_direction direction) {
    dnnl_engine_t engine = made->engine->engine;
    layout any = NULL; /* the forward one's own choice */
    dnnl_primitive_desc_t forward = NULL;
    if (direction == KITH_FORWARD)
        return pointwise_desc(&made->desc, engine, l->source, l->weights, l->target, direction, NULL,
                              l->attributes);
    dnnl_status_t status = other_layout(&any, l->weights, true);
    if (status == dnnl_success)
        status =
            pointwise_desc(&forward, engine, l->source, any, l->target, KITH_FORWARD, NULL, l->attributes);
    if (status == dnnl_success)
        status = pointwise_desc(&made->desc, engine, l->source, l->weights, l->target, direction, forward,
                                l->attributes);
    if (forward)
        dnnl_primitive_desc_destroy(forward);
    layout_free(any);
    return status;
}

static dnnl_status_t add_argument(kith_primitive *p, int name, dnnl_query_t what) {
    const_layout wanted = layout_of(p, what);
    dnnl_memory_t memory;
    if (!wanted || dnnl_memory_desc_get_size(wanted) == 0)
        return dnnl_success;
    dnnl_status_t status = dnnl_memory_create(&memory, wanted, p->engine->engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success)
        p->arguments[p->count++] = (dnnl_exec_arg_t){name, memory};
    return status;
}

kith_status kith_primitive_pointwise(kith_primitive **out, kith_engine *engine, const kith_pointwise *shape,
                                     const char *name, kith_error *err) {
    layouts l = {0};
    kith_primitive *made = primitive_new(engine, name);
    *out = NULL;
    if (!made)
        return failed(dnnl_out_of_memory, name, err);
    made->direction = shape->direction;
    dnnl_status_t status = pointwise_layouts(&l, shape);
    if (status == dnnl_success)
        status = pointwise_both(made, &l, shape->direction);
    layouts_clear(&l);
    for (int i = 0; i < SIDES && status == dnnl_success; i++)
        status = add_argument(made, sides[shape->direction][i].name, sides[shape->direction][i].layout);
    if (status == dnnl_success)
        status = add_argument(made, DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md);
    return primitive_finish(out, status, made, err);
}

kith_status kith_primitive_run_on(kith_primitive *primitive, const float *source, const float *weights,
                                  const float *target, void *scratch, kith_error *err) {
    void *places[SIDES + 1] = {(void *)source, (void *)weights, (void *)target, scratch};
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < primitive->count && status == dnnl_success; i++)
        status = dnnl_memory_set_data_handle(primitive->arguments[i].memory, places[i]);
    return status == dnnl_success ? kith_primitive_run(primitive, err) : failed(status, primitive->name, err);
}

size_t kith_primitive_weights_size(const kith_primitive *primitive) {
    return dnnl_memory_desc_get_size(weights_layout(primitive));
}
