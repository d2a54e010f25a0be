/* SPDX-License-Identifier: MIT
 *
 * The gradient of every tensor equals the central differences of the network's plain definition in double
 * precision: for each kind of layer in small tables (both paddings, strides, odd sizes, channels that fill no
 * block, one slice and many), and for the three networks at a small size.
 */
#include "model/train/rows.h"
#include "tests/network/support/models.h"
#include "tests/network/support/naive.h"

#include <math.h>

enum { BATCH = 5, VECTOR = 24, PROBES = 3 };

/* Within a step some activation may turn a corner (of ReLU6, say), where a difference says nothing: one of
 * these must agree. Short steps are possible because the definition is in double and the step that was really
 * made is known.
 */
static const double step_lengths[] = {1e-5, 3e-6, 1e-6};

/* Arguments are names and initialisers, which take no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define CONV(NAME, OUT, KERNEL, STRIDE, PAD, AFFINE, ACTIVATION, ...)                                        \
    {                                                                                                        \
        .name = NAME, .op = KITH_OP_CONVOLUTION, .channels = OUT, .kernel = KERNEL, .stride = STRIDE,        \
        .padding = KITH_PAD_##PAD, .affine = AFFINE, .activation = ACTIVATION, __VA_ARGS__                   \
    }
#define DEPTHWISE(NAME, OUT, KERNEL, STRIDE, PAD, AFFINE, ACTIVATION)                                        \
    {                                                                                                        \
        .name = NAME, .op = KITH_OP_DEPTHWISE, .channels = OUT, .kernel = KERNEL, .stride = STRIDE,          \
        .padding = KITH_PAD_##PAD, .affine = AFFINE, .activation = ACTIVATION                                \
    }
#define DENSE(NAME, OUT, ACTIVATION, ...)                                                                    \
    { .name = NAME, .op = KITH_OP_DENSE, .channels = OUT, .activation = ACTIVATION, __VA_ARGS__ }
/* NOLINTEND(bugprone-macro-parentheses) */

/* As in siamese: batch norms, ReLU6, zeros at the bottom and right only, a residual sum, a second input. */
static const kith_layer normed[] = {
    {.name = "input", .op = KITH_OP_PICTURE, .colour = KITH_COLOUR_GREY, .channels = 3},
    CONV("stem", 16, 3, 2, AFTER, KITH_NORM, KITH_RELU6, .alpha = 0),
    DEPTHWISE("dw", 16, 3, 1, BOTH, KITH_NORM, KITH_RELU6),
    CONV("project", 12, 1, 1, VALID, KITH_NORM, KITH_LINEAR, .alpha = 0),
    CONV("a.expand", 24, 1, 1, VALID, KITH_NORM, KITH_RELU6, .alpha = 0),
    DEPTHWISE("a.dw", 24, 3, 2, AFTER, KITH_NORM, KITH_RELU6),
    CONV("a.project", 20, 1, 1, VALID, KITH_NORM, KITH_LINEAR, .alpha = 0),
    CONV("b.expand", 24, 1, 1, VALID, KITH_NORM, KITH_RELU6, .alpha = 0),
    DEPTHWISE("b.dw", 24, 3, 1, BOTH, KITH_NORM, KITH_RELU),
    CONV("b.project", 20, 1, 1, VALID, KITH_NORM, KITH_LINEAR, .with = "a.project"),
    CONV("head", 32, 1, 1, VALID, KITH_NORM, KITH_RELU6, .alpha = 0),
    {.name = "pool", .op = KITH_OP_AVERAGE},
    DENSE("image", 16, KITH_LEAKY, .alpha = 0.5F),
    {.name = "points", .op = KITH_OP_VECTOR, .channels = VECTOR},
    DENSE("landmarks", 8, KITH_SIGMOID, .alpha = 0),
    {.name = "joined", .op = KITH_OP_CONCATENATE, .from = "image", .with = "landmarks"},
    DENSE("embed", 20, KITH_LEAKY, .alpha = 0.1F),
    {.name = "embedding", .op = KITH_OP_OUTPUT, .channels = 20},
};

