/* SPDX-License-Identifier: MIT
 *
 * Each loss equals its definition, written down plainly in double precision, and its gradient equals the
 * central differences of that definition: on embeddings, and on ArcFace's weights.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/statistics/random.h"
#include "model/train/loss.h"

enum { D = KITH_DIMENSION, ROWS = 12, LABELS = 5, BANK = 30, PROBED = 40 };

typedef struct sample {
    kith_loss_options options;
    kith_loss_input input;
    double embeddings[ROWS * D], weights[LABELS * D];
    float raw[ROWS * D], raw_weights[LABELS * D], targets[ROWS * D], bank[BANK * D];
    int persons[ROWS], labels[ROWS];
} sample;

/* ---- the definitions ---- */

static double cosine(const double *a, const double *b) {
    double ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < D; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / (sqrt(aa) + 1e-8) / (sqrt(bb) + 1e-8);
}

static double cosine_to(const double *a, const float *unit) {
    double copy[D];
    for (int i = 0; i < D; i++)
        copy[i] = unit[i];
    return cosine(a, copy);
}

static double hinge(const sample *s, size_t a, size_t p, size_t n) {
    const double *e = s->embeddings;
    return fmax(0, cosine(e + a * D, e + n * D) - cosine(e + a * D, e + p * D) + s->options.margin);
}

static double triplet_loss(const sample *s) {
    double sum = 0;
    for (size_t i = 0; i < ROWS / 3; i++)
        sum += hinge(s, i, ROWS / 3 + i, 2 * (ROWS / 3) + i);
    return sum / (ROWS / 3);
}

static double hard_loss(const sample *s) {
    double sum = 0;
    int terms = 0;
    for (size_t i = 0; i < ROWS; i++) {
        double best = -1;
        for (size_t p = 0; p < ROWS; p++)
            for (size_t n = 0; n < ROWS; n++)
                if (p != i && s->persons[i] >= 0 && s->persons[p] == s->persons[i] && s->persons[n] >= 0 &&
                    s->persons[n] != s->persons[i])
                    best = fmax(best, hinge(s, i, p, n)); /* the hardest are what gives the largest */
        terms += best >= 0;
        sum += best >= 0 ? best : 0;
    }
    return sum / terms;
}

static double semihard_loss(const sample *s) {
    const double *e = s->embeddings;
    double sum = 0;
    int terms = 0;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t p = 0; p < ROWS; p++) {
            if (p == i || s->persons[i] < 0 || s->persons[p] != s->persons[i])
                continue;
            double s_ap = cosine(e + i * D, e + p * D), below = -2, least = 2;
            for (size_t n = 0; n < ROWS; n++) {
                double s_an = cosine(e + i * D, e + n * D);
                if (s->persons[n] < 0 || s->persons[n] == s->persons[i])
                    continue;
                below = s_an < s_ap ? fmax(below, s_an) : below;
                least = fmin(least, s_an);
            }
            sum += fmax(0, (below > -2 ? below : least) - s_ap + s->options.margin);
            terms++;
        }
    return sum / terms;
}

static double arcface_loss(const sample *s) {
    double sum = 0, m = s->options.margin;
    int terms = 0;
    for (size_t r = 0; r < ROWS; r++) {
        double total = 0, own = 0;
        if (s->labels[r] < 0)
            continue;
        for (int k = 0; k < LABELS; k++) {
            double c = cosine(s->embeddings + r * D, s->weights + (size_t)k * D);
            if (k == s->labels[r])
                c = own = acos(c) + m < acos(-1) ? cos(acos(c) + m) : c - m * sin(m);
            total += exp(s->options.scale * c);
        }
        sum += log(total) - s->options.scale * own;
        terms++;
    }
    return sum / terms;
}

static double bank_entropy(const sample *s, size_t row) {
    double p[BANK], q[BANK], p_sum = 0, q_sum = 0, sum = 0, t = s->options.temperature, target[D];
    for (int i = 0; i < D; i++)
        target[i] = s->targets[row * D + (size_t)i];
    for (size_t k = 0; k < BANK; k++) {
        p_sum += p[k] = exp(cosine_to(target, s->bank + k * D) / t);
        q_sum += q[k] = exp(cosine_to(s->embeddings + row * D, s->bank + k * D) / t);
    }
    for (size_t k = 0; k < BANK; k++)
        sum -= p[k] / p_sum * log(q[k] / q_sum);
    return sum;
}

