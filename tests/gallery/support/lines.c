/* SPDX-License-Identifier: MIT
 *
 * Prints points and answers of many kinds as the programs do, each after the name of its schema, for
 * tests/gallery/json_fits_its_schemas.py.
 */
#include "proto/result.h"
#include "tests/gallery/support/made.h"

static void print(const char *schema, json_t *json) {
    printf("%s ", schema);
    if (!json || json_dumpf(json, stdout, KITH_JSON) != 0)
        exit(7);
    putchar('\n');
    json_decref(json);
}

static void print_points(void) {
    kith_point point = made_point(1, "Zo\xc3\xab \"\\ \n");
    float vector[KITH_DIMENSION];
    made_vector(vector, 1);
    print("point", kith_point_json(&point));
    kith_point_set_person(&point, NULL, NULL);
    point.taken[0] = 0;
    kith_point_add_path(&point, "/photos/\xff\n\x01.jpg", NULL);
    point.box[0] = -12.5F; /* faces may reach beyond the picture */
    print("point", kith_point_json(&point));
    json_t *line = kith_point_json(&point);
    json_object_set_new(line, "vector", kith_floats_json(vector, KITH_DIMENSION));
    print("point", line);
    kith_point_clear(&point);
}

static void print_answers(void) {
    kith_point probe = made_point(1, NULL), near = made_point(2, "Ann"), far = made_point(3, "Bob");
    kith_candidate candidates[] = {{"Ann", 0.99999994F, &near}, {"Bob", -0.25F, &far}};
    kith_threshold given = {.value = 0.4, .margin = 0.05, .named = 2, .source = "given"};
    kith_threshold table = {.value = 0.41,
                            .fpir = 0.01,
                            .fmr = 0.005,
                            .margin = 0.05,
                            .named = 2,
                            .extrapolated = true,
                            .source = "calibration of mobileface"};
    kith_answer answer = {.photo = "a.jpg",
                          .face = 0,
                          .faces = 2,
                          .probe = &probe,
                          .decision = KITH_MATCH,
                          .candidates = candidates,
                          .candidate_count = 2,
                          .threshold = &table};
    print("result", kith_answer_json(&answer));
    answer.decision = KITH_AMBIGUOUS;
    answer.reason = "Bob is nearly as near";
    answer.threshold = &given;
    print("result", kith_answer_json(&answer));
    answer.decision = KITH_UNKNOWN;
    answer.candidate_count = 0;
    answer.photo = "\xfe/b.jpg";
    print("result", kith_answer_json(&answer));
    answer.decision = KITH_UNUSABLE;
    print("result", kith_answer_json(&answer));
    print("result", kith_answer_json(&(kith_answer){.photo = "-",
                                                    .face = -1,
                                                    .decision = KITH_NO_PROBE,
                                                    .reason = "no face found",
                                                    .threshold = &table}));
    print("result", kith_answer_json(&(kith_answer){.photo = "b.jpg",
                                                    .face = -1,
                                                    .decision = KITH_FAILED_PROBE,
                                                    .reason = "empty file",
                                                    .threshold = &table}));
    kith_point_clear(&probe);
    kith_point_clear(&near);
    kith_point_clear(&far);
}

int main(void) {
    print_points();
    print_answers();
    return 0;
}
