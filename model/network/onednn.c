/* SPDX-License-Identifier: MIT */
#include "model/network/onednn_parts.h"

enum { ALIGNMENT = 64 };

struct kith_packed {
    kith_layout layout;
    float *values;
    size_t size;
};

kith_status kith_onednn_failed(dnnl_status_t status, const char *name, kith_error *err) {
    if (status == dnnl_out_of_memory)
        return kith_fail(err, KITH_E_MEMORY, 0, name, "no memory for this layer");
    return kith_fail(err, KITH_E_REFUSED, (int)status, name, "oneDNN %d.%d refused this layer (status %d)",
                     DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, (int)status);
}

kith_status kith_engine_open(kith_engine **out, kith_error *err) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return kith_fail(err, KITH_E_MEMORY, 0, "oneDNN", "no memory");
    dnnl_status_t status = dnnl_engine_create(&(*out)->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        return KITH_OK;
    kith_engine_close(out);
    return kith_onednn_failed(status, "engine", err);
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
        return kith_append_eltwise(ops, dnnl_eltwise_relu, 0, 0);
    case KITH_RELU6:
        return kith_append_eltwise(ops, dnnl_eltwise_clip, 0, 6);
    case KITH_LEAKY:
    case KITH_PRELU_1:
        return kith_append_eltwise(ops, dnnl_eltwise_relu, c->alpha, 0);
    case KITH_SIGMOID:
        return kith_append_eltwise(ops, dnnl_eltwise_logistic, 0, 0);
    case KITH_LINEAR:
    case KITH_PRELU:
        break;
    }
    return dnnl_success;
}

dnnl_status_t kith_attributes_make(dnnl_primitive_attr_t *out, const kith_convolution *c) {
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(out);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && c->add)
        status = kith_append_sum(ops);
    if (status == dnnl_success)
        status = append_activation(ops, c);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*out, ops);
    if (ops)
        dnnl_post_ops_destroy(ops);
    return status;
}

void kith_layouts_clear(kith_layouts *l) {
    kith_layout_free(l->source);
    kith_layout_free(l->weights);
    kith_layout_free(l->bias);
    kith_layout_free(l->target);
    if (l->attributes)
        dnnl_primitive_attr_destroy(l->attributes);
}

dnnl_format_tag_t kith_map_tag(void) {
    return kith_block() == 16 ? dnnl_nChw16c : dnnl_nChw8c;
}

static dnnl_status_t convolution_layouts(kith_layouts *out, const kith_convolution *c) {
    dnnl_dims_t source = {c->batch, c->in, c->height, c->width};
    dnnl_dims_t target = {c->batch, c->out, c->out_height, c->out_width};
    dnnl_dims_t grouped = {c->groups, c->out / c->groups, c->in / c->groups, c->kernel, c->kernel};
    dnnl_dims_t whole = {c->out, c->in, c->kernel, c->kernel};
    dnnl_dims_t bias = {c->out};
    bool one = c->groups == 1;
    dnnl_status_t status = kith_attributes_make(&out->attributes, c);
    if (status == dnnl_success)
        status = kith_layout_make(&out->source, 4, source, c->plain ? dnnl_nchw : kith_map_tag());
    if (status == dnnl_success)
        status = kith_layout_make(&out->weights, one ? 4 : 5, one ? whole : grouped, dnnl_format_tag_any);
    if (status == dnnl_success && c->bias)
        status = kith_layout_make(&out->bias, 1, bias, dnnl_a);
    if (status == dnnl_success)
        status = kith_layout_make(&out->target, 4, target, kith_map_tag());
    return status;
}

static dnnl_status_t dense_layouts(kith_layouts *out, const kith_convolution *c) {
    dnnl_dims_t source = {c->batch, c->in}, target = {c->batch, c->out}, weights = {c->out, c->in};
    dnnl_dims_t bias = {c->out};
    dnnl_status_t status = kith_attributes_make(&out->attributes, c);
    if (status == dnnl_success)
        status = kith_layout_make(&out->source, 2, source, dnnl_ab);
    if (status == dnnl_success)
        status = kith_layout_make(&out->weights, 2, weights, dnnl_format_tag_any);
    if (status == dnnl_success && c->bias)
        status = kith_layout_make(&out->bias, 1, bias, dnnl_a);
    if (status == dnnl_success)
        status = kith_layout_make(&out->target, 2, target, dnnl_ab);
    return status;
}

kith_status kith_primitive_finish(kith_primitive **out, dnnl_status_t status, kith_primitive *made,
                                  kith_error *err) {
    if (status == dnnl_success)
        status = dnnl_primitive_create(&made->primitive, made->desc);
    if (status == dnnl_success)
        status = dnnl_stream_create(&made->stream, made->engine->engine, dnnl_stream_default_flags);
    *out = made;
    if (status == dnnl_success)
        return KITH_OK;
    kith_status result = kith_onednn_failed(status, made->name, err);
    kith_primitive_close(out);
    return result;
}

kith_primitive *kith_primitive_new(kith_engine *engine, const char *name) {
    kith_primitive *made = calloc(1, sizeof *made);
    if (made)
        *made = (kith_primitive){.name = name, .engine = engine};
    return made;
}

