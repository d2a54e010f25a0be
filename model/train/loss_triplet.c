/* SPDX-License-Identifier: MIT
 *
 * Losses that compare similarities of pairs: given triplets, and triplets that are mined from a batch.
 */
#include "model/train/loss_parts.h"
#include "proto/vector.h"

enum { D = KITH_DIMENSION };

/* slope of `to` += factor x unit vector of `of`. */
static void pull(kith_loss *loss, size_t to, size_t of, float factor) {
    float *slope = loss->slope + to * D;
    const float *unit = loss->unit + of * D;
    for (int i = 0; i < D; i++)
        slope[i] += factor * unit[i];
}

kith_status kith_loss_triplet(kith_loss *loss, const kith_loss_input *input, bool learn,
                              kith_loss_figures *out, kith_error *err) {
    size_t count = input->rows / 3;
    float share = count ? 1 / (float)count : 0;
    double sum = 0, positive = 0, negative = 0;
    (void)err;
    for (size_t a = 0; a < count; a++) {
        size_t p = count + a, n = 2 * count + a;
        double s_ap = kith_dot(loss->unit + a * D, loss->unit + p * D);
        double s_an = kith_dot(loss->unit + a * D, loss->unit + n * D);
        double wrong = s_an - s_ap + loss->options.margin;
        positive += s_ap;
        negative += s_an;
        if (wrong <= 0)
            continue;
        sum += wrong;
        if (!learn)
            continue;
        pull(loss, a, n, share);
        pull(loss, a, p, -share);
        pull(loss, n, a, share);
        pull(loss, p, a, -share);
    }
    out->terms = count;
    if (count > 0) {
        out->loss = sum / (double)count;
        out->s_ap = positive / (double)count;
        out->s_an = negative / (double)count;
    }
    return KITH_OK;
}

/* ---- mining ---- */

enum { NONE = -1 };

/* One sum over triplets of a batch, before it is divided by their number. */
typedef struct mined {
    double sum;
    size_t terms;
} mined;

static void take(kith_loss *loss, mined *so_far, size_t rows, size_t anchor, int positive, int negative) {
    float *pairs = loss->pairs + anchor * rows;
    const float *alike = loss->alike + anchor * rows;
    double wrong = (double)alike[negative] - alike[positive] + loss->options.margin;
    so_far->terms++;
    if (wrong <= 0)
        return;
    so_far->sum += wrong;
    pairs[negative] += 1;
    pairs[positive] -= 1;
}

static bool same(const kith_loss_input *input, size_t i, size_t j) {
    return input->persons[i] == input->persons[j];
}

static void mine_hard(kith_loss *loss, const kith_loss_input *input, mined *out) {
    for (size_t i = 0; i < input->rows; i++) {
        const float *alike = loss->alike + i * input->rows;
        int positive = NONE, negative = NONE;
        for (size_t j = 0; j < input->rows && input->persons[i] >= 0; j++) {
            if (j == i || input->persons[j] < 0)
                continue;
            if (same(input, i, j)) {
                if (positive == NONE || alike[j] < alike[positive])
                    positive = (int)j;
            } else if (negative == NONE || alike[j] > alike[negative])
                negative = (int)j;
        }
        if (positive != NONE && negative != NONE)
            take(loss, out, input->rows, i, positive, negative);
    }
}

/* The negative for one pair: below the positive the most similar one, else the least similar of all. */
static int semihard_negative(const kith_loss *loss, const kith_loss_input *input, size_t anchor,
                             float positive) {
    const float *alike = loss->alike + anchor * input->rows;
    int below = NONE, least = NONE;
    for (size_t j = 0; j < input->rows; j++) {
        if (input->persons[j] < 0 || same(input, anchor, j))
            continue;
        if (alike[j] < positive && (below == NONE || alike[j] > alike[below]))
            below = (int)j;
        if (least == NONE || alike[j] < alike[least])
            least = (int)j;
    }
    return below != NONE ? below : least;
}

static void mine_semihard(kith_loss *loss, const kith_loss_input *input, mined *out) {
    for (size_t i = 0; i < input->rows; i++) {
        for (size_t j = 0; j < input->rows && input->persons[i] >= 0; j++) {
            if (j == i || !same(input, i, j))
                continue;
            int negative = semihard_negative(loss, input, i, loss->alike[i * input->rows + j]);
            if (negative != NONE)
                take(loss, out, input->rows, i, (int)j, negative);
        }
    }
}

kith_status kith_loss_mined(kith_loss *loss, const kith_loss_input *input, bool learn, kith_loss_figures *out,
                            kith_error *err) {
    size_t count = input->rows * input->rows;
    mined so_far = {0};
    memset(loss->pairs, 0, count * sizeof *loss->pairs);
    if (loss->options.kind == KITH_LOSS_HARD)
        mine_hard(loss, input, &so_far);
    else
        mine_semihard(loss, input, &so_far);
    out->terms = so_far.terms;
    out->loss = so_far.terms ? so_far.sum / (double)so_far.terms : 0;
    for (size_t i = 0; i < count && so_far.terms; i++)
        loss->pairs[i] /= (float)so_far.terms;
    return learn ? kith_pairs_to_units(loss, input->rows, err) : KITH_OK;
}
