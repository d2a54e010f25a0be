/* SPDX-License-Identifier: MIT */
#include "tests/train/support/made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "model/statistics/random.h"

static void make_folders_above(const char *path) {
    char *copy = strdup(path);
    assert_non_null(copy);
    for (char *at = strchr(copy + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = 0;
        mkdir(copy, 0777);
        *at = '/';
    }
    free(copy);
}

void make_picture(const char *path, int side, uint64_t seed) {
    kith_error err = {0};
    size_t count = (size_t)side * (size_t)side * 3;
    unsigned char *rgb = malloc(count);
    kith_random random = {seed};
    assert_non_null(rgb);
    for (size_t i = 0; i < count; i += 8)
        memcpy(rgb + i, &(uint64_t){kith_random_next(&random)}, count - i < 8 ? count - i : 8);
    const kith_picture picture = {
        .width = side, .height = side, .full_width = side, .full_height = side, .rgb = rgb};
    make_folders_above(path);
    assert_int_equal(kith_picture_write(&picture, path, &err), KITH_OK);
    free(rgb);
}

void make_people(const char *folder, const int *counts, int persons) {
    char path[512];
    snprintf(path, sizeof path, "%s/landmarks.csv", folder);
    make_folders_above(path);
    FILE *landmarks = fopen(path, "wb");
    assert_non_null(landmarks);
    for (int p = 0; p < persons; p++)
        for (int i = 0; i < counts[p]; i++) {
            snprintf(path, sizeof path, "%s/p%d/%d.png", folder, p, i);
            make_picture(path, KITH_CHIP_SIDE, (uint64_t)(1000 * p + i));
            fprintf(landmarks, "p%d/%d.png", p, i);
            for (int k = 0; k < 2 * KITH_LANDMARKS; k++)
                fprintf(landmarks, ",%d.5", 10 + (k * 7 + p + i) % 120);
            fprintf(landmarks, "\n");
        }
    assert_int_equal(fclose(landmarks), 0);
}

void tell_set(void *context, kith_set_event event, const char *path, const kith_error *err) {
    told *t = context;
    t->events[event]++;
    if (t->count == 16)
        return;
    if (err)
        snprintf(t->text[t->count++], sizeof t->text[0], "%s: %s", err->where, err->text);
    else
        snprintf(t->text[t->count++], sizeof t->text[0], "%s", path ? path : "");
}

bool was_told(const told *t, const char *part) {
    for (int i = 0; i < t->count; i++)
        if (strstr(t->text[i], part))
            return true;
    return false;
}

kith_face_set *open_chips(const char *folder, double validation, told *t) {
    const kith_set_source source = {folder, true};
    const kith_set_options options = {.sources = &source,
                                      .source_count = 1,
                                      .kind = KITH_SET_CHIPS,
                                      .landmarks = true,
                                      .validation = validation,
                                      .seed = 1,
                                      .jobs = 2,
                                      .scratch = ".",
                                      .tell = t ? tell_set : NULL,
                                      .context = t};
    kith_face_set *set = NULL;
    kith_error err = {0};
    if (kith_face_set_open(&set, &options, &err) != KITH_OK)
        fail_msg("%s: %s", err.where, err.text);
    return set;
}
