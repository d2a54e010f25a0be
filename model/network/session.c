/* SPDX-License-Identifier: MIT */
#include "model/network/session.h"

#include <limits.h>
#include <omp.h>

#include "model/network/kernels.h"
#include "model/network/plan.h"
#include "model/network/weights.h"

enum { OUTPUTS_MOST = 12, ALIGNMENT = 64, SIDE_MOST = 1 << 16, BATCH_MOST = 1024 };

/* Batches share what is read of the weights, but pay for it when their activations leave the caches:
 * measured, they win below this size of the arena (siamese at 112: 1/5) and lose above (yunet: 1/5).
 */
static const size_t batch_arena_most = (size_t)16 << 20;

/* All layers for one number of items at a time. */
typedef struct program {
    int batch;
    kith_step steps[KITH_LAYERS_MOST];
    int count;
} program;

struct kith_session {
    kith_network *network;
    int width, height, batch;
    program programs[2]; /* for one item, and for a whole batch when that is more than one */
    int program_count;
    kith_plan *plan; /* of programs[0] and [1] */
    unsigned char *arena, *scratch, *pictures;
    float *vectors;
    size_t arena_size, scratch_size, picture_size, vector_size;
    float *outputs[OUTPUTS_MOST];
    size_t output_sizes[OUTPUTS_MOST];
    int output_count;
};

