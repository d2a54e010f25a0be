/* SPDX-License-Identifier: MIT */
#include "model/train/augment.h"

#include <math.h>
#include <stdio.h>

#include "model/picture/picture.h"
#include "model/statistics/random.h"
#include "proto/clones.h"

static const double CENTRE = (KITH_CHIP_SIDE - 1) / 2.0;

/* ---- drawing ---- */

static float round_to(double value) {
    return (float)(round(value * 1000) / 1000 + 0.0); /* no -0, which a text would not hold */
}

static float normal(kith_random *random, double deviation) {
    return round_to(deviation * fmax(-3, fmin(3, kith_random_normal(random))));
}

static float between(kith_random *random, double low, double high) {
    return round_to(low + (high - low) * kith_random_uniform(random));
}

static bool one_in(kith_random *random, size_t n) {
    return kith_random_below(random, n) == 0;
}

/* The kinds and shares are those that `siamese` was distilled with (model/weights/siamese.md). */
void kith_augmentation_draw(kith_augmentation *out, uint64_t seed) {
    kith_random random = {seed};
    *out = (kith_augmentation){.mirror = one_in(&random, 2), .rotation = normal(&random, 3)};
    out->zoom = normal(&random, 0.04);
    out->shift[0] = normal(&random, 1.5);
    out->shift[1] = normal(&random, 1.5);
    out->brightness = normal(&random, 15);
    out->contrast = normal(&random, 0.15);
    if (one_in(&random, 4))
        out->reduced = 40 + (int)kith_random_below(&random, 61);
    if (one_in(&random, 5))
        out->blur = between(&random, 0.5, 1.5);
    if (one_in(&random, 7)) {
        out->square[0] = between(&random, 16, 128);
        out->square[1] = between(&random, 16, 128);
        out->square[2] = between(&random, 20, 50);
        out->grey = (int)kith_random_below(&random, 256);
    }
    out->noise = 0.5F;
    out->noise_seed = (uint32_t)kith_random_next(&random);
}

/* ---- geometry: similarities as products of complex numbers ---- */

static kith_similarity after(const kith_similarity *second, const kith_similarity *first) {
    const kith_similarity *s = second, *f = first;
    return (kith_similarity){.a = s->a * f->a - s->b * f->b,
                             .b = s->a * f->b + s->b * f->a,
                             .u0 = s->a * f->u0 - s->b * f->v0 + s->u0,
                             .v0 = s->b * f->u0 + s->a * f->v0 + s->v0};
}

static kith_similarity movement(const kith_augmentation *augmentation) {
    double scale = exp(augmentation->zoom), angle = augmentation->rotation * 3.14159265358979323846 / 180;
    kith_similarity s = {.a = scale * cos(angle), .b = scale * sin(angle)};
    s.u0 = CENTRE - s.a * CENTRE + s.b * CENTRE + augmentation->shift[0];
    s.v0 = CENTRE - s.b * CENTRE - s.a * CENTRE + augmentation->shift[1];
    return s;
}

/* From a chip that was reduced to `side` pixels: pixel centres at integers. */
static kith_similarity enlargement(int side) {
    double scale = (double)KITH_CHIP_SIDE / side;
    return (kith_similarity){.a = scale, .u0 = 0.5 * scale - 0.5, .v0 = 0.5 * scale - 0.5};
}

bool kith_frame_of(kith_frame *out, const char *arch, int side) {
    float chip[2 * KITH_POINTS], input[2 * KITH_POINTS];
    out->side = side;
    kith_chip_points(chip);
    return kith_template(input, arch, side) && kith_similarity_fit(&out->from_chip, chip, input, KITH_POINTS);
}

/* ---- pixels ---- */

enum { ROW = KITH_CHIP_SIDE * 3, BYTES = ROW * KITH_CHIP_SIDE, REACH = 6 }; /* of a Gaussian of 2 */

static void mirror_pixels(unsigned char *out, const unsigned char *rgb) {
    for (int y = 0; y < KITH_CHIP_SIDE; y++, rgb += ROW, out += ROW)
        for (int x = 0; x < KITH_CHIP_SIDE; x++)
            memcpy(out + (size_t)x * 3, rgb + (size_t)(KITH_CHIP_SIDE - 1 - x) * 3, 3);
}

/* Weights of a Gaussian at -reach..reach. */
static void gaussian(float *out, int reach, double deviation) {
    double sum = 0;
    for (int i = -reach; i <= reach; i++)
        sum += exp(-0.5 * i * i / (deviation * deviation));
    for (int i = -reach; i <= reach; i++)
        out[i + reach] = (float)(exp(-0.5 * i * i / (deviation * deviation)) / sum);
}

KITH_CLONES static void add_row(float *restrict out, const float *restrict in, float weight) {
    for (int i = 0; i < ROW; i++)
        out[i] += weight * in[i];
}

/* Along a row of bytes, with its edges repeated. */
static void blur_row(float *out, const unsigned char *rgb, int reach, const float *weights) {
    float padded[ROW + 6 * REACH];
    for (int x = -reach; x < KITH_CHIP_SIDE + reach; x++) {
        int at = x < 0 ? 0 : x >= KITH_CHIP_SIDE ? KITH_CHIP_SIDE - 1 : x;
        for (int c = 0; c < 3; c++)
            padded[3 * (x + reach) + c] = rgb[3 * at + c];
    }
    for (int i = 0; i < ROW; i++)
        out[i] = 0;
    for (int k = 0; k <= 2 * reach; k++)
        add_row(out, padded + (size_t)k * 3, weights[k]);
}

