/* SPDX-License-Identifier: MIT
 *
 * Compiled once for each x86-64 level, KITH_TILES being that level's table; see CMakeLists.txt.
 */
#include "model/train/tiles.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef float v8 __attribute__((vector_size(32), may_alias));
typedef int32_t v8_mask __attribute__((vector_size(32), may_alias));
typedef double v8_double __attribute__((vector_size(64), aligned(8), may_alias));

enum { LANES = 8, TAPS = 9 };

/* A block is one vector or two; each is walked by itself, `step` vectors from pixel to pixel, so that the
 * loops know the step.
 */
/* The argument is a call, which takes no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define EACH_LANE(CALL)                                                                                      \
    do {                                                                                                     \
        if (block == LANES) {                                                                                \
            enum { step = 1 };                                                                               \
            const size_t lane = 0;                                                                           \
            CALL;                                                                                            \
        } else {                                                                                             \
            enum { step = 2 };                                                                               \
            for (size_t lane = 0; lane < step; lane++)                                                       \
                CALL;                                                                                        \
        }                                                                                                    \
    } while (0)
/* NOLINTEND(bugprone-macro-parentheses) */

/* The activations that differ in their loops; slopes are all one kind here. */
#define EACH_ACTIVATION(KIND, CALL)                                                                          \
    switch (KIND) {                                                                                          \
    case KITH_LINEAR:                                                                                        \
        CALL(KITH_LINEAR);                                                                                   \
        break;                                                                                               \
    case KITH_RELU:                                                                                          \
        CALL(KITH_RELU);                                                                                     \
        break;                                                                                               \
    case KITH_RELU6:                                                                                         \
        CALL(KITH_RELU6);                                                                                    \
        break;                                                                                               \
    case KITH_SIGMOID:                                                                                       \
        CALL(KITH_SIGMOID);                                                                                  \
        break;                                                                                               \
    default:                                                                                                 \
        CALL(KITH_PRELU);                                                                                    \
        break;                                                                                               \
    }

INLINE const v8 *vectors(const float *values, size_t lane) {
    return (const v8 *)values + lane;
}

INLINE v8 *room(float *values, size_t lane) {
    return (v8 *)values + lane;
}

INLINE v8 all(float value) {
    return (v8){value, value, value, value, value, value, value, value};
}

INLINE v8 where(v8_mask mask, v8 value) {
    return (v8)(mask & (v8_mask)value);
}

INLINE v8 pick(v8_mask mask, v8 yes, v8 no) {
    return (v8)((mask & (v8_mask)yes) | (~mask & (v8_mask)no));
}

INLINE v8 sigmoid(v8 x) {
    for (int i = 0; i < LANES; i++)
        x[i] = 1 / (1 + expf(-x[i]));
    return x;
}

INLINE v8 activated(kith_activation kind, v8 x, v8 slope) {
    switch (kind) {
    case KITH_LINEAR:
        return x;
    case KITH_RELU:
        return where(x > 0, x);
    case KITH_RELU6:
        return pick(x > 6, all(6), where(x > 0, x));
    case KITH_SIGMOID:
        return sigmoid(x);
    default:
        return pick(x > 0, x, x * slope);
    }
}

/* The gradient before the activation from the one after it. */
INLINE v8 deactivated(kith_activation kind, v8 gradient, v8 x, v8 slope) {
    switch (kind) {
    case KITH_LINEAR:
        return gradient;
    case KITH_RELU:
        return where(x > 0, gradient);
    case KITH_RELU6:
        return where((x > 0) & (x < 6), gradient);
    case KITH_SIGMOID: {
        v8 s = sigmoid(x);
        return gradient * s * (1 - s);
    }
    default:
        return pick(x > 0, gradient, gradient * slope);
    }
}

INLINE void add_to(double *sums, v8 values) {
    v8_double *to = (v8_double *)sums;
    *to += __builtin_convertvector(values, v8_double);
}

/* ---- affine and activation ---- */

