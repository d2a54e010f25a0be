/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

/* Boxes and points within 1 % of the box, scores within 5e-3. */
static void check_found(const golden_face *golden, const kith_face *face) {
    float size = golden->box[2];
    assert_true(fabsf(face->score - golden->score) <= 5e-3F);
    for (int i = 0; i < 4; i++)
        assert_true(fabsf(face->box[i] - golden->box[i]) <= 0.01F * size);
    for (int i = 0; i < 10; i++)
        assert_true(fabsf(face->points[i] - golden->points[i]) <= 0.01F * size);
}

static void check(const golden_set *set, const char *weights, const char *arch) {
    pipeline p = pipeline_open(&(kith_model_options){.weights = weights});
    for (size_t i = 0; i < set->count; i++) {
        const golden_face *golden = set->faces + i;
        const float *expected = strcmp(arch, "reid") == 0      ? golden->reid
                                : strcmp(arch, "siamese") == 0 ? golden->siamese
                                                               : golden->mobileface;
        kith_face face = pipeline_face(&p, set->photos, golden->file);
        check_found(golden, &face);
        float similarity = cosine(face.embedding, expected), length = 0;
        for (int k = 0; k < KITH_DIMENSION; k++)
            length += face.embedding[k] * face.embedding[k];
        print_message("%s %s: cosine %.6f, score %.5f (%.5f)\n", golden->file, arch, (double)similarity,
                      (double)face.score, (double)golden->score);
        assert_true(similarity >= 0.9995F);
        assert_float_equal(length, 1, 1e-5F);
    }
    pipeline_close(&p);
}

static void our_photos_embed_as_expected(void **state) {
    (void)state;
    golden_set set = golden_own();
    check(&set, "mobileface", "mobileface");
    if (landmarks_installed())
        check(&set, "siamese", "siamese");
    golden_clear(&set);
}

static void all_photos_embed_as_expected(void **state) {
    (void)state;
    golden_set set;
    if (!golden_shared(&set))
        skip();
    check(&set, KITH_SHARED_DIR "/weights/mobileface.f32.safetensors", "mobileface");
    check(&set, KITH_SHARED_DIR "/weights/reid.f32.safetensors", "reid");
    if (landmarks_installed())
        check(&set, KITH_SHARED_DIR "/weights/siamese.f32.safetensors", "siamese");
    golden_clear(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_photos_embed_as_expected),
        cmocka_unit_test(all_photos_embed_as_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
