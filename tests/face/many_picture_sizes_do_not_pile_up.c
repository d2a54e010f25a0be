/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "tests/face/support/golden.h"
#include "tests/face/support/pipeline.h"

static double resident_megabytes(void) {
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &total, &resident), 2);
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* Every picture has another padded size, so each wants another session. */
static void look_at(const pipeline *p, int from, int to) {
    for (int i = from; i < to; i++) {
        kith_picture picture = picture_make(640 - 32 * (i % 18), 640 - 32 * (i / 18 % 18), 128);
        kith_faces faces = pipeline_faces(p, &picture, &usual_options);
        assert_int_equal(faces.count, 0);
        kith_faces_clear(&faces);
        kith_picture_clear(&picture);
    }
}

static void many_sizes_do_not_pile_up(void **state) {
    (void)state;
    pipeline p = pipeline_open(NULL);
    look_at(&p, 0, 60);
    double before = resident_megabytes();
    look_at(&p, 60, 300);
    double after = resident_megabytes();
    print_message("resident: %.0f MB after 60 sizes, %.0f MB after 300\n", before, after);
    assert_true(after < before + 40);
    pipeline_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_sizes_do_not_pile_up)};
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    say_skipped("a sanitizer keeps freed memory");
    return 77;
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
