/* SPDX-License-Identifier: MIT */
#include "model/face/align.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Open Model Zoo's for face-reidentification-retail-0095 (its documentation, "reference landmarks"), as
 * fractions of the side, and ArcFace's for 112 x 112 (Deng et al. 2019, arXiv:1801.07698, insightface's
 * arcface_dst).
 */
static const double arcface[2 * KITH_POINTS] = {38.2946, 51.6963, 73.5318, 51.5014, 56.0252,
                                                71.7366, 41.5493, 92.3655, 70.7299, 92.2041};
static const double retail[2 * KITH_POINTS] = {0.31556875, 0.46157411, 0.68262292, 0.46157411, 0.50026250,
                                               0.64050536, 0.34947188, 0.82469196, 0.65343646, 0.82469196};
static const struct {
    const char *arch;
    double side; /* that the numbers are given for */
    const double *points;
} templates[] = {{"mobileface", 112, arcface}, {"reid", 1, retail}, {"siamese", 1, retail}};

bool kith_template(float out[2 * KITH_POINTS], const char *arch, int side) {
    for (size_t t = 0; t < sizeof templates / sizeof templates[0]; t++) {
        if (strcmp(templates[t].arch, arch) != 0)
            continue;
        for (int i = 0; i < 2 * KITH_POINTS; i++)
            out[i] = (float)(templates[t].points[i] * side / templates[t].side);
        return true;
    }
    return false;
}

/* Umeyama 1991 (doi:10.1109/34.88573) in two dimensions without the mirror: with points as complex numbers
 * about their means, a + ib = sum(conj(from) to) / sum(|from|^2).
 */
bool kith_similarity_fit(kith_similarity *out, const float *from, const float *to, size_t count) {
    double mean[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        mean[0] += from[2 * i] / (double)count;
        mean[1] += from[2 * i + 1] / (double)count;
        mean[2] += to[2 * i] / (double)count;
        mean[3] += to[2 * i + 1] / (double)count;
    }
    double spread = 0, real = 0, imaginary = 0;
    for (size_t i = 0; i < count; i++) {
        double x = from[2 * i] - mean[0], y = from[2 * i + 1] - mean[1];
        double u = to[2 * i] - mean[2], v = to[2 * i + 1] - mean[3];
        spread += x * x + y * y;
        real += x * u + y * v;
        imaginary += x * v - y * u;
    }
    out->a = real / spread;
    out->b = imaginary / spread;
    out->u0 = mean[2] - (out->a * mean[0] - out->b * mean[1]);
    out->v0 = mean[3] - (out->b * mean[0] + out->a * mean[1]);
    return spread > 0 && isfinite(out->u0) && isfinite(out->v0) && kith_similarity_scale(out) > 0;
}

double kith_similarity_scale(const kith_similarity *similarity) {
    return sqrt(similarity->a * similarity->a + similarity->b * similarity->b);
}

void kith_similarity_apply(const kith_similarity *s, const float from[2], float to[2]) {
    double x = from[0], y = from[1];
    to[0] = (float)(s->a * x - s->b * y + s->u0);
    to[1] = (float)(s->b * x + s->a * y + s->v0);
}

/* Chip to (reduced) picture: x = x0 + u dx - v dy, y = y0 + u dy + v dx. */
typedef struct inverse {
    double x0, y0, dx, dy;
} inverse;

static inverse invert(const kith_similarity *s, int k) {
    double square = (s->a * s->a + s->b * s->b) * k;
    inverse inv = {.dx = s->a / square, .dy = -s->b / square};
    inv.x0 = -(inv.dx * s->u0 - inv.dy * s->v0) + 0.5 / k - 0.5; /* p -> (p + 0.5) / k - 0.5 */
    inv.y0 = -(inv.dy * s->u0 + inv.dx * s->v0) + 0.5 / k - 0.5;
    return inv;
}

/* The part of the (reduced) picture that a chip looks at, as floats. */
typedef struct patch {
    int left, top, width, height;
    float *values; /* height x width x 3 */
} patch;

static int clamp(double value, int low, int high) {
    return value <= low ? low : value >= high ? high : (int)value;
}

/* The smallest rectangle of pixels under the chip's corners, inside width x height; may be empty. */
static patch patch_under(const inverse *inv, int side, int width, int height) {
    double far = side - 1, low_x = inv->x0, high_x = inv->x0, low_y = inv->y0, high_y = inv->y0;
    for (int corner = 1; corner < 4; corner++) {
        double u = corner & 1 ? far : 0, v = corner & 2 ? far : 0;
        double x = inv->x0 + u * inv->dx - v * inv->dy, y = inv->y0 + u * inv->dy + v * inv->dx;
        low_x = fmin(low_x, x);
        high_x = fmax(high_x, x);
        low_y = fmin(low_y, y);
        high_y = fmax(high_y, y);
    }
    patch p = {.left = clamp(floor(low_x), 0, width), .top = clamp(floor(low_y), 0, height)};
    p.width = clamp(floor(high_x) + 2, p.left, width) - p.left;
    p.height = clamp(floor(high_y) + 2, p.top, height) - p.top;
    return p;
}

