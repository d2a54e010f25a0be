/* SPDX-License-Identifier: MIT
 *
 * Inside of onednn.h: what its files share. onednn_version.c alone knows how 2.x and 3.x differ.
 */
#ifndef KITH_MODEL_NETWORK_ONEDNN_PARTS_H
#define KITH_MODEL_NETWORK_ONEDNN_PARTS_H

#include <oneapi/dnnl/dnnl.h>

#include "model/network/onednn.h"

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t kith_layout;
typedef const_dnnl_memory_desc_t kith_const_layout;
#else
typedef dnnl_memory_desc_t *kith_layout;
typedef const dnnl_memory_desc_t *kith_const_layout;
#endif

enum { KITH_ARGUMENTS = 5 };

struct kith_engine {
    dnnl_engine_t engine;
};

struct kith_primitive {
    const char *name;
    kith_engine *engine;
    kith_direction direction;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    dnnl_exec_arg_t arguments[KITH_ARGUMENTS];
    int count;
};

/* The four layouts of a layer; those that were not made are NULL. */
typedef struct kith_layouts {
    kith_layout source, weights, bias, target;
    dnnl_primitive_attr_t attributes;
} kith_layouts;

/* ---- onednn_version.c ---- */

dnnl_status_t kith_layout_make(kith_layout *out, int rank, const dnnl_dims_t sides, dnnl_format_tag_t tag);
void kith_layout_free(kith_layout l);
dnnl_status_t kith_layout_copy(kith_layout *out, kith_const_layout from);

/* The sides of `like` in the order of the file, or in any. */
dnnl_status_t kith_layout_like(kith_layout *out, kith_const_layout like, bool any);

dnnl_status_t kith_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha, float beta);
dnnl_status_t kith_append_sum(dnnl_post_ops_t ops);
dnnl_status_t kith_convolution_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                    const kith_layouts *layouts, const kith_convolution *c);
dnnl_status_t kith_dense_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine, const kith_layouts *layouts);

/* `forward`: what the backward directions want to see. */
dnnl_status_t kith_pointwise_desc(dnnl_primitive_desc_t *out, dnnl_engine_t engine,
                                  const kith_layouts *layouts, kith_direction direction,
                                  dnnl_primitive_desc_t forward);

/* ---- onednn.c ---- */

kith_status kith_onednn_failed(dnnl_status_t status, const char *name, kith_error *err);
dnnl_format_tag_t kith_map_tag(void); /* of blocked activations */
void kith_layouts_clear(kith_layouts *l);

/* Scratch memory is the caller's; sum and activation are fused. */
dnnl_status_t kith_attributes_make(dnnl_primitive_attr_t *out, const kith_convolution *c);

kith_primitive *kith_primitive_new(kith_engine *engine, const char *name);

/* Finishes a primitive whose description was made with `status`. */
kith_status kith_primitive_finish(kith_primitive **out, dnnl_status_t status, kith_primitive *made,
                                  kith_error *err);
kith_const_layout kith_primitive_layout(const kith_primitive *p, dnnl_query_t what);
kith_const_layout kith_weights_layout(const kith_primitive *p);

#endif