static void blur_pixels(unsigned char *rgb, double deviation) {
    float weights[2 * REACH + 1], rows[KITH_CHIP_SIDE][ROW], sum[ROW];
    int reach = (int)ceil(3 * deviation);
    reach = reach < REACH ? reach : REACH;
    gaussian(weights, reach, deviation);
    for (int y = 0; y < KITH_CHIP_SIDE; y++)
        blur_row(rows[y], rgb + (size_t)y * ROW, reach, weights);
    for (int y = 0; y < KITH_CHIP_SIDE; y++, rgb += ROW) {
        for (int i = 0; i < ROW; i++)
            sum[i] = 0.5F;
        for (int k = -reach; k <= reach; k++) {
            int at = y + k < 0 ? 0 : y + k >= KITH_CHIP_SIDE ? KITH_CHIP_SIDE - 1 : y + k;
            add_row(sum, rows[at], weights[k + reach]);
        }
        for (int i = 0; i < ROW; i++)
            rgb[i] = (unsigned char)(sum[i] < 255 ? sum[i] : 255);
    }
}

static void change_light(unsigned char *rgb, size_t count, const kith_augmentation *augmentation) {
    unsigned char table[256];
    double factor = exp(augmentation->contrast);
    for (int i = 0; i < 256; i++) {
        double value = (i - 127.5) * factor + 127.5 + augmentation->brightness;
        table[i] = (unsigned char)(fmax(0, fmin(255, value)) + 0.5);
    }
    for (size_t i = 0; i < count; i++)
        rgb[i] = table[rgb[i]];
}

static int pixel(double place, int side) {
    return (int)fmax(0, fmin(side, ceil(place)));
}

static void cover(unsigned char *rgb, const kith_frame *frame, const kith_augmentation *augmentation) {
    float centre[2];
    kith_similarity_apply(&frame->from_chip, augmentation->square, centre);
    double half = augmentation->square[2] * kith_similarity_scale(&frame->from_chip) / 2;
    int side = frame->side, left = pixel(centre[0] - half, side), right = pixel(centre[0] + half, side);
    for (int y = pixel(centre[1] - half, side); y < pixel(centre[1] + half, side); y++)
        memset(rgb + ((size_t)y * (size_t)side + (size_t)left) * 3, augmentation->grey,
               (size_t)(right - left) * 3);
}

/* ---- landmarks ---- */

/* Where dlib's 68 points are in a mirror: jaw, brows, nose, eyes, mouth outside, mouth inside. */
static const unsigned char mirrored[KITH_LANDMARKS] = {
    16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1,  0,  26, 25, 24, 23, 22, 21,
    20, 19, 18, 17, 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
    41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65};

static void move_landmarks(float *out, const float *landmarks, const kith_similarity *to_input, int side,
                           const kith_augmentation *augmentation) {
    kith_random random = {augmentation->noise_seed};
    for (int i = 0; i < KITH_LANDMARKS; i++, out += 2) {
        const float *from = landmarks + (size_t)(augmentation->mirror ? mirrored[i] : i) * 2;
        float place[2] = {augmentation->mirror ? KITH_CHIP_SIDE - 1 - from[0] : from[0], from[1]};
        for (int k = 0; k < 2 && augmentation->noise > 0; k++)
            place[k] += augmentation->noise * (float)kith_random_normal(&random);
        kith_similarity_apply(to_input, place, out);
        out[0] /= (float)side;
        out[1] /= (float)side;
    }
}

kith_status kith_augment(unsigned char *rgb, float *landmarks, const kith_frame *frame, const kith_chip *chip,
                         const kith_augmentation *augmentation, kith_error *err) {
    unsigned char seen[BYTES], small[BYTES];
    const unsigned char *picture = chip->rgb;
    int side = KITH_CHIP_SIDE;
    kith_similarity moved = movement(augmentation), place = after(&frame->from_chip, &moved), pixels = place;
    kith_status status = KITH_OK;
    if (augmentation->mirror || augmentation->blur > 0) {
        if (augmentation->mirror)
            mirror_pixels(seen, picture);
        else
            memcpy(seen, picture, sizeof seen);
        if (augmentation->blur > 0)
            blur_pixels(seen, augmentation->blur);
        picture = seen;
    }
    if (augmentation->reduced > 0) {
        side = augmentation->reduced;
        kith_similarity enlarged = enlargement(side);
        status = kith_resize_area(small, (size_t)side * 3, side, side, picture, KITH_CHIP_SIDE,
                                  KITH_CHIP_SIDE, err);
        picture = small;
        pixels = after(&place, &enlarged);
    }
    if (status == KITH_OK)
        status = kith_align(rgb, frame->side, &pixels, picture, side, side, err);
    if (augmentation->brightness != 0 || augmentation->contrast != 0)
        change_light(rgb, (size_t)frame->side * (size_t)frame->side * 3, augmentation);
    if (augmentation->square[2] > 0)
        cover(rgb, frame, augmentation);
    if (landmarks)
        move_landmarks(landmarks, chip->landmarks, &place, frame->side, augmentation);
    return status;
}