INLINE void activate_lane(kith_activation kind, v8 *restrict out, const v8 *restrict x,
                          const v8 *restrict add, const kith_affine_tile *a, size_t pixels, size_t lane,
                          size_t step) {
    v8 scale = *vectors(a->scale, lane), shift = *vectors(a->shift, lane);
    v8 slope = kind == KITH_PRELU ? *vectors(a->slope, lane) : all(0);
    if (add)
        for (size_t i = 0; i < pixels * step; i += step)
            out[i] = activated(kind, x[i] * scale + shift, slope) + add[i];
    else
        for (size_t i = 0; i < pixels * step; i += step)
            out[i] = activated(kind, x[i] * scale + shift, slope);
}

static void activate(float *out, const float *x, const float *add, const kith_affine_tile *affine,
                     size_t pixels, int block) {
#define CALL(KIND)                                                                                           \
    EACH_LANE(activate_lane(KIND, room(out, lane), vectors(x, lane), add ? vectors(add, lane) : NULL,        \
                            affine, pixels, lane, step))
    EACH_ACTIVATION(affine->activation, CALL)
#undef CALL
}

/* Everything that `where` puts around a tile. */
static void zeros(float *out, const kith_padded *p, int block) {
    size_t pixel = (size_t)block * sizeof *out, row = (size_t)p->whole_width * (size_t)block;
    int right = p->whole_width - p->left - p->width, bottom = p->whole_height - p->top - p->height;
    memset(out, 0, (size_t)p->top * row * sizeof *out);
    out += (size_t)p->top * row;
    for (int y = 0; y < p->height; y++, out += row) {
        memset(out, 0, (size_t)p->left * pixel);
        memset(out + row - (size_t)right * (size_t)block, 0, (size_t)right * pixel);
    }
    memset(out, 0, (size_t)bottom * row * sizeof *out);
}

static float *inside(float *out, const kith_padded *p, int y, int block) {
    return out + ((size_t)(p->top + y) * (size_t)p->whole_width + (size_t)p->left) * (size_t)block;
}

static void activate_padded(float *out, const float *x, const kith_affine_tile *affine,
                            const kith_padded *where_to, int block) {
    zeros(out, where_to, block);
    size_t width = (size_t)where_to->width;
    for (int y = 0; y < where_to->height; y++, x += width * (size_t)block)
        activate(inside(out, where_to, y, block), x, NULL, affine, width, block);
}

static void copy_padded(float *out, const float *from, const kith_padded *where_to, int block) {
    zeros(out, where_to, block);
    size_t row = (size_t)where_to->width * (size_t)block;
    for (int y = 0; y < where_to->height; y++, from += row)
        memcpy(inside(out, where_to, y, block), from, row * sizeof *out);
}

static void copy_middle(float *out, const float *from, const kith_padded *where_from, int block) {
    size_t row = (size_t)where_from->width * (size_t)block;
    for (int y = 0; y < where_from->height; y++, out += row)
        memcpy(out, inside((float *)from, where_from, y, block), row * sizeof *out);
}

INLINE void moments_lane(double *sum, double *square, const v8 *x, v8 mean, size_t pixels, size_t step) {
    v8 s0 = all(0), s1 = all(0), q0 = all(0), q1 = all(0);
    size_t i = 0;
    for (; i + 2 <= pixels; i += 2, x += 2 * step) {
        v8 a = x[0] - mean, b = x[step] - mean;
        s0 += a;
        s1 += b;
        q0 += a * a;
        q1 += b * b;
    }
    if (i < pixels) {
        v8 a = x[0] - mean;
        s0 += a;
        q0 += a * a;
    }
    add_to(sum, s0 + s1);
    add_to(square, q0 + q1);
}

static void moments(double *sums, size_t row, const float *x, const float *mean, size_t pixels, int block) {
    EACH_LANE(moments_lane(sums + lane * LANES, sums + row + lane * LANES, vectors(x, lane),
                           *vectors(mean, lane), pixels, step));
}

