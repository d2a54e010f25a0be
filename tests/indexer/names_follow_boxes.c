/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/store/carry.h"

static void expect(const float a[4], const float b[4], double overlap) {
    assert_true(kith_box_iou(a, b) > overlap - 1e-6 && kith_box_iou(a, b) < overlap + 1e-6);
    assert_true(kith_box_iou(b, a) > overlap - 1e-6 && kith_box_iou(b, a) < overlap + 1e-6);
}

static void overlap_is_intersection_over_union(void **state) {
    (void)state;
    const float box[4] = {10, 20, 30, 40};
    expect(box, box, 1);
    expect(box, (const float[4]){25, 20, 30, 40}, 1.0 / 3);
    expect(box, (const float[4]){10, 40, 30, 40}, 1.0 / 3);
    expect(box, (const float[4]){20, 30, 10, 10}, 100.0 / 1200);
    expect(box, (const float[4]){40, 20, 30, 40}, 0); /* side by side */
    expect(box, (const float[4]){100, 100, 1, 1}, 0);
    expect((const float[4]){0, 0, 0, 0}, (const float[4]){0, 0, 0, 0}, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_is_intersection_over_union),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
