/* SPDX-License-Identifier: MIT
 *
 * Area average in exact integers. Along an axis of n source and m <= n target pixels, both are laid over n x
 * m units: source pixel i covers [i m, (i + 1) m), target pixel k covers [k n, (k + 1) n), and the weight of
 * i in k is the length of what they share. Weights of a target pixel add up to source width x source height,
 * its area.
 *
 * Rows first: a column sum is at most 255 x source height, which 31 bits hold. Then columns, as doubles,
 * which hold every integer below 2^53 and are what processors divide fastest: nothing is rounded before the
 * end.
 */
#include <assert.h>
#include <math.h>

#include "model/picture/picture.h"
#include "proto/clones.h"

/* The source pixels under a target pixel: `first` weighs head, `last` (when it is another) tail, those
 * between them weigh m.
 */
typedef struct span {
    int first, last, head, tail;
} span;

static span span_of(int k, int source, int target) {
    int64_t n = source, m = target, from = k * n, to = from + n - 1; /* the last unit */
    span under = {.first = (int)(from / m), .last = (int)(to / m)};
    under.head = (int)(under.first == under.last ? n : (under.first + 1) * m - from);
    under.tail = (int)(to + 1 - under.last * m);
    return under;
}

/* sums += weight * row */
KITH_CLONES static void add_row(int32_t *restrict sums, const unsigned char *restrict row, int32_t weight,
                                size_t count) {
    for (size_t i = 0; i < count; i++)
        sums[i] += weight * row[i];
}

static void sum_rows(int32_t *sums, const unsigned char *rgb, span under, int weight, size_t count) {
    memset(sums, 0, count * sizeof *sums);
    add_row(sums, rgb + (size_t)under.first * count, under.head, count);
    for (int y = under.first + 1; y < under.last; y++)
        add_row(sums, rgb + (size_t)y * count, weight, count);
    if (under.last > under.first)
        add_row(sums, rgb + (size_t)under.last * count, under.tail, count);
}

static void sum_columns(double *out, const int32_t *sums, const span *spans, int width) {
    for (int k = 0; k < width; k++, out += 3) {
        span under = spans[k];
        const int32_t *first = sums + (size_t)under.first * 3, *last = sums + (size_t)under.last * 3;
        int64_t red = 0, green = 0, blue = 0;
        for (const int32_t *at = first + 3; at < last; at += 3) {
            red += at[0];
            green += at[1];
            blue += at[2];
        }
        int64_t tail = last > first ? under.tail : 0;
        out[0] = (double)(under.head * (int64_t)first[0] + width * red + tail * last[0]);
        out[1] = (double)(under.head * (int64_t)first[1] + width * green + tail * last[1]);
        out[2] = (double)(under.head * (int64_t)first[2] + width * blue + tail * last[2]);
    }
}

/* floor(sum / area + 1/2). The quotient may be one off at a step: the remainder, which is exact, says so. */
KITH_CLONES static void divide(unsigned char *restrict out, const double *restrict sums, double area,
                               size_t count) {
    double scale = 1 / area, half = area / 2;
    for (size_t i = 0; i < count; i++) {
        double value = floor(sums[i] * scale + 0.5), rest = sums[i] - value * area;
        value += rest >= half ? 1.0 : rest < -half ? -1.0 : 0.0;
        out[i] = (unsigned char)(int)value;
    }
}

kith_status kith_resize_area(unsigned char *out, size_t out_stride, int width, int height,
                             const unsigned char *rgb, int source_width, int source_height, kith_error *err) {
    assert(width >= 1 && height >= 1 && width <= source_width && height <= source_height);
    assert(source_width < 1 << 23 &&
           source_height < 1 << 23); /* 255 x 2^23 < 2^31; 255 x 2^46 is not < 2^53, */
    assert((int64_t)source_width * source_height < (int64_t)1 << 44); /* but 255 x 2^44 is */
    size_t count = (size_t)source_width * 3, out_count = (size_t)width * 3;
    int32_t *sums = malloc(count * sizeof *sums);
    double *out_sums = calloc(out_count, sizeof *out_sums);
    span *spans = malloc((size_t)width * sizeof *spans);
    kith_status status = KITH_OK;
    if (!sums || !out_sums || !spans) {
        status = kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to reduce a picture");
        goto out;
    }
    for (int k = 0; k < width; k++)
        spans[k] = span_of(k, source_width, width);
    for (int k = 0; k < height; k++) {
        sum_rows(sums, rgb, span_of(k, source_height, height), height, count);
        sum_columns(out_sums, sums, spans, width);
        divide(out + (size_t)k * out_stride, out_sums, (double)source_width * source_height, out_count);
    }
out:
    free(spans);
    free(out_sums);
    free(sums);
    return status;
}