INLINE void finish_lane(kith_activation kind, double *sums, size_t row, v8 *out, const v8 *given,
                        const v8 *add, const v8 *x, const kith_affine_tile *a, size_t pixels, size_t lane,
                        size_t step) {
    v8 scale = *vectors(a->scale, lane), shift = *vectors(a->shift, lane), mean = *vectors(a->mean, lane);
    v8 slope = kind == KITH_PRELU ? *vectors(a->slope, lane) : all(0);
    v8 s0 = all(0), s1 = all(0), s2 = all(0);
    for (size_t i = 0; i < pixels * step; i += step) {
        v8 d = given[i], before = x[i] * scale + shift;
        if (add)
            d += add[i];
        v8 p = deactivated(kind, d, before, slope);
        out[i] = p;
        s0 += p;
        s1 += p * (x[i] - mean);
        if (kind == KITH_PRELU)
            s2 += d * where(before < 0, before);
    }
    add_to(sums + lane * LANES, s0);
    add_to(sums + row + lane * LANES, s1);
    if (kind == KITH_PRELU)
        add_to(sums + 2 * row + lane * LANES, s2);
}

static void finish(double *sums, size_t row, float *out, const float *given, const float *add, const float *x,
                   const kith_affine_tile *affine, size_t pixels, int block){
#define CALL(KIND)                                                                                           \
    EACH_LANE(finish_lane(KIND, sums, row, room(out, lane), vectors(given, lane),                            \
                          add ? vectors(add, lane) : NULL, vectors(x, lane), affine, pixels, lane, step))
    EACH_ACTIVATION(affine->activation, CALL)
#undef CALL
}

INLINE void derive_lane(v8 *restrict out, const v8 *restrict gradient, const v8 *restrict x,
                        const float *const coefficients[4], size_t pixels, size_t lane, size_t step) {
    v8 a = *vectors(coefficients[0], lane);
    if (!x) {
        for (size_t i = 0; i < pixels * step; i += step)
            out[i] = gradient[i] * a;
        return;
    }
    v8 b = *vectors(coefficients[1], lane), mean = *vectors(coefficients[2], lane);
    v8 c = *vectors(coefficients[3], lane);
    for (size_t i = 0; i < pixels * step; i += step)
        out[i] = gradient[i] * a + ((x[i] - mean) * b + c);
}

static void derive(float *out, const float *gradient, const float *x, const float *const coefficients[4],
                   const kith_padded *where_to, int block) {
    zeros(out, where_to, block);
    size_t width = (size_t)where_to->width, row = width * (size_t)block;
    for (int y = 0; y < where_to->height; y++, gradient += row) {
        float *to = inside(out, where_to, y, block);
        EACH_LANE(derive_lane(room(to, lane), vectors(gradient, lane), x ? vectors(x, lane) : NULL,
                              coefficients, width, lane, step));
        if (x)
            x += row;
    }
}

static void add(float *out, const float *from, size_t pixels, int block) {
    v8 *to = (v8 *)out;
    const v8 *more = (const v8 *)from;
    for (size_t i = 0; i < pixels * (size_t)block / LANES; i++)
        to[i] += more[i];
}

/* ---- depthwise ---- */

/* kernel and stride are constants where it matters. */
INLINE void slide_lane(v8 *restrict out, const v8 *restrict from, const v8 *restrict filter, int kernel,
                       int stride, const kith_slide *s, size_t step) {
    size_t width = (size_t)s->width * step;
    for (int y = 0; y < s->out_height; y++) {
        const v8 *row = from + (size_t)(y * stride) * width;
        for (int x = 0; x < s->out_width; x++, row += (size_t)stride * step, out += step) {
            v8 sum = all(0);
            for (int dy = 0; dy < kernel; dy++)
                for (int dx = 0; dx < kernel; dx++)
                    sum += row[(size_t)dy * width + (size_t)dx * step] *
                           filter[(size_t)(dy * kernel + dx) * step];
            *out = sum;
        }
    }
}

static void slide(float *out, const float *from, const float *filter, const kith_slide *shape, int block) {
#define CALL(KERNEL, STRIDE)                                                                                 \
    EACH_LANE(slide_lane(room(out, lane), vectors(from, lane), vectors(filter, lane), KERNEL, STRIDE, shape, \
                         step))
    if (shape->kernel == 3 && shape->stride == 1)
        CALL(3, 1);
    else if (shape->kernel == 3 && shape->stride == 2)
        CALL(3, 2);
    else
        CALL(shape->kernel, shape->stride);
#undef CALL
}

