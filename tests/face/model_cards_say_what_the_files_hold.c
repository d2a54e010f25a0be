/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "model/embedder.h"
#include "tests/face/support/golden.h"

/* The rows `| RATE | COSINE |` of a card against the lists in the file. */
static void compare(FILE *card, const json_t *fmr, const json_t *threshold) {
    char line[1024];
    size_t rows = 0;
    while (fgets(line, sizeof line, card)) {
        double rate, cosine_at;
        if (sscanf(line, "| %lf | %lf |", &rate, &cosine_at) != 2)
            continue;
        assert_true(fabs(rate / json_number_value(json_array_get(fmr, rows)) - 1) < 1e-6);
        assert_true(fabs(cosine_at - json_number_value(json_array_get(threshold, rows))) < 1e-6);
        rows++;
    }
    assert_int_equal(rows, json_array_size(fmr));
    assert_int_equal(rows, json_array_size(threshold));
    assert_true(rows >= 20);
}

static void check(const char *name) {
    char path[1024];
    kith_model *model = NULL;
    kith_error err = {0};
    if (kith_model_open(&model, &(kith_model_options){.weights = name}, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    const char *text = kith_model_metadata(model, "kith.calibration");
    assert_non_null(text);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    double supported = json_number_value(json_object_get(json, "supported"));
    assert_true(supported > 0 && supported <= 1e-5);
    assert_true(json_integer_value(json_object_get(json, "pairs")) > 10 * 1000 * 1000);
    snprintf(path, sizeof path, KITH_SOURCE_DIR "/model/weights/%s.md", name);
    FILE *card = fopen(path, "r");
    assert_non_null(card);
    compare(card, json_object_get(json, "fmr"), json_object_get(json, "threshold"));
    fclose(card);
    json_decref(json);
    kith_model_close(&model);
}

static void mobileface(void **state) {
    (void)state;
    check("mobileface");
}

static void siamese(void **state) {
    (void)state;
    if (!landmarks_installed())
        skip();
    check("siamese");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(mobileface), cmocka_unit_test(siamese)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
