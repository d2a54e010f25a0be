/* SPDX-License-Identifier: MIT */
#include "model/train/loss.h"

#include <math.h>

#include "model/statistics/random.h"
#include "model/train/loss_parts.h"
#include "proto/vector.h"

enum { D = KITH_DIMENSION, ALIGNMENT = 64 };
static const double EPSILON = 1e-8;  /* added to lengths, as the reference does */
static const float SHORTEST = 1e-6F; /* what is shorter has no direction */

/* ---- memory ---- */

static float *floats(size_t rows, size_t columns, bool *good) {
    size_t count, bytes;
    if (__builtin_mul_overflow(rows, columns, &count) ||
        __builtin_mul_overflow(count, sizeof(float), &bytes) || bytes > SIZE_MAX - ALIGNMENT) {
        *good = false;
        return NULL;
    }
    float *values = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT);
    *good &= values != NULL;
    return values;
}

kith_status kith_loss_open(kith_loss **out, const kith_loss_options *options, kith_error *err) {
    kith_loss *loss = *out = calloc(1, sizeof *loss);
    size_t rows = options->rows;
    bool good = loss != NULL, distil = options->kind == KITH_LOSS_DISTIL;
    if (loss) {
        loss->options = *options;
        loss->wide = options->kind == KITH_LOSS_ARCFACE ? options->labels : distil ? options->bank_count : 0;
        loss->unit = floats(rows, D, &good);
        loss->length = floats(rows, 1, &good);
        loss->slope = floats(rows, D, &good);
        loss->alike = floats(rows, rows, &good);
        loss->pairs = floats(rows, rows, &good);
        loss->target_alike = distil ? floats(rows, rows, &good) : NULL;
        loss->logits = floats(rows, loss->wide, &good);
        loss->target_logits = distil ? floats(rows, loss->wide, &good) : NULL;
        loss->unit_weights = distil ? NULL : floats(loss->wide, D, &good);
        loss->weights_length = distil ? NULL : floats(loss->wide, 1, &good);
    }
    if (good)
        return KITH_OK;
    kith_loss_close(out);
    return kith_fail(err, KITH_E_MEMORY, 0, NULL, "no memory for the loss of %zu pictures", rows);
}

void kith_loss_close(kith_loss **loss) {
    if (*loss) {
        free((*loss)->unit);
        free((*loss)->length);
        free((*loss)->slope);
        free((*loss)->alike);
        free((*loss)->pairs);
        free((*loss)->target_alike);
        free((*loss)->logits);
        free((*loss)->target_logits);
        free((*loss)->unit_weights);
        free((*loss)->weights_length);
    }
    free(*loss);
    *loss = NULL;
}

/* ---- directions ---- */

void kith_to_units(float *unit, float *length, const float *raw, size_t rows) {
    for (size_t r = 0; r < rows; r++, raw += D, unit += D) {
        length[r] = (float)sqrt(kith_dot(raw, raw));
        float scale = (float)(1 / (length[r] + EPSILON));
        for (int i = 0; i < D; i++)
            unit[i] = raw[i] * scale;
    }
}

/* The unit vector is e / (r + eps) with r = |e|: its derivative is (I - e e' / (r (r + eps))) / (r + eps). */
void kith_from_units(float *gradient, const float *slope, const float *unit, const float *length,
                     size_t rows) {
    for (size_t r = 0; r < rows; r++, gradient += D, slope += D, unit += D) {
        bool directed = length[r] >= SHORTEST;
        double scale = directed ? 1 / (length[r] + EPSILON) : 0;
        float along = directed ? (float)(kith_dot(slope, unit) * (length[r] + EPSILON) / length[r]) : 0;
        for (int i = 0; i < D; i++)
            gradient[i] = (float)scale * (slope[i] - along * unit[i]);
    }
}