INLINE void slide_back_lane(v8 *restrict out, const v8 *restrict gradient, const v8 *restrict filter,
                            int kernel, int stride, const kith_slide *s, size_t step) {
    size_t width = (size_t)s->width * step;
    for (size_t i = 0; i < (size_t)s->height * width; i += step)
        out[i] = all(0);
    for (int y = 0; y < s->out_height; y++) {
        v8 *row = out + (size_t)(y * stride) * width;
        for (int x = 0; x < s->out_width; x++, row += (size_t)stride * step, gradient += step)
            for (int dy = 0; dy < kernel; dy++)
                for (int dx = 0; dx < kernel; dx++)
                    row[(size_t)dy * width + (size_t)dx * step] +=
                        *gradient * filter[(size_t)(dy * kernel + dx) * step];
    }
}

static void slide_back(float *out, const float *gradient, const float *filter, const kith_slide *shape,
                       int block) {
#define CALL(KERNEL, STRIDE)                                                                                 \
    EACH_LANE(slide_back_lane(room(out, lane), vectors(gradient, lane), vectors(filter, lane), KERNEL,       \
                              STRIDE, shape, step))
    if (shape->kernel == 3)
        CALL(3, shape->stride);
    else
        CALL(shape->kernel, shape->stride);
#undef CALL
}

/* Sums of nine taps at once stay in registers. */
INLINE void slide_filter_lane(double *sums, const v8 *restrict from, const v8 *restrict gradient,
                              int gradient_width, int kernel, int first, int taps, const kith_slide *s,
                              int block, size_t step) {
    size_t width = (size_t)s->width * step;
    v8 sum[TAPS] = {all(0)};
    size_t place[TAPS];
    for (int t = 0; t < taps; t++)
        place[t] = (size_t)((first + t) / kernel) * width + (size_t)((first + t) % kernel) * step;
    for (int y = 0; y < s->out_height; y++) {
        const v8 *row = from + (size_t)(y * s->stride) * width;
        const v8 *given = gradient + (size_t)y * (size_t)gradient_width * step;
        for (int x = 0; x < s->out_width; x++, row += (size_t)s->stride * step, given += step)
            for (int t = 0; t < taps; t++)
                sum[t] += row[place[t]] * *given;
    }
    for (int t = 0; t < taps; t++)
        add_to(sums + (size_t)(first + t) * (size_t)block, sum[t]);
}

static void slide_filter(double *sums, const float *from, const float *gradient, int gradient_width,
                         const kith_slide *shape, int block) {
    int count = shape->kernel * shape->kernel;
#define CALL(KERNEL, FIRST, COUNT)                                                                           \
    EACH_LANE(slide_filter_lane(sums + lane * LANES, vectors(from, lane), vectors(gradient, lane),           \
                                gradient_width, KERNEL, FIRST, COUNT, shape, block, step))
    if (shape->kernel == 3) {
        CALL(3, 0, TAPS);
        return;
    }
    int first = 0;
    for (; first + TAPS <= count; first += TAPS)
        CALL(shape->kernel, first, TAPS);
    for (; first < count; first++)
        CALL(shape->kernel, first, 1);
#undef CALL
}

/* ---- what the way back from pools and gates wants ---- */

INLINE void products_lane(v8 *out, const v8 *a, const v8 *b, size_t pixels, size_t step) {
    v8 sum = all(0);
    for (size_t i = 0; i < pixels * step; i += step)
        sum += a[i] * b[i];
    *out = sum;
}

static void products(float *out, const float *a, const float *b, size_t pixels, int block) {
    EACH_LANE(products_lane(room(out, lane), vectors(a, lane), vectors(b, lane), pixels, step));
}

INLINE void fill_lane(v8 *out, v8 value, size_t pixels, size_t step) {
    for (size_t i = 0; i < pixels * step; i += step)
        out[i] = value;
}

static void fill(float *out, const float *value, float factor, size_t pixels, int block) {
    EACH_LANE(fill_lane(room(out, lane), *vectors(value, lane) * factor, pixels, step));
}

const kith_tiles KITH_TILES = {
    .activate = activate,
    .activate_padded = activate_padded,
    .copy_padded = copy_padded,
    .copy_middle = copy_middle,
    .moments = moments,
    .finish = finish,
    .derive = derive,
    .add = add,
    .slide = slide,
    .slide_back = slide_back,
    .slide_filter = slide_filter,
    .products = products,
    .fill = fill,
};
