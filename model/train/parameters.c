/* SPDX-License-Identifier: MIT */
#include "model/train/parameters.h"

#include <math.h>

#include "model/statistics/random.h"

enum { ALIGNMENT = 64, TOGETHER = 16 }; /* floats that tensors are filled up to */

static kith_status no_memory(const char *where, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, where, "no memory for the parameters");
}

static kith_status count_one(void *context, const kith_expected *expected, kith_error *err) {
    kith_parameters *p = context;
    (void)expected, (void)err;
    p->count++;
    return KITH_OK;
}

static kith_status list_one(void *context, const kith_expected *expected, kith_error *err) {
    kith_parameters *p = context;
    (void)err;
    p->list[p->count++] = (kith_parameter){.tensor = *expected, .offset = p->total};
    p->total += (expected->count + TOGETHER - 1) / TOGETHER * TOGETHER;
    return KITH_OK;
}

static float *flat(size_t total) {
    float *values = aligned_alloc(ALIGNMENT, total * sizeof *values);
    if (values)
        memset(values, 0, total * sizeof *values);
    return values;
}

kith_status kith_parameters_open(kith_parameters **out, const kith_arch *arch, kith_error *err) {
    kith_parameters *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p)
        return no_memory(arch->name, err);
    p->arch = arch;
    kith_status status = kith_arch_each_tensor(arch, count_one, p, err);
    p->list = calloc((size_t)p->count + 1, sizeof *p->list);
    p->count = 0;
    if (status == KITH_OK && p->list)
        status = kith_arch_each_tensor(arch, list_one, p, err);
    p->values = flat(p->total + TOGETHER);
    p->gradients = flat(p->total + TOGETHER);
    if (status == KITH_OK && (!p->list || !p->values || !p->gradients))
        status = no_memory(arch->name, err);
    if (status == KITH_OK)
        *out = p;
    else
        kith_parameters_close(&p);
    return status;
}

void kith_parameters_close(kith_parameters **parameters) {
    if (*parameters) {
        free((*parameters)->gradients);
        free((*parameters)->values);
        free((*parameters)->list);
    }
    free(*parameters);
    *parameters = NULL;
}

int kith_parameters_find(const kith_parameters *parameters, const char *name) {
    for (int i = 0; i < parameters->count; i++)
        if (strcmp(parameters->list[i].tensor.name, name) == 0)
            return i;
    return -1;
}

/* ---- what learns ---- */

typedef struct beginning {
    const char *arch, *row;
} beginning;

/* Where an extent begins, by network. */
static const beginning last5[] = {{"siamese", "block.16.project"}};
static const beginning head[] = {{"siamese", "image"}, {"mobileface", "head"}, {"reid", "head"}};

static int begin_of(const beginning *list, size_t count, const kith_arch *arch) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].arch, arch->name) == 0)
            return kith_arch_row(arch, list[i].row);
    return -1;
}

kith_status kith_extent_first(int *out, const kith_arch *arch, kith_extent extent, kith_error *err) {
    *out = 0;
    if (extent == KITH_EXTENT_LAST5)
        *out = begin_of(last5, sizeof last5 / sizeof *last5, arch);
    if (extent == KITH_EXTENT_HEAD)
        *out = begin_of(head, sizeof head / sizeof *head, arch);
    return *out >= 0
               ? KITH_OK
               : kith_fail(err, KITH_E_REFUSED, 0, arch->name, "this network has no such part to train");
}

static bool is_constant(kith_role role) {
    return role == KITH_MEAN || role == KITH_VARIANCE || role == KITH_INPUT_MEAN || role == KITH_INPUT_SCALE;
}

void kith_parameters_train(kith_parameters *parameters, int first) {
    for (int i = 0; i < parameters->count; i++) {
        kith_parameter *p = &parameters->list[i];
        p->trained = p->tensor.row >= first && !is_constant(p->tensor.role);
    }
}

/* ---- random values ---- */

static void fill(float *out, size_t count, float value) {
    for (size_t i = 0; i < count; i++)
        out[i] = value;
}

