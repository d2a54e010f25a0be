/* SPDX-License-Identifier: MIT
 *
 * Photos that were turned, saved as JPEG again and tagged so that they show upright: Pillow's
 * hopper_orientation_2..8.jpg, beside hopper.jpg.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

#define FOLDER KITH_SHARED_DIR "/photos/files/pillow"
#define REID KITH_SHARED_DIR "/weights/reid.f32.safetensors"
enum { FIRST = 2, LAST = 8 };

/* The same seven files all the way; the least of their similarities. */
static void compare(const char *weights, float least_to_upright, float least_among) {
    const kith_model_options options = {.weights = weights};
    pipeline p = pipeline_open(&options);
    kith_face upright = pipeline_face(&p, FOLDER, "hopper.jpg"), turned[LAST + 1];
    float to_upright = 1, among = 1, overlap = 1;
    for (int i = FIRST; i <= LAST; i++) {
        char name[64];
        snprintf(name, sizeof name, "hopper_orientation_%d.jpg", i);
        turned[i] = pipeline_face(&p, FOLDER, name);
        to_upright = fminf(to_upright, cosine(turned[i].embedding, upright.embedding));
        overlap = fminf(overlap, intersection_over_union(turned[i].box, upright.box));
        for (int k = FIRST; k < i; k++)
            among = fminf(among, cosine(turned[i].embedding, turned[k].embedding));
    }
    print_message("%s: least similarity to hopper.jpg %.4f, among themselves %.4f, least IoU %.3f\n", weights,
                  (double)to_upright, (double)among, (double)overlap);
    assert_true(to_upright >= least_to_upright);
    assert_true(among >= least_among);
    assert_true(overlap >= 0.9F);
    pipeline_close(&p);
}

static void turned_and_saved_again_is_one_face(void **state) {
    (void)state;
    if (file_exists(REID))
        compare(REID, 0.95F, 0.97F);
    compare("mobileface", 0.95F, 0.96F); /* feels JPEG's noise on a face of 45 pixels a little more */
}

int main(void) {
    if (!file_exists(FOLDER "/hopper.jpg")) {
        say_skipped(FOLDER);
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(turned_and_saved_again_is_one_face)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
