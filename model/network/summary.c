/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "model/network/arch.h"

typedef struct counting {
    uint64_t rows[KITH_LAYERS_MOST];
} counting;

static kith_status count_one(void *context, const kith_expected *tensor, kith_error *err) {
    counting *c = context;
    (void)err;
    if (tensor->role != KITH_INPUT_MEAN && tensor->role != KITH_INPUT_SCALE)
        c->rows[tensor->row] += tensor->count;
    return KITH_OK;
}

static kith_status count_rows(counting *out, const kith_arch *arch, kith_error *err) {
    *out = (counting){0};
    return kith_arch_each_tensor(arch, count_one, out, err);
}

uint64_t kith_arch_parameters(const kith_arch *arch) {
    counting c;
    uint64_t sum = 0;
    count_rows(&c, arch, NULL);
    for (int i = 0; i < arch->count; i++)
        sum += c.rows[i];
    return sum;
}

kith_status kith_arch_summary(const kith_arch *arch, int width, int height, FILE *out, kith_error *err) {
    kith_shape shapes[KITH_LAYERS_MOST];
    counting c;
    kith_status status = kith_arch_shapes(shapes, arch, NULL, width, height, err);
    if (status == KITH_OK)
        status = count_rows(&c, arch, err);
    if (status != KITH_OK)
        return status;
    fprintf(out, "%-22s %-12s %16s %12s\n", "layer", "kind", "output", "parameters");
    for (int i = 0; i < arch->count; i++) {
        char shape[64];
        snprintf(shape, sizeof shape, "%d x %d x %d", shapes[i].channels, shapes[i].height, shapes[i].width);
        fprintf(out, "%-22s %-12s %16s %12" PRIu64 "\n", arch->layers[i].name,
                kith_operators[arch->layers[i].op].name, shape, c.rows[i]);
    }
    fprintf(out, "%s: %d layers, %" PRIu64 " parameters\n", arch->name, arch->count,
            kith_arch_parameters(arch));
    return KITH_OK;
}
