/* SPDX-License-Identifier: MIT */
#include "model/network/plan.h"

#include <stdint.h>

enum { ALIGNMENT = 64 };
static const size_t arena_most = (size_t)8 << 30;

/* Rows that share a piece of memory have the same root; the piece is needed from its first row to `last`. */
typedef struct pieces {
    kith_links links[KITH_LAYERS_MOST];
    int root[KITH_LAYERS_MOST], last[KITH_LAYERS_MOST];
    size_t size[KITH_LAYERS_MOST];
} pieces;

static int last_reader(const pieces *p, int row, int count) {
    int last = row;
    for (int i = row + 1; i < count; i++)
        if (p->links[i].from == row || p->links[i].with == row || p->links[i].gate == row)
            last = i;
    return last;
}

/* The row whose piece row `i` may overwrite, or -1. */
static int overwritten(const kith_arch *arch, const pieces *p, int i) {
    const kith_operator *op = &kith_operators[arch->layers[i].op];
    int over = op->over_with ? p->links[i].with : op->over_from ? p->links[i].from : -1;
    return over >= 0 && p->last[p->root[over]] == i ? over : -1;
}

static void find_pieces(pieces *p, const kith_plan *plan, const kith_arch *arch, int batch, bool keep_all) {
    for (int i = 0; i < arch->count; i++)
        p->links[i] = kith_arch_links(arch, i);
    for (int i = 0; i < arch->count; i++) {
        p->root[i] = i;
        p->last[i] = keep_all ? arch->count : last_reader(p, i, arch->count);
        size_t bytes = kith_shape_size(&plan->shapes[i], batch) * sizeof(float);
        p->size[i] =
            arch->layers[i].op == KITH_OP_OUTPUT ? 0 : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        int over = overwritten(arch, p, i);
        if (over < 0)
            continue;
        p->root[i] = p->root[over];
        p->last[p->root[i]] = p->last[i];
    }
}

static bool alive(const pieces *p, int piece, int row) {
    return p->root[piece] == piece && piece < row && p->last[piece] >= row && p->size[piece] > 0;
}

/* The lowest place for `row` where nothing that is alive lies. */
static size_t place(const pieces *p, const kith_plan *plan, int row) {
    size_t at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int j = 0; j < row; j++)
            if (alive(p, j, row) && at < plan->offsets[j] + p->size[j] &&
                plan->offsets[j] < at + p->size[row]) {
                at = plan->offsets[j] + p->size[j];
                moved = true;
            }
    }
    return at;
}

kith_status kith_plan_make(kith_plan *out, const kith_arch *arch, const int *channels, int width, int height,
                           int batch, bool keep_all, kith_error *err) {
    pieces p;
    kith_status status = kith_arch_shapes(out->shapes, arch, channels, width, height, err);
    if (status != KITH_OK)
        return status;
    find_pieces(&p, out, arch, batch, keep_all);
    out->size = ALIGNMENT;
    for (int i = 0; i < arch->count; i++) {
        out->offsets[i] = p.root[i] == i ? place(&p, out, i) : out->offsets[p.root[i]];
        if (out->offsets[i] + p.size[i] > out->size)
            out->size = out->offsets[i] + p.size[i];
    }
    if (out->size > arena_most)
        return kith_fail(err, KITH_E_LIMIT, 0, arch->name, "an input of %d x %d needs more than 8 GiB", width,
                         height);
    return KITH_OK;
}