static double distil_loss(const sample *s) {
    double to_targets = 0, matrix = 0, bank = 0, target[D];
    for (size_t i = 0; i < ROWS; i++) {
        to_targets += 1 - cosine_to(s->embeddings + i * D, s->targets + i * D);
        bank += bank_entropy(s, i);
        for (int k = 0; k < D; k++)
            target[k] = s->targets[i * D + (size_t)k];
        for (size_t j = 0; j < ROWS; j++) {
            double off =
                cosine(s->embeddings + i * D, s->embeddings + j * D) - cosine_to(target, s->targets + j * D);
            matrix += off * off;
        }
    }
    return s->options.cosine * to_targets / ROWS + s->options.matrix * matrix / (ROWS * ROWS) +
           s->options.bank_weight * bank / ROWS;
}

static double (*const definitions[])(const sample *) = {[KITH_LOSS_TRIPLET] = triplet_loss,
                                                        [KITH_LOSS_HARD] = hard_loss,
                                                        [KITH_LOSS_SEMIHARD] = semihard_loss,
                                                        [KITH_LOSS_ARCFACE] = arcface_loss,
                                                        [KITH_LOSS_DISTIL] = distil_loss};

/* ---- samples ---- */

static void directions(float *out, size_t count, kith_random *random) {
    for (size_t r = 0; r < count; r++, out += D) {
        double squares = 0;
        for (int i = 0; i < D; i++) {
            out[i] = (float)kith_random_normal(random) + (float)(r % 3); /* not all at right angles */
            squares += (double)out[i] * out[i];
        }
        for (int i = 0; i < D; i++)
            out[i] /= (float)sqrt(squares);
    }
}

static sample *make(kith_loss_kind kind, double margin, uint64_t seed) {
    sample *s = calloc(1, sizeof *s);
    kith_random random = {seed};
    assert_non_null(s);
    directions(s->targets, ROWS, &random);
    directions(s->bank, BANK, &random);
    directions(s->raw, ROWS, &random);
    directions(s->raw_weights, LABELS, &random);
    for (size_t i = 0; i < ROWS * D; i++)
        s->embeddings[i] = s->raw[i] *= (float)(1 + i / D); /* of all lengths */
    for (size_t i = 0; i < LABELS * D; i++)
        s->weights[i] = s->raw_weights[i] *= 0.5F;
    for (int i = 0; i < ROWS; i++) {
        s->persons[i] = i == 3 ? -1 : i / 3; /* three each, one of them unknown, one alone */
        s->labels[i] = i == 5 ? -1 : i % LABELS;
    }
    s->persons[ROWS - 1] = 77;
    s->options = (kith_loss_options){.kind = kind,
                                     .rows = ROWS,
                                     .margin = margin,
                                     .scale = 8,
                                     .labels = LABELS,
                                     .cosine = 2,
                                     .matrix = 3,
                                     .bank_weight = 0.5,
                                     .temperature = 0.2,
                                     .bank = s->bank,
                                     .bank_count = BANK};
    s->input = (kith_loss_input){.rows = ROWS,
                                 .embeddings = s->raw,
                                 .persons = s->persons,
                                 .labels = s->labels,
                                 .weights = s->raw_weights,
                                 .targets = s->targets};
    return s;
}

static double slope(sample *s, double *value) {
    double (*loss)(const sample *) = definitions[s->options.kind], step = 1e-6, kept = *value;
    *value = kept + step;
    double up = loss(s);
    *value = kept - step;
    double down = loss(s);
    *value = kept;
    return (up - down) / (2 * step);
}

static void close_to(double got, double wanted, double largest) {
    if (!(fabs(got - wanted) <= 1e-4 * fabs(wanted) + 2e-5 * largest))
        fail_msg("%.9g where %.9g is right", got, wanted);
}

