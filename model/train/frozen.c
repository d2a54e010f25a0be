/* SPDX-License-Identifier: MIT
 *
 * The table up to the row where it is cut, with an output added, is a network like any other.
 */
#include "model/train/frozen.h"

#include <omp.h>

#include "model/network/weights.h"

enum { TOGETHER = 8 /* pictures of one run of a session */, THREADS_MOST = 512 };

struct kith_frozen {
    kith_arch arch;
    kith_layer *layers;
    kith_network *network;
    kith_session **sessions;
    kith_error *errors;
    int side, threads;
    size_t width;
};

kith_status kith_frozen_row(int *out, const kith_arch *arch, int first, kith_error *err) {
    int found = -1;
    for (int i = first; i < arch->count; i++) {
        kith_links links = kith_arch_links(arch, i);
        int reads[] = {links.from, links.with, links.gate};
        for (int k = 0; k < 3; k++) {
            if (reads[k] < 0 || reads[k] >= first || reads[k] == found)
                continue;
            if (found >= 0)
                return kith_fail(err, KITH_E_REFUSED, 0, arch->name,
                                 "the network cannot be cut before layer '%s'", arch->layers[first].name);
            found = reads[k];
        }
    }
    *out = found;
    return found >= 0 ? KITH_OK
                      : kith_fail(err, KITH_E_REFUSED, 0, arch->name, "nothing comes before layer %d", first);
}

static kith_status no_memory(const kith_arch *arch, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, arch->name, "no memory for the frozen layers");
}

/* ---- the table's beginning ---- */

static kith_status cut_table(kith_frozen *f, const kith_arch *arch, int row, kith_error *err) {
    kith_shape shapes[KITH_LAYERS_MOST];
    kith_status status = kith_arch_shapes(shapes, arch, NULL, f->side, f->side, err);
    if (status != KITH_OK)
        return status;
    for (int i = 0; i <= row; i++)
        if (arch->layers[i].op == KITH_OP_VECTOR)
            return kith_fail(err, KITH_E_REFUSED, 0, arch->name, "frozen layers that read '%s' are not run",
                             arch->layers[i].name);
    f->layers = calloc((size_t)row + 2, sizeof *f->layers);
    if (!f->layers)
        return no_memory(arch, err);
    memcpy(f->layers, arch->layers, ((size_t)row + 1) * sizeof *f->layers);
    f->layers[row + 1] =
        (kith_layer){.name = "frozen", .op = KITH_OP_OUTPUT, .channels = shapes[row].channels};
    f->arch = *arch;
    f->arch.layers = f->layers;
    f->arch.count = row + 2;
    f->width = (size_t)shapes[row].channels * (size_t)shapes[row].height * (size_t)shapes[row].width;
    return KITH_OK;
}

/* Of all tensors those of rows up to `row`. */
static kith_status open_network(kith_frozen *f, const kith_parameters *parameters, int row, kith_error *err) {
    kith_tensors *view = NULL;
    kith_status status = kith_parameters_tensors(&view, parameters, parameters->values, err);
    size_t kept = 0;
    for (size_t i = 0; status == KITH_OK && i < view->count; i++)
        if (parameters->list[kith_parameters_find(parameters, view->items[i].name)].tensor.row <= row)
            view->items[kept++] = view->items[i];
    if (status == KITH_OK) {
        view->count = kept;
        status = kith_network_make(&f->network, &f->arch, view, f->arch.name, err);
    }
    kith_tensors_free(&view);
    return status;
}

static kith_status open_sessions(kith_frozen *f, kith_error *err) {
    kith_status status = KITH_OK;
    f->sessions = calloc((size_t)f->threads, sizeof(kith_session *));
    f->errors = calloc((size_t)f->threads, sizeof *f->errors);
    if (!f->sessions || !f->errors)
        return no_memory(&f->arch, err);
    for (int t = 0; t < f->threads && status == KITH_OK; t++)
        status = kith_session_open(&f->sessions[t], f->network, f->side, f->side, TOGETHER, err);
    return status;
}

kith_status kith_frozen_open(kith_frozen **out, const kith_parameters *parameters, int first, int side,
                             int threads, kith_error *err) {
    int row = -1;
    *out = NULL;
    kith_status status = kith_frozen_row(&row, parameters->arch, first, err);
    if (status != KITH_OK)
        return status;
    kith_frozen *f = calloc(1, sizeof *f);
    if (!f)
        return no_memory(parameters->arch, err);
    f->side = side;
    f->threads = threads < 1 ? omp_get_max_threads() : threads < THREADS_MOST ? threads : THREADS_MOST;
    status = cut_table(f, parameters->arch, row, err);
    if (status == KITH_OK)
        status = open_network(f, parameters, row, err);
    if (status == KITH_OK)
        status = open_sessions(f, err);
    if (status == KITH_OK)
        *out = f;
    else
        kith_frozen_close(&f);
    return status;
}

void kith_frozen_close(kith_frozen **frozen) {
    kith_frozen *f = *frozen;
    *frozen = NULL;
    if (!f)
        return;
    for (int t = 0; f->sessions && t < f->threads; t++)
        kith_session_close(&f->sessions[t]);
    kith_network_close(&f->network);
    free(f->errors);
    free(f->sessions);
    free(f->layers);
    free(f);
}

size_t kith_frozen_width(const kith_frozen *frozen) {
    return frozen->width;
}

/* ---- running ---- */

static kith_status run_some(const kith_frozen *f, int thread, float *out, const unsigned char *rgb, int count,
                            kith_error *err) {
    kith_session *session = f->sessions[thread];
    size_t row = (size_t)f->side * 3, size;
    for (int i = 0; i < count; i++)
        kith_session_set_input(session, i, rgb + (size_t)i * row * (size_t)f->side, row, NULL);
    kith_status status = kith_session_run(session, count, err);
    for (int i = 0; i < count && status == KITH_OK; i++)
        memcpy(out + (size_t)i * f->width, kith_session_output(session, 0, i, &size), f->width * sizeof *out);
    return status;
}

kith_status kith_frozen_run(kith_frozen *frozen, float *out, const unsigned char *rgb, int count,
                            kith_error *err) {
    size_t picture = (size_t)frozen->side * (size_t)frozen->side * 3;
    memset(frozen->errors, 0, (size_t)frozen->threads * sizeof *frozen->errors);
#pragma omp parallel for num_threads(frozen->threads) schedule(dynamic)
    for (int first = 0; first < count; first += TOGETHER) {
        int thread = omp_get_thread_num(), some = count - first < TOGETHER ? count - first : TOGETHER;
        if (frozen->errors[thread].code == KITH_OK)
            run_some(frozen, thread, out + (size_t)first * frozen->width, rgb + (size_t)first * picture, some,
                     &frozen->errors[thread]);
    }
    for (int t = 0; t < frozen->threads; t++)
        if (frozen->errors[t].code != KITH_OK)
            return kith_fail_with(err, &frozen->errors[t]);
    return KITH_OK;
}