kith_status kith_primitive_convolution(kith_primitive **out, kith_engine *engine,
                                       const kith_convolution *shape, const char *name, kith_error *err) {
    kith_layouts l = {0};
    kith_primitive *made = kith_primitive_new(engine, name);
    *out = NULL;
    if (!made)
        return kith_onednn_failed(dnnl_out_of_memory, name, err);
    dnnl_status_t status = convolution_layouts(&l, shape);
    if (status == dnnl_success)
        status = kith_convolution_desc(&made->desc, engine->engine, &l, shape);
    kith_layouts_clear(&l);
    return kith_primitive_finish(out, status, made, err);
}

kith_status kith_primitive_dense(kith_primitive **out, kith_engine *engine, const kith_convolution *shape,
                                 const char *name, kith_error *err) {
    kith_layouts l = {0};
    kith_primitive *made = kith_primitive_new(engine, name);
    *out = NULL;
    if (!made)
        return kith_onednn_failed(dnnl_out_of_memory, name, err);
    dnnl_status_t status = dense_layouts(&l, shape);
    if (status == dnnl_success)
        status = kith_dense_desc(&made->desc, engine->engine, &l);
    kith_layouts_clear(&l);
    return kith_primitive_finish(out, status, made, err);
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

kith_const_layout kith_primitive_layout(const kith_primitive *p, dnnl_query_t what) {
    return dnnl_primitive_desc_query_md(p->desc, what, 0);
}

size_t kith_primitive_scratch(const kith_primitive *primitive) {
    kith_const_layout scratch = kith_primitive_layout(primitive, dnnl_query_scratchpad_md);
    return scratch ? dnnl_memory_desc_get_size(scratch) : 0;
}

bool kith_packed_fits(const kith_packed *packed, const kith_primitive *primitive) {
    return dnnl_memory_desc_equal(packed->layout, kith_primitive_layout(primitive, dnnl_query_weights_md));
}

struct kith_reorder {
    const char *name;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    dnnl_memory_t from, to;
};

static dnnl_status_t reorder_make(kith_reorder *out, dnnl_engine_t engine, kith_const_layout from,
                                  kith_const_layout to) {
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

kith_const_layout kith_weights_layout(const kith_primitive *p) {
    return kith_primitive_layout(p, p->direction == KITH_BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md
                                                                          : dnnl_query_weights_md);
}

kith_status kith_reorder_make(kith_reorder **out, kith_engine *engine, const kith_primitive *primitive,
                              bool to_plain, const char *name, kith_error *err) {
    kith_const_layout packed = kith_weights_layout(primitive);
    kith_layout plain = NULL;
    kith_reorder *made = *out = calloc(1, sizeof *made);
    if (!made)
        return kith_onednn_failed(dnnl_out_of_memory, name, err);
    made->name = name;
    dnnl_status_t status = kith_layout_like(&plain, packed, false);
    if (status == dnnl_success)
        status = to_plain ? reorder_make(made, engine->engine, packed, plain)
                          : reorder_make(made, engine->engine, plain, packed);
    kith_layout_free(plain);
    if (status == dnnl_success)
        return KITH_OK;
    kith_reorder_close(out);
    return kith_onednn_failed(status, name, err);
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
    return status == dnnl_success ? KITH_OK : kith_onednn_failed(status, reorder->name, err);
}

kith_status kith_packed_make(kith_packed **out, kith_engine *engine, const kith_primitive *primitive,
                             const float *weights, const char *name, kith_error *err) {
    kith_const_layout wanted = kith_weights_layout(primitive);
    kith_reorder *reorder = NULL;
    kith_packed *made = calloc(1, sizeof *made);
    *out = NULL;
    if (!made)
        return kith_onednn_failed(dnnl_out_of_memory, name, err);
    kith_status status = KITH_OK;
    made->size = (dnnl_memory_desc_get_size(wanted) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    made->values = aligned_alloc(ALIGNMENT, made->size);
    if (!made->values || kith_layout_copy(&made->layout, wanted) != dnnl_success)
        status = kith_onednn_failed(dnnl_out_of_memory, name, err);
    if (status == KITH_OK)
        status = kith_reorder_make(&reorder, engine, primitive, false, name, err);
    if (status == KITH_OK && reorder)
        status = kith_reorder_run(reorder, weights, made->values, err);
    kith_reorder_close(&reorder);
    *out = made;
    if (status != KITH_OK)
        kith_packed_close(out);
    return status;
}

void kith_packed_close(kith_packed **packed) {
    if (*packed) {
        kith_layout_free((*packed)->layout);
        free((*packed)->values);
    }
    free(*packed);
    *packed = NULL;
}

size_t kith_packed_size(const kith_packed *packed) {
    return packed->size;
}

static dnnl_status_t bind_one(kith_primitive *p, int argument, dnnl_query_t what, int index, void *data) {
    kith_const_layout wanted = dnnl_primitive_desc_query_md(p->desc, what, index);
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
    return status == dnnl_success ? KITH_OK : kith_onednn_failed(status, primitive->name, err);
}

kith_status kith_primitive_run(const kith_primitive *primitive, kith_error *err) {
    dnnl_status_t status = dnnl_primitive_execute(primitive->primitive, primitive->stream, primitive->count,
                                                  primitive->arguments);
    return status == dnnl_success ? KITH_OK : kith_onednn_failed(status, primitive->name, err);
}
