/* SPDX-License-Identifier: MIT */
#include "tests/network/support/models.h"

#include <stdlib.h>

static void parameters(void **state) {
    (void)state;
    assert_int_equal(kith_arch_parameters(kith_arch_find("mobileface")), 1059008);
    assert_int_equal(kith_arch_parameters(kith_arch_find("reid")), 1106808);
    assert_int_equal(kith_arch_parameters(kith_arch_find("siamese")), 3070336);
    assert_int_equal(kith_arch_parameters(kith_arch_find("yunet")), 53104);
    assert_null(kith_arch_find("zebra"));
}

static void sides(void **state) {
    (void)state;
    assert_int_equal(kith_arch_side(kith_arch_find("mobileface")), 112);
    assert_int_equal(kith_arch_side(kith_arch_find("reid")), 128);
    assert_int_equal(kith_arch_side(kith_arch_find("siamese")), 112);
    assert_int_equal(kith_arch_side(kith_arch_find("yunet")), 640);
}

static void the_list_has_each_once(void **state) {
    (void)state;
    size_t count = 0;
    for (; kith_arch_at(count); count++)
        assert_ptr_equal(kith_arch_find(kith_arch_name(kith_arch_at(count))), kith_arch_at(count));
    assert_int_equal(count, 4);
}

/* Whether a line of the table, its columns joined by single spaces, is `row`. */
static bool has_row(const char *text, const char *row) {
    char line[128];
    size_t used = 0;
    for (; *text; text++) {
        if (*text == '\n') {
            line[used] = 0;
            used = 0;
            if (strcmp(line, row) == 0)
                return true;
        } else if (used < sizeof line - 1 && (*text != ' ' || (used > 0 && line[used - 1] != ' '))) {
            line[used++] = *text;
        }
    }
    return false;
}

static void the_summary_has_every_layer(void **state) {
    (void)state;
    char *text = NULL;
    size_t size;
    kith_error err = {0};
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(kith_arch_summary(kith_arch_find("siamese"), 112, 112, out, &err), KITH_OK);
    fclose(out);
    assert_true(has_row(text, "block.16.project convolution 320 x 3 x 3 308480"));
    assert_true(has_row(text, "image dense 512 x 1 x 1 655872"));
    assert_false(has_row(text, "image dense 512 x 1 x 1 655871"));
    assert_non_null(strstr(text, "3070336 parameters\n"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(parameters), cmocka_unit_test(sides),
                                       cmocka_unit_test(the_list_has_each_once),
                                       cmocka_unit_test(the_summary_has_every_layer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
