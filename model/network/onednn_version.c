/* SPDX-License-Identifier: MIT */
#include "model/network/onednn_parts.h"

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t kith_layout_make(kith_layout *out, int rank, const dnnl_dims_t sides, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(out, rank, sides, dnnl_f32, tag);
}

void kith_layout_free(kith_layout l) {
    if (l)
        dnnl_memory_desc_destroy(l);
}

dnnl_status_t kith_layout_copy(kith_layout *out, kith_const_layout from) {
    return dnnl_memory_desc_clone(out, from);
}

dnnl_status_t kith_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha, float beta) {
    return dnnl_post_ops_append_eltwise(ops, kind, alpha, beta);
}

dnnl_status_t kith_append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
}

dnnl_status_t kith_convolution_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *l,
                                    const kith_convolution *c) {
    dnnl_dims_t stride = {c->stride, c->stride}, dilation = {0, 0};
    dnnl_dims_t before = {c->before, c->before}, after = {c->after, c->after};
    return dnnl_convolution_forward_primitive_desc_create(
        out, engine, dnnl_forward_inference, dnnl_convolution_direct, l->source, l->weights, l->bias,
        l->target, stride, dilation, before, after, l->attributes);
}

dnnl_status_t kith_pointwise_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *l,
                                  kith_direction direction, dnnl_primitive_desc_t forward) {
    dnnl_dims_t stride = {1, 1}, none = {0, 0};
    switch (direction) {
    case KITH_FORWARD:
        return dnnl_convolution_forward_primitive_desc_create(
            out, engine, dnnl_forward_training, dnnl_convolution_direct, l->source, l->weights, NULL,
            l->target, stride, none, none, none, l->attributes);
    case KITH_BACKWARD_SOURCE:
        return dnnl_convolution_backward_data_primitive_desc_create(out, engine, dnnl_convolution_direct,
                                                                    l->source, l->weights, l->target, stride,
                                                                    none, none, none, forward, l->attributes);
    case KITH_BACKWARD_WEIGHTS:
        break;
    }
    return dnnl_convolution_backward_weights_primitive_desc_create(
        out, engine, dnnl_convolution_direct, l->source, l->weights, NULL, l->target, stride, none, none,
        none, forward, l->attributes);
}

dnnl_status_t kith_dense_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *l) {
    return dnnl_inner_product_forward_primitive_desc_create(out, engine, dnnl_forward_inference, l->source,
                                                            l->weights, l->bias, l->target, l->attributes);
}

#else

dnnl_status_t kith_layout_make(kith_layout *out, int rank, const dnnl_dims_t sides, dnnl_format_tag_t tag) {
    *out = calloc(1, sizeof **out);
    return *out ? dnnl_memory_desc_init_by_tag(*out, rank, sides, dnnl_f32, tag) : dnnl_out_of_memory;
}

void kith_layout_free(kith_layout l) {
    free(l);
}

dnnl_status_t kith_layout_copy(kith_layout *out, kith_const_layout from) {
    *out = malloc(sizeof **out);
    if (!*out)
        return dnnl_out_of_memory;
    **out = *from;
    return dnnl_success;
}

dnnl_status_t kith_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha, float beta) {
    return dnnl_post_ops_append_eltwise(ops, 1, kind, alpha, beta);
}

dnnl_status_t kith_append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1);
}

dnnl_status_t kith_convolution_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *l,
                                    const kith_convolution *c) {
    dnnl_dims_t stride = {c->stride, c->stride};
    dnnl_dims_t before = {c->before, c->before}, after = {c->after, c->after};
    dnnl_convolution_desc_t desc;
    dnnl_status_t status =
        dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct, l->source,
                                           l->weights, l->bias, l->target, stride, before, after);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, l->attributes, engine, NULL)
                                  : status;
}

dnnl_status_t kith_pointwise_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *l,
                                  kith_direction direction, dnnl_primitive_desc_t forward) {
    dnnl_dims_t stride = {1, 1}, none = {0, 0};
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_invalid_arguments;
    switch (direction) {
    case KITH_FORWARD:
        status =
            dnnl_convolution_forward_desc_init(&desc, dnnl_forward_training, dnnl_convolution_direct,
                                               l->source, l->weights, NULL, l->target, stride, none, none);
        break;
    case KITH_BACKWARD_SOURCE:
        status = dnnl_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, l->source,
                                                          l->weights, l->target, stride, none, none);
        break;
    case KITH_BACKWARD_WEIGHTS:
        status = dnnl_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, l->source,
                                                             l->weights, NULL, l->target, stride, none, none);
        break;
    }
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, l->attributes, engine, forward)
                                  : status;
}

dnnl_status_t kith_dense_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *l) {
    dnnl_inner_product_desc_t desc;
    dnnl_status_t status = dnnl_inner_product_forward_desc_init(&desc, dnnl_forward_inference, l->source,
                                                                l->weights, l->bias, l->target);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, l->attributes, engine, NULL)
                                  : status;
}

#endif

dnnl_status_t kith_layout_like(kith_layout *out, kith_const_layout like, bool any) {
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
    return kith_layout_make(out, rank, sides, any ? dnnl_format_tag_any : plain);
}
