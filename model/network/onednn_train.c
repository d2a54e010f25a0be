/* SPDX-License-Identifier: MIT
 *
 * 1x1 convolutions forward and backward, over any number of pixels, on data that change from run to run.
 */
#include "model/network/onednn_parts.h"

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

static dnnl_status_t pointwise_layouts(kith_layouts *out, const kith_pointwise *shape) {
    const kith_convolution none = {.activation = KITH_LINEAR};
    dnnl_dims_t source = {1, shape->in, 1, shape->pixels}, target = {1, shape->out, 1, shape->pixels};
    dnnl_dims_t weights = {shape->out, shape->in, 1, 1};
    dnnl_status_t status = kith_attributes_make(&out->attributes, &none);
    if (status == dnnl_success)
        status = kith_layout_make(&out->source, 4, source, kith_map_tag());
    if (status == dnnl_success)
        status = shape->like ? kith_layout_copy(&out->weights, kith_weights_layout(shape->like))
                             : kith_layout_make(&out->weights, 4, weights, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = kith_layout_make(&out->target, 4, target, kith_map_tag());
    return status;
}

/* The backward directions want to see the forward one, whose weights are as it likes. */
static dnnl_status_t pointwise_both(kith_primitive *made, const kith_layouts *l, kith_direction direction) {
    dnnl_engine_t engine = made->engine->engine;
    kith_layouts free_choice = *l;
    dnnl_primitive_desc_t forward = NULL;
    if (direction == KITH_FORWARD)
        return kith_pointwise_desc(&made->desc, engine, l, direction, NULL);
    dnnl_status_t status = kith_layout_like(&free_choice.weights, l->weights, true);
    if (status == dnnl_success)
        status = kith_pointwise_desc(&forward, engine, &free_choice, KITH_FORWARD, NULL);
    if (status == dnnl_success)
        status = kith_pointwise_desc(&made->desc, engine, l, direction, forward);
    if (forward)
        dnnl_primitive_desc_destroy(forward);
    if (free_choice.weights != l->weights)
        kith_layout_free(free_choice.weights);
    return status;
}

static dnnl_status_t add_argument(kith_primitive *p, int name, dnnl_query_t what) {
    kith_const_layout wanted = kith_primitive_layout(p, what);
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
    kith_layouts l = {0};
    kith_primitive *made = kith_primitive_new(engine, name);
    *out = NULL;
    if (!made)
        return kith_onednn_failed(dnnl_out_of_memory, name, err);
    made->direction = shape->direction;
    dnnl_status_t status = pointwise_layouts(&l, shape);
    if (status == dnnl_success)
        status = pointwise_both(made, &l, shape->direction);
    kith_layouts_clear(&l);
    for (int i = 0; i < SIDES && status == dnnl_success; i++)
        status = add_argument(made, sides[shape->direction][i].name, sides[shape->direction][i].layout);
    if (status == dnnl_success)
        status = add_argument(made, DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md);
    return kith_primitive_finish(out, status, made, err);
}

kith_status kith_primitive_run_on(kith_primitive *primitive, const float *source, const float *weights,
                                  const float *target, void *scratch, kith_error *err) {
    void *places[SIDES + 1] = {(void *)source, (void *)weights, (void *)target, scratch};
    dnnl_status_t status = dnnl_success;
    for (int i = 0; i < primitive->count && status == dnnl_success; i++)
        status = dnnl_memory_set_data_handle(primitive->arguments[i].memory, places[i]);
    return status == dnnl_success ? kith_primitive_run(primitive, err)
                                  : kith_onednn_failed(status, primitive->name, err);
}

size_t kith_primitive_weights_size(const kith_primitive *primitive) {
    return dnnl_memory_desc_get_size(kith_weights_layout(primitive));
}