/* As in reid and mobileface: biases, slopes of both kinds, zeros on all sides, squeeze-and-excite with and
 * without a residual sum, a depthwise layer without padding as pool.
 */
static const kith_layer biased[] = {
    {.name = "input", .op = KITH_OP_PICTURE, .colour = KITH_COLOUR_SCALED, .channels = 3},
    CONV("stem", 16, 3, 2, BOTH, KITH_BIAS, KITH_PRELU, .alpha = 0),
    DEPTHWISE("dw", 16, 3, 1, BOTH, KITH_BIAS, KITH_PRELU_1),
    CONV("a.expand", 24, 1, 1, VALID, KITH_BIAS, KITH_PRELU_1, .alpha = 0),
    DEPTHWISE("a.dw", 24, 3, 2, BOTH, KITH_BIAS, KITH_PRELU),
    CONV("a.project", 20, 1, 1, VALID, KITH_BIAS, KITH_LINEAR, .alpha = 0),
    {.name = "a.average", .op = KITH_OP_AVERAGE},
    CONV("a.squeeze", 8, 1, 1, VALID, KITH_BIAS, KITH_PRELU_1, .alpha = 0),
    CONV("a.excite", 20, 1, 1, VALID, KITH_BIAS, KITH_SIGMOID, .alpha = 0),
    {.name = "a", .op = KITH_OP_EXCITE, .from = "a.project", .gate = "a.excite"},
    CONV("b.expand", 24, 1, 1, VALID, KITH_BIAS, KITH_PRELU, .alpha = 0),
    DEPTHWISE("b.dw", 24, 3, 1, BOTH, KITH_NO_BIAS, KITH_PRELU),
    CONV("b.project", 20, 1, 1, VALID, KITH_BIAS, KITH_LINEAR, .alpha = 0),
    {.name = "b.average", .op = KITH_OP_AVERAGE},
    CONV("b.squeeze", 8, 1, 1, VALID, KITH_BIAS, KITH_RELU, .alpha = 0),
    CONV("b.excite", 20, 1, 1, VALID, KITH_BIAS, KITH_SIGMOID, .alpha = 0),
    {.name = "b", .op = KITH_OP_EXCITE, .from = "b.project", .gate = "b.excite", .with = "a"},
    CONV("c.expand", 24, 1, 1, VALID, KITH_BIAS, KITH_PRELU, .alpha = 0),
    CONV("c.project", 20, 1, 1, VALID, KITH_BIAS, KITH_LINEAR, .with = "b"),
    CONV("head", 32, 1, 1, VALID, KITH_BIAS, KITH_PRELU, .alpha = 0),
    DEPTHWISE("pool", 32, 4, 1, VALID, KITH_BIAS, KITH_LINEAR),
    CONV("embed", 16, 1, 1, VALID, KITH_NO_BIAS, KITH_LINEAR, .alpha = 0),
    {.name = "embedding", .op = KITH_OP_OUTPUT, .channels = 16},
};

/* A case, and what its runs are about: the sum of outputs times `pull` is the loss. */
typedef struct trial {
    const kith_arch *arch;
    int side, vector;
    kith_norm_mode norm;
    size_t slice_bytes;
    kith_parameters *parameters;
    kith_tensors *view;
    kith_graph *graph;
    unsigned char *rgb;
    float *extra, *pull;
    size_t width;
} trial;

static float noise(unsigned *state) { /* -1..1 */
    *state = *state * 1664525U + 1013904223U;
    return (float)(*state >> 8) / (float)(1 << 23) - 1;
}

static void fill(float *out, size_t count, float centre, float spread, unsigned *state) {
    for (size_t i = 0; i < count; i++)
        out[i] = centre + spread * noise(state);
}