kith_status kith_pairs_to_units(kith_loss *loss, size_t rows, kith_error *err) {
    const kith_matrix pairs = {loss->pairs, rows, false}, turned = {loss->pairs, rows, true};
    const kith_matrix unit = {loss->unit, D, false};
    kith_status status = kith_multiply(loss->slope, &pairs, &unit, rows, D, rows, true, err);
    return status == KITH_OK ? kith_multiply(loss->slope, &turned, &unit, rows, D, rows, true, err) : status;
}

void kith_softmax(float *rows, double *sums, size_t count, size_t wide, double factor) {
    for (size_t r = 0; r < count; r++, rows += wide) {
        float most = rows[0];
        for (size_t i = 1; i < wide; i++)
            most = rows[i] > most ? rows[i] : most;
        double sum = 0;
        for (size_t i = 0; i < wide; i++) {
            rows[i] = expf((float)factor * (rows[i] - most));
            sum += rows[i];
        }
        if (sums)
            sums[r] = factor * most + log(sum);
        for (size_t i = 0; i < wide; i++)
            rows[i] = (float)(rows[i] / sum);
    }
}

/* ---- figures ---- */

/* Mean similarity of all pairs whose persons are known. */
static void pair_figures(const kith_loss *loss, const kith_loss_input *input, kith_loss_figures *out) {
    double sum[2] = {0, 0};
    size_t count[2] = {0, 0};
    for (size_t i = 0; i < input->rows; i++)
        for (size_t j = 0; j < i; j++) {
            if (input->persons[i] < 0 || input->persons[j] < 0)
                continue;
            bool same = input->persons[i] == input->persons[j];
            sum[same] += loss->alike[i * input->rows + j];
            count[same]++;
        }
    out->s_ap = count[true] ? sum[true] / (double)count[true] : NAN;
    out->s_an = count[false] ? sum[false] / (double)count[false] : NAN;
}

static bool all_finite(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static kith_status run(kith_loss *loss, const kith_loss_input *input, bool learn, kith_loss_figures *out,
                       kith_error *err) {
    const kith_matrix unit = {loss->unit, D, false}, turned = {loss->unit, D, true};
    size_t rows = input->rows;
    if (loss->options.kind == KITH_LOSS_TRIPLET)
        return kith_loss_triplet(loss, input, learn, out, err);
    kith_status status = kith_multiply(loss->alike, &unit, &turned, rows, rows, D, false, err);
    if (status == KITH_OK && input->persons)
        pair_figures(loss, input, out);
    if (status != KITH_OK)
        return status;
    switch (loss->options.kind) {
    case KITH_LOSS_ARCFACE:
        return kith_loss_arcface(loss, input, learn, out, err);
    case KITH_LOSS_DISTIL:
        return kith_loss_distil(loss, input, learn, out, err);
    default:
        return kith_loss_mined(loss, input, learn, out, err);
    }
}

kith_status kith_loss_run(kith_loss *loss, const kith_loss_input *input, float *gradient,
                          kith_loss_figures *out, kith_error *err) {
    size_t count = input->rows * D;
    *out = (kith_loss_figures){.s_ap = NAN, .s_an = NAN, .to_target = NAN};
    kith_to_units(loss->unit, loss->length, input->embeddings, input->rows);
    memset(loss->slope, 0, count * sizeof *loss->slope);
    kith_status status = KITH_OK;
    if (all_finite(loss->length, input->rows))
        status = run(loss, input, gradient != NULL, out, err);
    else
        out->loss = NAN; /* comparisons inside would hide it */
    if (status == KITH_OK && gradient)
        kith_from_units(gradient, loss->slope, loss->unit, loss->length, input->rows);
    return status;
}

void kith_arcface_start(float *weights, size_t labels, uint64_t seed) {
    kith_random random = {kith_random_mix(seed, labels)};
    for (size_t i = 0; i < labels * D; i++)
        weights[i] = (float)kith_random_normal(&random) / 16; /* length about 1 */
}