/* Compares values chosen by chance; the largest tells what rounding may cost. */
static void compare(sample *s, double *values, const float *gradient, size_t count, uint64_t seed) {
    kith_random random = {seed};
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(gradient[i]));
    assert_true(largest > 0);
    for (int i = 0; i < PROBED; i++) {
        size_t at = kith_random_below(&random, count);
        close_to(gradient[at], slope(s, &values[at]), largest);
    }
}

static bool near(double got, double wanted) {
    return isnan(wanted) ? isnan(got) : fabs(got - wanted) < 1e-5;
}

/* Means over the triplets, else over all pairs of rows whose persons are known. */
static void check_figures(const sample *s, const kith_loss_figures *figures) {
    double sums[2] = {0}, to_target = 0;
    int counts[2] = {0};
    const double *e = s->embeddings;
    for (int i = 0; i < ROWS; i++) {
        to_target += cosine_to(e + (size_t)i * D, s->targets + (size_t)i * D) / ROWS;
        for (int j = i + 1; j < ROWS; j++) {
            bool same = s->persons[i] == s->persons[j];
            if (s->options.kind == KITH_LOSS_TRIPLET) {
                if (i >= ROWS / 3 || j % (ROWS / 3) != i)
                    continue;
                same = j < 2 * (ROWS / 3);
            } else if (s->persons[i] < 0 || s->persons[j] < 0)
                continue;
            sums[same] += cosine(e + (size_t)i * D, e + (size_t)j * D);
            counts[same]++;
        }
    }
    assert_true(near(figures->s_ap, sums[1] / counts[1]));
    assert_true(near(figures->s_an, sums[0] / counts[0]));
    assert_true(near(figures->to_target, s->options.kind == KITH_LOSS_DISTIL ? to_target : (double)NAN));
}

static void check(kith_loss_kind kind, double margin, uint64_t seed) {
    sample *s = make(kind, margin, seed);
    float gradient[ROWS * D], weights_gradient[LABELS * D];
    kith_error err = {0};
    kith_loss *loss = NULL;
    kith_loss_figures figures, again;
    s->input.weights_gradient = weights_gradient;
    assert_int_equal(kith_loss_open(&loss, &s->options, &err), KITH_OK);
    assert_int_equal(kith_loss_run(loss, &s->input, gradient, &figures, &err), KITH_OK);
    assert_true(fabs(figures.loss - definitions[kind](s)) < 1e-5 * fmax(1, figures.loss));
    assert_true(figures.terms > 0);
    check_figures(s, &figures);
    compare(s, s->embeddings, gradient, ROWS * D, seed);
    if (kind == KITH_LOSS_ARCFACE)
        compare(s, s->weights, weights_gradient, LABELS * D, seed);
    assert_int_equal(kith_loss_run(loss, &s->input, NULL, &again, &err), KITH_OK); /* evaluates alone */
    assert_memory_equal(&figures, &again, sizeof again);
    kith_loss_close(&loss);
    free(s);
}

static void triplets(void **state) {
    (void)state;
    check(KITH_LOSS_TRIPLET, 2, 1);
    check(KITH_LOSS_TRIPLET, 0.2, 2);
}

static void hard(void **state) {
    (void)state;
    check(KITH_LOSS_HARD, 2, 3);
    check(KITH_LOSS_HARD, 0.1, 4);
}

static void semihard(void **state) {
    (void)state;
    check(KITH_LOSS_SEMIHARD, 2, 5);
    check(KITH_LOSS_SEMIHARD, 0.3, 6);
}

static void arcface(void **state) {
    (void)state;
    check(KITH_LOSS_ARCFACE, 0.5, 7);
    check(KITH_LOSS_ARCFACE, 2.5, 8); /* most angles are beyond pi - margin */
}

static void distil(void **state) {
    (void)state;
    check(KITH_LOSS_DISTIL, 0, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(triplets), cmocka_unit_test(hard),
                                       cmocka_unit_test(semihard), cmocka_unit_test(arcface),
                                       cmocka_unit_test(distil)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