/* Away from 0 and 1 wherever a formula could hide behind them. */
static void change_values(const trial *t) {
    static const struct {
        float centre, spread;
    } by_role[KITH_ROLES] = {
        [KITH_BIAS_ROLE] = {0, 0.3F}, [KITH_SLOPE] = {0.3F, 0.2F}, [KITH_GAMMA] = {1, 0.3F},
        [KITH_BETA] = {0.4F, 0.5F},   [KITH_MEAN] = {0, 0.2F},     [KITH_VARIANCE] = {0.8F, 0.3F}};
    unsigned state = 9;
    for (int i = 0; i < t->parameters->count; i++) {
        const kith_parameter *p = &t->parameters->list[i];
        if (by_role[p->tensor.role].spread > 0)
            fill(t->parameters->values + p->offset, p->tensor.count, by_role[p->tensor.role].centre,
                 by_role[p->tensor.role].spread, &state);
    }
}

static void open_trial(trial *t) {
    kith_error err = {0};
    unsigned state = 3;
    const kith_graph_options options = {.side = t->side, .batch = BATCH, .threads = 2};
    size_t picture = (size_t)t->side * (size_t)t->side * 3;
    must(kith_parameters_open(&t->parameters, t->arch, &err), &err);
    kith_parameters_train(t->parameters, 0);
    kith_parameters_randomise(t->parameters, 5);
    change_values(t);
    must(kith_parameters_tensors(&t->view, t->parameters, t->parameters->values, &err), &err);
    must(kith_graph_open_sliced(&t->graph, t->parameters, &options, t->slice_bytes, &err), &err);
    t->width = kith_graph_output_width(t->graph);
    t->rgb = malloc(BATCH * picture);
    t->extra = calloc((size_t)BATCH * (size_t)t->vector + 1, sizeof *t->extra);
    t->pull = calloc(BATCH * t->width, sizeof *t->pull);
    random_bytes(t->rgb, BATCH * picture, 1);
    fill(t->extra, (size_t)BATCH * (size_t)t->vector, 0.5F, 0.5F, &state);
    fill(t->pull, BATCH * t->width, 0, 1, &state);
    for (int i = 0; i < BATCH; i++)
        kith_graph_set_input(t->graph, i, t->rgb + (size_t)i * picture,
                             t->vector ? t->extra + (size_t)i * (size_t)t->vector : NULL);
}

static void close_trial(trial *t) {
    free(t->pull);
    free(t->extra);
    free(t->rgb);
    kith_graph_close(&t->graph);
    kith_tensors_free(&t->view);
    kith_parameters_close(&t->parameters);
}

static double plain_loss(const trial *t) {
    const naive_batch batch = {.count = BATCH,
                               .width = t->side,
                               .height = t->side,
                               .rgb = t->rgb,
                               .extra = t->extra,
                               .batch_norm = t->norm == KITH_NORM_BATCH};
    double sum = 0;
    naive_map *maps = naive_run_batch(t->arch, t->view, &batch);
    for (int i = 0; i < BATCH; i++)
        for (size_t k = 0; k < t->width; k++)
            sum += (double)t->pull[(size_t)i * t->width + k] *
                   maps[(size_t)(i + 1) * (size_t)t->arch->count - 1].values[k];
    naive_free_batch(maps, t->arch, &batch);
    return sum;
}

static double run_graph(const trial *t) {
    kith_error err = {0};
    double sum = 0;
    must(kith_graph_forward(t->graph, t->norm, &err), &err);
    for (size_t i = 0; i < BATCH * t->width; i++)
        sum += (double)t->pull[i] * (double)kith_graph_output(t->graph)[i];
    memcpy(kith_graph_output_gradient(t->graph), t->pull, BATCH * t->width * sizeof *t->pull);
    must(kith_graph_backward(t->graph, &err), &err);
    return sum;
}

