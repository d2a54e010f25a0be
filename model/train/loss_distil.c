/* SPDX-License-Identifier: MIT
 *
 * Distillation: to the target itself, to the similarities of the batch's targets among each other, and to the
 * target's place among many others.
 */
#include <math.h>

#include "model/train/loss_parts.h"

enum { D = KITH_DIMENSION };

/* cosine x mean(1 - cos) */
static void towards_targets(kith_loss *loss, const kith_loss_input *input, kith_loss_figures *out) {
    float share = (float)(loss->options.cosine / (double)input->rows);
    double sum = 0;
    for (size_t i = 0; i < input->rows * D; i++) {
        sum += (double)loss->unit[i] * input->targets[i];
        loss->slope[i] -= share * input->targets[i];
    }
    out->to_target = sum / (double)input->rows;
    out->loss += loss->options.cosine * (1 - out->to_target);
}

/* matrix x mean((X X' - T T')^2) */
static kith_status towards_matrix(kith_loss *loss, const kith_loss_input *input, bool learn,
                                  kith_loss_figures *out, kith_error *err) {
    size_t rows = input->rows;
    const kith_matrix targets = {input->targets, D, false}, turned = {input->targets, D, true};
    kith_status status = kith_multiply(loss->target_alike, &targets, &turned, rows, rows, D, false, err);
    if (status != KITH_OK)
        return status;
    double share = loss->options.matrix / (double)(rows * rows), sum = 0;
    for (size_t i = 0; i < rows * rows; i++) {
        float off = loss->alike[i] - loss->target_alike[i];
        sum += (double)off * off;
        loss->pairs[i] = (float)(2 * share) * off;
    }
    out->loss += share * sum;
    return learn ? kith_pairs_to_units(loss, rows, err) : KITH_OK;
}

/* bank_weight x mean cross-entropy: sum(p) log(sum(exp)) - sum(p logit), where sum(p) is 1. */
static kith_status towards_bank(kith_loss *loss, const kith_loss_input *input, bool learn,
                                kith_loss_figures *out, kith_error *err) {
    size_t rows = input->rows, wide = loss->wide;
    double factor = 1 / loss->options.temperature, share = loss->options.bank_weight / (double)rows, sum = 0;
    const kith_matrix unit = {loss->unit, D, false}, targets = {input->targets, D, false};
    const kith_matrix bank = {loss->options.bank, D, false}, turned = {loss->options.bank, D, true};
    const kith_matrix logits = {loss->logits, wide, false};
    kith_status status = kith_multiply(loss->target_logits, &targets, &turned, rows, wide, D, false, err);
    if (status == KITH_OK)
        status = kith_multiply(loss->logits, &unit, &turned, rows, wide, D, false, err);
    if (status != KITH_OK)
        return status;
    kith_softmax(loss->target_logits, NULL, rows, wide, factor);
    for (size_t r = 0; r < rows; r++) {
        float *own = loss->logits + r * wide, *target = loss->target_logits + r * wide;
        double entropy, expected = 0;
        for (size_t i = 0; i < wide; i++)
            expected += (double)target[i] * own[i];
        kith_softmax(own, &entropy, 1, wide, factor);
        sum += entropy - factor * expected;
        for (size_t i = 0; i < wide; i++)
            own[i] = (float)(share * factor) * (own[i] - target[i]);
    }
    out->loss += share * sum;
    return learn ? kith_multiply(loss->slope, &logits, &bank, rows, D, wide, true, err) : KITH_OK;
}

kith_status kith_loss_distil(kith_loss *loss, const kith_loss_input *input, bool learn,
                             kith_loss_figures *out, kith_error *err) {
    out->terms = input->rows;
    towards_targets(loss, input, out);
    kith_status status = KITH_OK;
    if (loss->options.matrix > 0)
        status = towards_matrix(loss, input, learn, out, err);
    if (status == KITH_OK && loss->options.bank_weight > 0 && loss->wide > 0)
        status = towards_bank(loss, input, learn, out, err);
    return status;
}
