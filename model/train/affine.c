/* SPDX-License-Identifier: MIT
 *
 * Batch norm (Ioffe and Szegedy 2015) or bias, and slopes: everything that is per channel. Sums of the
 * threads are joined in the order of the threads.
 */
#include <math.h>

#include "model/network/weights.h"
#include "model/train/rows.h"

static const double momentum = 0.99; /* of the moving statistics; the default of Keras' batch norms */

static size_t channels(const kith_row *row) {
    return (size_t)row->x.blocks * (size_t)row->x.block;
}

kith_status kith_affine_open(kith_graph *graph, kith_row *row, kith_error *err) {
    kith_affine_row *a = &row->norm;
    float **arrays[] = {&a->scale,    &a->shift,   &a->slope,   &a->mean,
                        &a->variance, &a->back[0], &a->back[1], &a->back[2]};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = kith_graph_take(graph, channels(row), sizeof(float))))
            return kith_fail(err, KITH_E_MEMORY, 0, row->layer->name, "no memory for this layer");
    a->sums = kith_graph_take(graph, (size_t)graph->threads * KITH_SUMS * channels(row), sizeof *a->sums);
    return a->sums ? KITH_OK : kith_fail(err, KITH_E_MEMORY, 0, row->layer->name, "no memory for this layer");
}

kith_affine_tile kith_affine_of(const kith_row *row, int block) {
    size_t first = (size_t)block * (size_t)row->x.block;
    return (kith_affine_tile){.activation = row->layer->activation,
                              .scale = row->norm.scale + first,
                              .shift = row->norm.shift + first,
                              .slope = row->norm.slope + first,
                              .mean = row->norm.mean + first};
}

double *kith_affine_sums(const kith_row *row, const kith_worker *worker, int block, size_t *step) {
    *step = channels(row);
    return row->norm.sums + (size_t)worker->number * KITH_SUMS * *step + (size_t)block * (size_t)row->x.block;
}

void kith_affine_count(const kith_graph *graph, const kith_row *row, const kith_worker *worker, int picture,
                       int block) {
    size_t step;
    if (row->layer->affine != KITH_NORM || graph->norm != KITH_NORM_BATCH)
        return;
    double *sums = kith_affine_sums(row, worker, block, &step);
    graph->tiles->moments(sums, step, kith_map_tile(&row->x, picture, block),
                          row->norm.mean + (size_t)block * (size_t)row->x.block, (size_t)row->x.pixels,
                          row->x.block);
}

/* The parameter's values, NULL: the row has none. */
static float *values_of(const kith_graph *graph, const kith_row *row, kith_role role) {
    int number = row->parameter[role];
    return number < 0 ? NULL : graph->parameters->values + graph->parameters->list[number].offset;
}

static float *gradient_of(const kith_graph *graph, const kith_row *row, kith_role role) {
    int number = row->parameter[role];
    return number < 0 ? NULL : graph->parameters->gradients + graph->parameters->list[number].offset;
}

static void clear_sums(const kith_graph *graph, const kith_row *row) {
    memset(row->norm.sums, 0, (size_t)graph->threads * KITH_SUMS * channels(row) * sizeof(double));
}

/* Over all threads, channel c. */
static double sum_of(const kith_graph *graph, const kith_row *row, int which, size_t c) {
    double sum = 0;
    for (int t = 0; t < graph->threads; t++)
        sum += row->norm.sums[((size_t)t * KITH_SUMS + (size_t)which) * channels(row) + c];
    return sum;
}

static void set_scale(const kith_graph *graph, const kith_row *row) {
    const kith_affine_row *a = &row->norm;
    const float *gamma = values_of(graph, row, KITH_GAMMA), *beta = values_of(graph, row, KITH_BETA);
    for (int c = 0; c < row->to.channels; c++) {
        a->scale[c] = gamma[c] / sqrtf(a->variance[c] + kith_norm_epsilon);
        a->shift[c] = beta[c] - a->mean[c] * a->scale[c];
    }
}