static void *allocate(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    void *memory = aligned_alloc(ALIGNMENT, bytes);
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

static kith_status no_memory(const kith_session *s, kith_error *err) {
    return kith_fail(err, KITH_E_MEMORY, 0, s->network->arch->name, "no memory for a session of %d x %d x %d",
                     s->batch, s->width, s->height);
}

/* ---- opening ---- */

static float slope_of(const kith_layer *layer, const kith_weights *w) {
    return layer->activation == KITH_PRELU_1 ? w->values[KITH_SLOPE][0] : layer->alpha;
}

/* Places are offsets here; bind() makes pointers of them. */
static kith_status build_steps(kith_session *s, program *p, const kith_plan *plan, kith_error *err) {
    const kith_arch *arch = s->network->arch;
    kith_status status = KITH_OK;
    p->count = arch->count;
    for (int i = 0, output = 0; i < arch->count && status == KITH_OK; i++) {
        const kith_layer *layer = &arch->layers[i];
        const kith_weights *w = &s->network->layers[i];
        kith_links links = kith_arch_links(arch, i);
        kith_step *step = &p->steps[i];
        *step = (kith_step){.layer = layer,
                            .batch = p->batch,
                            .block = kith_block(),
                            .kernels = kith_kernels_best(),
                            .to = plan->shapes[i]};
        if (links.from >= 0)
            step->from = plan->shapes[links.from];
        if (links.with >= 0)
            step->with = plan->shapes[links.with];
        if (layer->op == KITH_OP_OUTPUT)
            step->output = output++;
        step->mean = w->values[KITH_INPUT_MEAN];
        step->scale = w->values[KITH_INPUT_SCALE];
        if (layer->activation == KITH_PRELU)
            step->slope = w->values[KITH_SLOPE];
        const kith_operator *op = &kith_operators[layer->op];
        if (op->build)
            status = op->build(step, s->network->engine, w->values[KITH_BIAS_ROLE] != NULL,
                               slope_of(layer, w), err);
        size_t scratch = step->primitive ? kith_primitive_scratch(step->primitive) : 0;
        if (scratch > s->scratch_size)
            s->scratch_size = scratch;
    }
    return status;
}

static float *piece(const kith_session *s, const kith_plan *plan, int row) {
    return row < 0 ? NULL : (float *)(void *)(s->arena + plan->offsets[row]);
}

static kith_status bind(kith_session *s, program *p, const kith_plan *plan, kith_error *err) {
    kith_status status = KITH_OK;
    for (int i = 0; i < p->count && status == KITH_OK; i++) {
        kith_step *step = &p->steps[i];
        kith_links links = kith_arch_links(s->network->arch, i);
        const kith_packed *packed = NULL;
        step->source = piece(s, plan, links.from);
        step->operand = piece(s, plan, links.with);
        step->gate = piece(s, plan, links.gate);
        step->target = piece(s, plan, i);
        if (!step->primitive)
            continue;
        if (kith_operators[step->layer->op].filter)
            status = kith_weights_packed(&packed, s->network, i, step->primitive, err);
        if (status == KITH_OK)
            status = kith_primitive_bind(step->primitive, step->source, step->target, packed,
                                         s->network->layers[i].values[KITH_BIAS_ROLE], s->scratch, err);
    }
    return status;
}

static kith_status allocate_edges(kith_session *s, const kith_plan *plan, kith_error *err) {
    const kith_arch *arch = s->network->arch;
    bool good = true;
    for (int i = 0; i < arch->count; i++) {
        const kith_shape *shape = &plan->shapes[i];
        size_t count = (size_t)shape->channels * (size_t)shape->height * (size_t)shape->width;
        if (arch->layers[i].op == KITH_OP_PICTURE) {
            s->picture_size = count;
            good &= (s->pictures = allocate((size_t)s->batch, count)) != NULL;
        } else if (arch->layers[i].op == KITH_OP_VECTOR) {
            s->vector_size = count;
            good &= (s->vectors = allocate((size_t)s->batch, count * sizeof(float))) != NULL;
        } else if (arch->layers[i].op == KITH_OP_OUTPUT) {
            s->output_sizes[s->output_count] = count;
            good &=
                (s->outputs[s->output_count++] = allocate((size_t)s->batch, count * sizeof(float))) != NULL;
        }
    }
    return good ? KITH_OK : no_memory(s, err);
}

static kith_status allocate_middle(kith_session *s, kith_error *err) {
    s->arena = allocate(1, s->arena_size);
    s->scratch = s->scratch_size ? allocate(1, s->scratch_size) : NULL;
    return s->arena && (s->scratch || !s->scratch_size) ? KITH_OK : no_memory(s, err);
}

static kith_status make_plans(kith_session *s, bool keep_all, kith_plan plans[2], kith_error *err) {
    const int batches[2] = {1, s->batch};
    kith_status status = KITH_OK;
    for (int i = 0; i < (s->batch > 1 ? 2 : 1) && status == KITH_OK; i++) {
        status = kith_plan_make(&plans[i], s->network->arch, s->network->channels, s->width, s->height,
                                batches[i], keep_all, err);
        if (status != KITH_OK || (i > 0 && plans[i].size > batch_arena_most))
            break;
        s->programs[i].batch = batches[i];
        s->program_count = i + 1;
        if (plans[i].size > s->arena_size)
            s->arena_size = plans[i].size;
    }
    return status;
}

static kith_status prepare(kith_session *s, bool keep_all, kith_plan plans[2], kith_error *err) {
    kith_status status = make_plans(s, keep_all, plans, err);
    for (int i = 0; i < s->program_count && status == KITH_OK; i++)
        status = build_steps(s, &s->programs[i], &plans[i], err);
    if (status == KITH_OK)
        status = allocate_edges(s, &plans[0], err);
    if (status == KITH_OK)
        status = allocate_middle(s, err);
    for (int i = 0; i < s->program_count && status == KITH_OK; i++)
        status = bind(s, &s->programs[i], &plans[i], err);
    return status;
}

static kith_status open_session(kith_session **out, const kith_network *network, int width, int height,
                                int batch, bool keep_all, kith_error *err) {
    *out = NULL;
    if (width > SIDE_MOST || height > SIDE_MOST || batch < 1 || batch > BATCH_MOST)
        return kith_fail(err, KITH_E_LIMIT, 0, network->arch->name, "no sessions of %d x %d x %d", batch,
                         width, height);
    kith_session *s = calloc(1, sizeof *s);
    kith_plan *plans = calloc(2, sizeof *plans);
    if (!s || !plans) {
        free(s);
        free(plans);
        return kith_fail(err, KITH_E_MEMORY, 0, network->arch->name, "no memory");
    }
    s->network = (kith_network *)network; /* its lock and its packed weights change */
    s->width = width;
    s->height = height;
    s->batch = batch;
    s->plan = plans;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1); /* primitives are made for as many threads as there are now */
    kith_status status = prepare(s, keep_all, plans, err);
    omp_set_num_threads(threads);
    if (status == KITH_OK)
        *out = s;
    else
        kith_session_close(&s);
    return status;
}