static void fill_weights(float *out, const kith_expected *tensor, kith_random *random) {
    size_t fan_in = tensor->count / (size_t)tensor->shape[0];
    double deviation = sqrt(2 / (double)fan_in);
    for (size_t i = 0; i < tensor->count; i++)
        out[i] = (float)(kith_random_normal(random) * deviation);
}

void kith_parameters_randomise(kith_parameters *parameters, uint64_t seed) {
    static const float constants[KITH_ROLES] = {[KITH_GAMMA] = 1,
                                                [KITH_VARIANCE] = 1,
                                                [KITH_SLOPE] = 0.25F,
                                                [KITH_INPUT_MEAN] = 127.5F,
                                                [KITH_INPUT_SCALE] = 1 / 127.5F};
    for (int i = 0; i < parameters->count; i++) {
        const kith_parameter *p = &parameters->list[i];
        kith_random random = {kith_random_mix(seed, (uint64_t)i)};
        if (p->tensor.role == KITH_WEIGHT)
            fill_weights(parameters->values + p->offset, &p->tensor, &random);
        else
            fill(parameters->values + p->offset, p->tensor.count, constants[p->tensor.role]);
    }
}

/* ---- from and to files ---- */

static bool same_shape(const kith_tensor *tensor, const kith_expected *expected) {
    bool same = tensor->rank == expected->rank;
    for (int i = 0; same && i < expected->rank; i++)
        same = tensor->shape[i] == expected->shape[i];
    return same;
}

/* Nothing is changed unless all is good. */
static kith_status check(const kith_parameters *p, const kith_tensors *tensors, const char *where,
                         bool some_may_miss, kith_error *err) {
    size_t found = 0;
    for (int i = 0; i < p->count; i++) {
        const kith_expected *expected = &p->list[i].tensor;
        const kith_tensor *tensor = kith_tensors_find(tensors, expected->name);
        if (!tensor && !some_may_miss)
            return kith_fail(err, KITH_E_REFUSED, 0, where, "tensor '%s' is missing for network %s",
                             expected->name, p->arch->name);
        if (tensor && !same_shape(tensor, expected))
            return kith_fail(err, KITH_E_REFUSED, 0, where,
                             "tensor '%s' has another shape than network %s wants", expected->name,
                             p->arch->name);
        found += tensor != NULL;
    }
    for (size_t i = 0; found < tensors->count && i < tensors->count; i++)
        if (kith_parameters_find(p, tensors->items[i].name) < 0)
            return kith_fail(err, KITH_E_REFUSED, 0, where, "tensor '%.80s' is none of network %s",
                             tensors->items[i].name, p->arch->name);
    return KITH_OK;
}

kith_status kith_parameters_load(kith_parameters *parameters, const kith_tensors *tensors, const char *where,
                                 kith_parameter_missing *missing, void *context, kith_error *err) {
    kith_status status = check(parameters, tensors, where, missing != NULL, err);
    for (int i = 0; i < parameters->count && status == KITH_OK; i++) {
        const kith_parameter *p = &parameters->list[i];
        const kith_tensor *tensor = kith_tensors_find(tensors, p->tensor.name);
        if (tensor)
            memcpy(parameters->values + p->offset, tensor->values, tensor->count * sizeof *tensor->values);
        else if (missing)
            missing(context, p->tensor.name);
    }
    return status;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const kith_tensor *)a)->name, ((const kith_tensor *)b)->name);
}

kith_status kith_parameters_tensors(kith_tensors **out, const kith_parameters *parameters, float *values,
                                    kith_error *err) {
    kith_tensors *view = calloc(1, sizeof *view + (size_t)parameters->count * sizeof *view->items);
    *out = view;
    if (!view)
        return no_memory(parameters->arch->name, err);
    *view =
        (kith_tensors){.items = (kith_tensor *)(view + 1), .count = (size_t)parameters->count, .arena = view};
    for (int i = 0; i < parameters->count; i++) {
        const kith_parameter *p = &parameters->list[i];
        kith_tensor *item = &view->items[i];
        item->name = p->tensor.name;
        item->rank = p->tensor.rank;
        memcpy(item->shape, p->tensor.shape, sizeof item->shape);
        item->count = p->tensor.count;
        item->values = values + p->offset;
    }
    qsort(view->items, view->count, sizeof *view->items, by_name);
    return KITH_OK;
}