/* One tensor, or several that follow each other, in the flat arrays. */
typedef struct span {
    const char *name; /* of the first */
    size_t offset, count;
} span;

/* Moves values by `factor` along `direction`; the step really made, in *moved. */
static void move(const trial *t, const span *p, const float *from, const double *direction, double factor,
                 double *moved) {
    float *values = t->parameters->values + p->offset;
    for (size_t i = 0; i < p->count; i++) {
        values[i] = (float)((double)from[i] + factor * direction[i]);
        moved[i] = (double)values[i] - (double)from[i];
    }
}

/* The loss's change along a direction, by definition and by our gradient; both over the step's length. */
static void change_along(const trial *t, const span *p, const double *direction, double length, double *plain,
                         double *ours) {
    size_t count = p->count;
    const float *gradient = t->parameters->gradients + p->offset;
    float *before = malloc(count * sizeof *before);
    double *up = malloc(count * sizeof *up), *down = malloc(count * sizeof *down), step = 0;
    memcpy(before, t->parameters->values + p->offset, count * sizeof *before);
    move(t, p, before, direction, length, up);
    *plain = plain_loss(t);
    move(t, p, before, direction, -length, down);
    *plain -= plain_loss(t);
    *ours = 0;
    for (size_t i = 0; i < count; i++) {
        *ours += (up[i] - down[i]) * (double)gradient[i];
        step += (up[i] - down[i]) * (up[i] - down[i]);
    }
    memcpy(t->parameters->values + p->offset, before, count * sizeof *before);
    *plain /= sqrt(step);
    *ours /= sqrt(step);
    free(down);
    free(up);
    free(before);
}

/* `scale`: what is large for this tensor. */
static void compare_along(const trial *t, const span *p, const double *direction, double scale,
                          double tolerance, const char *what) {
    double plain = 0, ours = 0;
    for (size_t i = 0; i < sizeof step_lengths / sizeof *step_lengths; i++) {
        change_along(t, p, direction, step_lengths[i], &plain, &ours);
        if (fabs(plain - ours) <= tolerance * (scale + 1e-2))
            return;
    }
    fail_msg("%s, %s: %.8g by definition, %.8g ours (of %.3g)", p->name, what, plain, ours, scale);
}

/* Along the gradient itself, which sees too long and turned ones, and single values. */
static void compare_span(const trial *t, const span *p, int probes, double tolerance) {
    size_t count = p->count;
    const float *gradient = t->parameters->gradients + p->offset;
    double *direction = calloc(count, sizeof *direction), size = 0, most = 0;
    char what[32];
    for (size_t i = 0; i < count; i++) {
        size += (double)gradient[i] * (double)gradient[i];
        most = fmax(most, fabs((double)gradient[i]));
    }
    assert_true(size > 0);
    for (size_t i = 0; i < count; i++)
        direction[i] = (double)gradient[i] / sqrt(size);
    compare_along(t, p, direction, sqrt(size), tolerance, "along the gradient");
    for (int k = 0; k < probes; k++) {
        size_t place = (size_t)k * 2654435761U % count;
        memset(direction, 0, count * sizeof *direction);
        direction[place] = 1;
        snprintf(what, sizeof what, "value %zu", place);
        compare_along(t, p, direction, most, tolerance, what);
    }
    free(direction);
}

/* `together`: tensors in one comparison. */
static void check(const kith_arch *arch, int side, int vector, kith_norm_mode norm, size_t slice_bytes,
                  int together, int probes, double tolerance) {
    trial t = {.arch = arch, .side = side, .vector = vector, .norm = norm, .slice_bytes = slice_bytes};
    open_trial(&t);
    double plain = plain_loss(&t), ours = run_graph(&t);
    if (!(fabs(plain - ours) <= tolerance * (1 + fabs(plain))))
        fail_msg("%s: %.8g by definition, %.8g ours", arch->name, plain, ours);
    for (int i = 0; i < t.parameters->count; i += together) {
        const kith_parameter *first = &t.parameters->list[i], *last = first + together - 1;
        if (i + together > t.parameters->count)
            last = &t.parameters->list[t.parameters->count - 1];
        const span some = {first->tensor.name, first->offset,
                           last->offset + last->tensor.count - first->offset};
        if (first->trained || together > 1)
            compare_span(&t, &some, probes, tolerance);
    }
    close_trial(&t);
}

