/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "model/network/arch.h"

/* Parameters. */
typedef struct counting {
    uint64_t rows[KITH_LAYERS_MOST], all;
} counting;

static kith_status count_one(void *context, const kith_expected *tensor, kith_error *err) {
    counting *c = context;
    (void)err;
    if (tensor->role == KITH_INPUT_MEAN || tensor->role == KITH_INPUT_SCALE)
        return KITH_OK;
    c->rows[tensor->row] += tensor->count;
    c->all += tensor->count;
    return KITH_OK;
}

uint64_t kith_arch_parameters(const kith_arch *arch) {
    counting c = {0};
    kith_arch_each_tensor(arch, count_one, &c, NULL);
    return c.all;
}

kith_status kith_arch_summary(const kith_arch *arch, int width, int height, FILE *out, kith_error *err) {
    kith_shape shapes[KITH_LAYERS_MOST];
    counting c = {0};
    kith_status status = kith_arch_shapes(shapes, arch, NULL, width, height, err);
    if (status == KITH_OK)
        status = kith_arch_each_tensor(arch, count_one, &c, err);
    if (status != KITH_OK)
        return status;
    fprintf(out, "%-22s %-12s %16s %12s\n", "layer", "kind", "output", "parameters");
    for (int i = 0; i < arch->count; i++) {
        char shape[64];
        snprintf(shape, sizeof shape, "%d x %d x %d", shapes[i].channels, shapes[i].height, shapes[i].width);
        fprintf(out, "%-22s %-12s %16s %12" PRIu64 "\n", arch->layers[i].name,
                kith_operators[arch->layers[i].op].name, shape, c.rows[i]);
    }
    fprintf(out, "%s: %d layers, %" PRIu64 " parameters\n", arch->name, arch->count, c.all);
    return KITH_OK;
}
