/* SPDX-License-Identifier: MIT
 *
 * Each kernel, in each of its builds that this processor can run, beside the plainest loop.
 */
#include "tests/network/support/models.h"

#include <math.h>

#include "model/network/kernels.h"

enum { BLOCKS = 3, HEIGHT = 6, WIDTH = 10, PIXELS = HEIGHT * WIDTH, MOST = BLOCKS * PIXELS * 16 };

static _Alignas(64) float map[MOST], found[MOST], expected[MOST], extra[MOST];
static const kith_kernels *levels[3];
static int level_count;

static int find_levels(void **state) {
    (void)state;
    levels[level_count++] = &kith_kernels_v2;
    if (kith_kernels_best() != &kith_kernels_v2)
        levels[level_count++] = &kith_kernels_v3;
    if (kith_kernels_best() == &kith_kernels_v4)
        levels[level_count++] = &kith_kernels_v4;
    return 0;
}

static void fill(float *out, unsigned seed) {
    static unsigned char bytes[2 * MOST];
    random_bytes(bytes, sizeof bytes, seed);
    for (int i = 0; i < MOST; i++)
        out[i] = (float)(bytes[2 * i] * 256 + bytes[2 * i + 1] - 32768) / 32768;
}

static void same(int count, float tolerance) {
    for (int i = 0; i < count; i++)
        if (!(fabsf(found[i] - expected[i]) <= tolerance))
            fail_msg("[%d]: %g, expected %g", i, (double)found[i], (double)expected[i]);
}

static void prelu(void **state) {
    (void)state;
    for (int l = 0; l < level_count; l++)
        for (int block = 8; block <= 16; block += 8) {
            fill(found, 1);
            fill(extra, 2);
            for (int i = 0; i < BLOCKS * PIXELS * block; i++) {
                float slope = extra[i / (PIXELS * block) % 2 * block + i % block];
                expected[i] = found[i] > 0 ? found[i] : found[i] * slope;
            }
            levels[l]->prelu(found, extra, BLOCKS, 2, PIXELS, block);
            same(BLOCKS * PIXELS * block, 0);
        }
}

static int place(int b, int y, int x, int width, int height, int block, int c) {
    return ((b * height + y) * width + x) * block + c;
}

static void max_pool(void **state) {
    (void)state;
    fill(map, 3);
    for (int l = 0; l < level_count; l++)
        for (int block = 8; block <= 16; block += 8) {
            for (int i = 0; i < BLOCKS * PIXELS / 4 * block; i++) {
                int c = i % block, x = i / block % (WIDTH / 2), y = i / block / (WIDTH / 2) % (HEIGHT / 2);
                int b = i / block / (PIXELS / 4);
                float best = -2;
                for (int k = 0; k < 4; k++)
                    best = fmaxf(best, map[place(b, 2 * y + k / 2, 2 * x + k % 2, WIDTH, HEIGHT, block, c)]);
                expected[i] = best;
            }
            levels[l]->max_pool(found, map, BLOCKS, HEIGHT / 2, WIDTH / 2, block);
            same(BLOCKS * PIXELS / 4 * block, 0);
        }
}

static void upsample_add(void **state) {
    (void)state;
    fill(map, 4);
    fill(extra, 5);
    for (int l = 0; l < level_count; l++)
        for (int block = 8; block <= 16; block += 8) {
            for (int i = 0; i < BLOCKS * PIXELS * block; i++) {
                int c = i % block, x = i / block % WIDTH, y = i / block / WIDTH % HEIGHT;
                int b = i / block / PIXELS;
                expected[i] = map[i] + extra[place(b, y / 2, x / 2, WIDTH / 2, HEIGHT / 2, block, c)];
            }
            levels[l]->upsample_add(found, map, extra, BLOCKS, HEIGHT, WIDTH, block);
            same(BLOCKS * PIXELS * block, 0);
        }
}

static void average(void **state) {
    (void)state;
    fill(map, 6);
    for (int l = 0; l < level_count; l++)
        for (int block = 8; block <= 16; block += 8)
            for (int pixels = PIXELS - 1; pixels <= PIXELS; pixels++) {
                for (int i = 0; i < BLOCKS * block; i++) {
                    double sum = 0;
                    for (int p = 0; p < pixels; p++)
                        sum += (double)map[(i / block * pixels + p) * block + i % block];
                    expected[i] = (float)(sum / pixels);
                }
                levels[l]->average(found, map, BLOCKS, (size_t)pixels, block);
                same(BLOCKS * block, 1e-6F);
            }
}

static void excite(void **state) {
    (void)state;
    static _Alignas(64) float gate[BLOCKS * 16];
    fill(map, 7);
    fill(extra, 8);
    for (int i = 0; i < BLOCKS * 16; i++)
        gate[i] = (float)i / 7;
    for (int l = 0; l < level_count; l++)
        for (int block = 8; block <= 16; block += 8)
            for (int add = 0; add < 2; add++) {
                for (int i = 0; i < BLOCKS * PIXELS * block; i++)
                    expected[i] =
                        map[i] * gate[i / (PIXELS * block) * block + i % block] + (add ? extra[i] : 0);
                levels[l]->excite(found, map, gate, add ? extra : NULL, BLOCKS, PIXELS, block);
                same(BLOCKS * PIXELS * block, 1e-6F);
            }
}

static void planes(void **state) {
    (void)state;
    enum { COUNT = 51 };
    const float mean[3] = {100, 120, 140}, scale[3] = {0.01F, 0.02F, 0.03F};
    unsigned char rgb[COUNT * 3];
    random_bytes(rgb, sizeof rgb, 9);
    for (int l = 0; l < level_count; l++) {
        for (int i = 0; i < COUNT * 3; i++)
            expected[i % 3 * COUNT + i / 3] = ((float)rgb[i] - mean[i % 3]) * scale[i % 3];
        levels[l]->planes_scaled(found, rgb, COUNT, mean, scale);
        same(COUNT * 3, 1e-6F);
        for (int i = 0; i < COUNT * 3; i++) {
            const unsigned char *p = rgb + i % COUNT * 3;
            expected[i] = (float)((0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) / 127.5 - 1);
        }
        levels[l]->planes_grey(found, rgb, COUNT);
        same(COUNT * 3, 1e-6F);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(prelu),        cmocka_unit_test(max_pool),
                                       cmocka_unit_test(upsample_add), cmocka_unit_test(average),
                                       cmocka_unit_test(excite),       cmocka_unit_test(planes)};
    return cmocka_run_group_tests(tests, find_levels, NULL);
}