static kith_arch table(const kith_layer *layers, size_t count) {
    return (kith_arch){
        .name = "test", .width = 16, .height = 16, .multiple = 1, .layers = layers, .count = (int)count};
}

static const size_t in_one = (size_t)1 << 30, one_by_one = 1;

static void layers_with_batch_norm(void **state) {
    (void)state;
    const kith_arch arch = table(normed, sizeof normed / sizeof *normed);
    for (int side = 13; side <= 16; side += 3) {
        check(&arch, side, VECTOR, KITH_NORM_FROZEN, in_one, 1, PROBES, 2e-4);
        check(&arch, side, VECTOR, KITH_NORM_BATCH, in_one, 1, PROBES, 2e-4);
        check(&arch, side, VECTOR, KITH_NORM_FROZEN, one_by_one, 1, 0, 2e-4);
        check(&arch, side, VECTOR, KITH_NORM_BATCH, one_by_one, 1, 0, 2e-4);
    }
}

static void layers_with_biases_and_slopes(void **state) {
    (void)state;
    const kith_arch arch = table(biased, sizeof biased / sizeof *biased);
    for (int side = 13; side <= 16; side += 3) {
        check(&arch, side, 0, KITH_NORM_FROZEN, in_one, 1, PROBES, 2e-4);
        check(&arch, side, 0, KITH_NORM_BATCH, one_by_one, 1, 0, 2e-4);
    }
}

/* A network at another size, its last depthwise filter as large as the map that is left. Without ReLU6: with
 * so many of its corners no step is short enough. What is seen here is how the layers are joined.
 */
static void check_network(const kith_arch *arch, int side, int vector, int pool, kith_norm_mode norm,
                          double tolerance) {
    kith_layer layers[KITH_LAYERS_MOST];
    kith_arch small = *arch;
    memcpy(layers, arch->layers, (size_t)arch->count * sizeof *layers);
    for (int i = 0; i < arch->count; i++) {
        if (layers[i].activation == KITH_RELU6)
            layers[i].activation = KITH_LINEAR;
        if (pool && strcmp(layers[i].name, "pool") == 0)
            layers[i].kernel = pool;
    }
    small.layers = layers;
    small.width = small.height = side;
    small.multiple = 16;
    check(&small, side, vector, norm, in_one, 30, 0, tolerance);
}

static void whole_networks(void **state) {
    (void)state;
    check_network(&kith_arch_siamese, 32, 136, 0, KITH_NORM_FROZEN, 2e-3);
    check_network(&kith_arch_mobileface, 32, 0, 2, KITH_NORM_FROZEN, 2e-3);
    check_network(&kith_arch_reid, 32, 0, 2, KITH_NORM_FROZEN, 2e-3);
}

static void a_network_without_gradient_is_refused(void **state) {
    (void)state;
    kith_error err = {0};
    kith_parameters *parameters;
    kith_graph *graph;
    const kith_graph_options options = {.side = 64, .batch = 2};
    must(kith_parameters_open(&parameters, &kith_arch_yunet, &err), &err);
    assert_int_equal(kith_graph_open(&graph, parameters, &options, &err), KITH_E_REFUSED);
    assert_non_null(strstr(err.text, "cannot be trained"));
    assert_null(graph);
    kith_parameters_close(&parameters);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_with_batch_norm), cmocka_unit_test(layers_with_biases_and_slopes),
        cmocka_unit_test(whole_networks), cmocka_unit_test(a_network_without_gradient_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
