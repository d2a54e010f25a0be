/* SPDX-License-Identifier: MIT
 *
 * ArcFace (Deng et al. 2019, arXiv:1801.07698): logits are scale x cos(angle to each person's direction), of
 * the own person scale x cos(angle + margin).
 */
#include <math.h>

#include "model/train/loss_parts.h"

enum { D = KITH_DIMENSION };

/* cos(t + m) for c = cos t, and its derivative by c. Beyond t = pi - m it would rise again; there the
 * authors' code goes on in a straight line.
 */
static double with_margin(double c, double margin, double *derivative) {
    if (c <= -cos(margin)) {
        *derivative = 1;
        return c - margin * sin(margin);
    }
    double sine = sqrt(fmax(1 - c * c, 1e-8));
    *derivative = cos(margin) + c / sine * sin(margin);
    return c * cos(margin) - sine * sin(margin);
}

/* Cross-entropy of the rows that have a label; logits become d loss / d cosine, 0 in the other rows. */
static void cross_entropy(kith_loss *loss, const kith_loss_input *input, kith_loss_figures *out) {
    size_t wide = loss->wide;
    double sum = 0, scale = loss->options.scale;
    for (size_t r = 0; r < input->rows; r++)
        out->terms += input->labels[r] >= 0;
    for (size_t r = 0; r < input->rows; r++) {
        float *row = loss->logits + r * wide;
        if (input->labels[r] < 0) {
            memset(row, 0, wide * sizeof *row);
            continue;
        }
        float *own = &row[input->labels[r]];
        double derivative, entropy;
        *own = (float)with_margin(*own, loss->options.margin, &derivative);
        double target = scale * *own;
        kith_softmax(row, &entropy, 1, wide, scale);
        sum += entropy - target;
        float factor = (float)(scale / (double)out->terms);
        for (size_t i = 0; i < wide; i++)
            row[i] *= factor;
        *own = (float)((*own - factor) * derivative);
    }
    out->loss = out->terms ? sum / (double)out->terms : 0;
}

kith_status kith_loss_arcface(kith_loss *loss, const kith_loss_input *input, bool learn,
                              kith_loss_figures *out, kith_error *err) {
    size_t rows = input->rows, wide = loss->wide;
    const kith_matrix unit = {loss->unit, D, false}, logits = {loss->logits, wide, false};
    const kith_matrix turned_logits = {loss->logits, wide, true}, weights = {loss->unit_weights, D, false};
    const kith_matrix turned_weights = {loss->unit_weights, D, true};
    kith_to_units(loss->unit_weights, loss->weights_length, input->weights, wide);
    kith_status status = kith_multiply(loss->logits, &unit, &turned_weights, rows, wide, D, false, err);
    if (status != KITH_OK)
        return status;
    cross_entropy(loss, input, out);
    if (learn)
        status = kith_multiply(loss->slope, &logits, &weights, rows, D, wide, true, err);
    if (status == KITH_OK && learn && input->weights_gradient) {
        float *slope = input->weights_gradient;
        status = kith_multiply(slope, &turned_logits, &unit, wide, D, rows, false, err);
        kith_from_units(slope, slope, loss->unit_weights, loss->weights_length, wide);
    }
    return status;
}