kith_status kith_session_open(kith_session **out, const kith_network *network, int width, int height,
                              int batch, kith_error *err) {
    return open_session(out, network, width, height, batch, false, err);
}

kith_status kith_session_open_keeping(kith_session **out, const kith_network *network, int width, int height,
                                      kith_error *err) {
    return open_session(out, network, width, height, 1, true, err);
}

void kith_session_close(kith_session **session) {
    kith_session *s = *session;
    *session = NULL;
    if (!s)
        return;
    for (int i = 0; i < s->program_count; i++)
        for (int k = 0; k < s->programs[i].count; k++)
            kith_primitive_close(&s->programs[i].steps[k].primitive);
    for (int i = 0; i < s->output_count; i++)
        free(s->outputs[i]);
    free(s->vectors);
    free(s->pictures);
    free(s->scratch);
    free(s->arena);
    free(s->plan);
    free(s);
}

/* ---- running ---- */

void kith_session_set_input(kith_session *session, int index, const unsigned char *rgb, size_t stride,
                            const float *extra) {
    size_t row = (size_t)session->width * 3;
    unsigned char *out = session->pictures + (size_t)index * session->picture_size;
    for (int y = 0; y < session->height; y++)
        memcpy(out + (size_t)y * row, rgb + (size_t)y * stride, row);
    if (extra && session->vectors)
        memcpy(session->vectors + (size_t)index * session->vector_size, extra,
               session->vector_size * sizeof *extra);
}

static kith_status run_program(const kith_session *s, const program *p, int first, kith_error *err) {
    kith_run run = {s->pictures, s->vectors, s->outputs, first};
    kith_status status = KITH_OK;
    for (int i = 0; i < p->count && status == KITH_OK; i++)
        status = kith_operators[p->steps[i].layer->op].run(&p->steps[i], &run, err);
    return status;
}

kith_status kith_session_run(kith_session *session, int count, kith_error *err) {
    kith_status status = KITH_OK;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    unsigned before = kith_denormals_off();
    for (int first = 0; first < count && status == KITH_OK;) {
        const program *p = &session->programs[session->program_count > 1 && count - first >= session->batch];
        status = run_program(session, p, first, err);
        first += p->batch;
    }
    kith_denormals_back(before);
    omp_set_num_threads(threads);
    return status;
}

const float *kith_session_output(const kith_session *session, int k, int index, size_t *count) {
    *count = session->output_sizes[k];
    return session->outputs[k] + (size_t)index * session->output_sizes[k];
}

size_t kith_session_activation(const kith_session *session, const char *name, float *out, size_t room) {
    int row = kith_arch_row(session->network->arch, name);
    if (row < 0)
        return 0;
    const kith_shape *shape = &session->plan->shapes[row];
    size_t pixels = (size_t)shape->height * (size_t)shape->width, count = (size_t)shape->channels * pixels;
    if (count <= room && shape->plain)
        memcpy(out, piece(session, session->plan, row), count * sizeof *out);
    else if (count <= room)
        kith_unblock(out, piece(session, session->plan, row), 0, shape->channels, pixels, kith_block());
    return count;
}

size_t kith_session_memory(const kith_session *session) {
    size_t sum = sizeof *session + 2 * sizeof *session->plan + session->arena_size + session->scratch_size;
    size_t edges = session->picture_size + session->vector_size * sizeof(float);
    for (int i = 0; i < session->output_count; i++)
        edges += session->output_sizes[i] * sizeof(float);
    return sum + edges * (size_t)session->batch;
}