static void set_slope(const kith_graph *graph, const kith_row *row) {
    const float *slope = values_of(graph, row, KITH_SLOPE);
    for (int c = 0; c < row->to.channels; c++)
        row->norm.slope[c] = row->layer->activation == KITH_LEAKY     ? row->layer->alpha
                             : row->layer->activation == KITH_PRELU   ? slope[c]
                             : row->layer->activation == KITH_PRELU_1 ? slope[0]
                                                                      : 0;
}

void kith_affine_before(kith_graph *graph, kith_row *row) {
    kith_affine_row *a = &row->norm;
    size_t count = (size_t)row->to.channels * sizeof(float);
    const float *bias = values_of(graph, row, KITH_BIAS_ROLE);
    a->frozen = row->layer->affine != KITH_NORM || graph->norm == KITH_NORM_FROZEN;
    clear_sums(graph, row);
    set_slope(graph, row);
    if (row->layer->affine == KITH_NORM) {
        memcpy(a->mean, values_of(graph, row, KITH_MEAN), count);
        memcpy(a->variance, values_of(graph, row, KITH_VARIANCE), count);
        set_scale(graph, row);
        return;
    }
    for (int c = 0; c < row->to.channels; c++)
        a->scale[c] = 1;
    if (bias)
        memcpy(a->shift, bias, count);
}

static double count_of(const kith_graph *graph, const kith_row *row) {
    return (double)graph->batch * (double)row->x.pixels;
}

void kith_affine_after(kith_graph *graph, kith_row *row) {
    kith_affine_row *a = &row->norm;
    if (a->frozen)
        return;
    double count = count_of(graph, row);
    for (size_t c = 0; c < (size_t)row->to.channels; c++) {
        double mean = sum_of(graph, row, 0, c) / count; /* beside the moving mean */
        double variance = sum_of(graph, row, 1, c) / count - mean * mean;
        a->mean[c] = (float)((double)a->mean[c] + mean);
        a->variance[c] = (float)(variance > 0 ? variance : 0);
    }
    set_scale(graph, row);
    clear_sums(graph, row);
}

void kith_affine_gradients(kith_graph *graph, kith_row *row) {
    const kith_affine_row *a = &row->norm;
    float *gamma = gradient_of(graph, row, KITH_GAMMA), *beta = gradient_of(graph, row, KITH_BETA);
    float *bias = gradient_of(graph, row, KITH_BIAS_ROLE), *slope = gradient_of(graph, row, KITH_SLOPE);
    double count = count_of(graph, row), slopes = 0;
    for (size_t c = 0; c < (size_t)row->to.channels; c++) {
        double inverse = 1 / sqrt((double)a->variance[c] + (double)kith_norm_epsilon);
        double sum = sum_of(graph, row, 0, c), centred = sum_of(graph, row, 1, c);
        a->back[0][c] = a->scale[c];
        a->back[1][c] = a->frozen ? 0 : (float)(-(double)a->scale[c] * inverse * inverse * centred / count);
        a->back[2][c] = a->frozen ? 0 : (float)(-(double)a->scale[c] * sum / count);
        if (gamma) {
            gamma[c] = (float)(centred * inverse);
            beta[c] = (float)sum;
        }
        if (bias)
            bias[c] = (float)sum;
        if (slope && row->layer->activation == KITH_PRELU)
            slope[c] = (float)sum_of(graph, row, 2, c);
        slopes += sum_of(graph, row, 2, c);
    }
    if (slope && row->layer->activation == KITH_PRELU_1)
        slope[0] = (float)slopes;
    clear_sums(graph, row);
}

void kith_affine_update_moving(kith_graph *graph, kith_row *row) {
    const kith_affine_row *a = &row->norm;
    if (a->frozen)
        return;
    double count = count_of(graph, row), unbiased = count > 1 ? count / (count - 1) : 1;
    float *mean = values_of(graph, row, KITH_MEAN);
    float *variance = values_of(graph, row, KITH_VARIANCE);
    for (int c = 0; c < row->to.channels; c++) {
        mean[c] = (float)(momentum * (double)mean[c] + (1 - momentum) * (double)a->mean[c]);
        variance[c] =
            (float)(momentum * (double)variance[c] + (1 - momentum) * unbiased * (double)a->variance[c]);
    }
}