/* One cell: the mean of k x k pixels. */
static void average(float *out, const unsigned char *corner, size_t stride, int k) {
    uint64_t sum[3] = {0, 0, 0};
    for (int y = 0; y < k; y++, corner += stride) {
        for (int x = 0; x < 3 * k; x += 3) {
            sum[0] += corner[x];
            sum[1] += corner[x + 1];
            sum[2] += corner[x + 2];
        }
    }
    double cells = (double)k * k;
    for (int c = 0; c < 3; c++)
        out[c] = (float)((double)sum[c] / cells);
}

static void patch_fill(patch *p, const unsigned char *rgb, int width, int k) {
    size_t stride = (size_t)width * 3;
    float *out = p->values;
    for (int y = 0; y < p->height; y++) {
        const unsigned char *row = rgb + (size_t)(p->top + y) * (size_t)k * stride;
        for (int x = 0; x < p->width; x++, out += 3)
            average(out, row + (size_t)(p->left + x) * (size_t)k * 3, stride, k);
    }
}

/* Adds weight x pixel; nothing outside. */
static void add(double sum[3], const patch *p, int x, int y, double weight) {
    if (x < 0 || y < 0 || x >= p->width || y >= p->height)
        return;
    const float *value = p->values + ((size_t)y * (size_t)p->width + (size_t)x) * 3;
    for (int c = 0; c < 3; c++)
        sum[c] += weight * value[c];
}

/* The same of four pixels inside, in the same order: what nearly all samples are. */
static void add_four(double sum[3], const patch *p, int left, int top, double right, double below) {
    const float *above = p->values + ((size_t)top * (size_t)p->width + (size_t)left) * 3;
    const float *under = above + (size_t)p->width * 3;
    double weights[4] = {(1 - right) * (1 - below), right * (1 - below), (1 - right) * below, right * below};
    for (int c = 0; c < 3; c++) {
        sum[c] += weights[0] * above[c];
        sum[c] += weights[1] * above[c + 3];
        sum[c] += weights[2] * under[c];
        sum[c] += weights[3] * under[c + 3];
    }
}

static void sample(unsigned char out[3], const patch *p, double x, double y) {
    double sum[3] = {0.5, 0.5, 0.5}; /* rounds half up */
    double floor_x = floor(x), floor_y = floor(y);
    if (floor_x >= -1 && floor_y >= -1 && floor_x < p->width && floor_y < p->height) {
        int left = (int)floor_x, top = (int)floor_y;
        double right = x - floor_x, below = y - floor_y;
        if (left >= 0 && top >= 0 && left + 1 < p->width && top + 1 < p->height) {
            add_four(sum, p, left, top, right, below);
        } else {
            add(sum, p, left, top, (1 - right) * (1 - below));
            add(sum, p, left + 1, top, right * (1 - below));
            add(sum, p, left, top + 1, (1 - right) * below);
            add(sum, p, left + 1, top + 1, right * below);
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = (unsigned char)sum[c];
}

kith_status kith_align(unsigned char *chip, int side, const kith_similarity *similarity,
                       const unsigned char *rgb, int width, int height, kith_error *err) {
    double scale = kith_similarity_scale(similarity);
    int k = scale < 0.5 ? clamp(floor(1 / scale), 2, width > height ? width + 1 : height + 1) : 1;
    inverse inv = invert(similarity, k);
    patch p = patch_under(&inv, side, width / k, height / k);
    memset(chip, 0, (size_t)side * (size_t)side * 3);
    if (p.width == 0 || p.height == 0)
        return KITH_OK;
    /* Both sides are bounded by the chip: one chip pixel spans less than two (reduced) pixels. */
    p.values = calloc((size_t)p.width * (size_t)p.height, 3 * sizeof *p.values);
    if (!p.values)
        return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory to align a face");
    patch_fill(&p, rgb, width, k);
    for (int v = 0; v < side; v++) {
        for (int u = 0; u < side; u++, chip += 3) {
            double x = inv.x0 + u * inv.dx - v * inv.dy, y = inv.y0 + u * inv.dy + v * inv.dx;
            sample(chip, &p, x - p.left, y - p.top);
        }
    }
    free(p.values);
    return KITH_OK;
}
