/* SPDX-License-Identifier: MIT
 *
 * Augmentations as words: one row for each, with the bounds of its numbers.
 */
#include <math.h>
#include <stdio.h>

#include "model/train/augment.h"

enum { NUMBERS = 4, WORDS = 9 };

typedef struct word {
    const char *name;
    double low[NUMBERS], high[NUMBERS];
    int count;
    bool whole[NUMBERS];
} word;

static const word words[WORDS] = {
    {"mirror", {0}, {0}, 0, {false}},
    {"reduced", {8}, {KITH_CHIP_SIDE}, 1, {true}},
    {"blur", {0.1}, {2}, 1, {false}},
    {"rotation", {-180}, {180}, 1, {false}},
    {"zoom", {-1}, {1}, 1, {false}},
    {"shift", {-KITH_CHIP_SIDE, -KITH_CHIP_SIDE}, {KITH_CHIP_SIDE, KITH_CHIP_SIDE}, 2, {false}},
    {"light", {-255, -3}, {255, 3}, 2, {false}},
    {"square", {0, 0, 1, 0}, {KITH_CHIP_SIDE, KITH_CHIP_SIDE, KITH_CHIP_SIDE, 255}, 4, {[3] = true}},
    {"noise", {0, 0}, {20, UINT32_MAX}, 2, {[1] = true}},
};

/* The numbers behind each word. */
static void to_numbers(double out[WORDS][NUMBERS], const kith_augmentation *a) {
    const double numbers[WORDS][NUMBERS] = {
        {a->mirror},
        {a->reduced},
        {a->blur},
        {a->rotation},
        {a->zoom},
        {a->shift[0], a->shift[1]},
        {a->brightness, a->contrast},
        {a->square[0], a->square[1], a->square[2], a->square[2] > 0 ? a->grey : 0},
        {a->noise, a->noise > 0 ? a->noise_seed : 0},
    };
    memcpy(out, numbers, sizeof numbers);
}

static void from_numbers(kith_augmentation *out, double n[WORDS][NUMBERS]) {
    *out = (kith_augmentation){.mirror = n[0][0] != 0,
                               .reduced = (int)n[1][0],
                               .blur = (float)n[2][0],
                               .rotation = (float)n[3][0],
                               .zoom = (float)n[4][0],
                               .shift = {(float)n[5][0], (float)n[5][1]},
                               .brightness = (float)n[6][0],
                               .contrast = (float)n[6][1],
                               .square = {(float)n[7][0], (float)n[7][1], (float)n[7][2]},
                               .grey = (int)n[7][3],
                               .noise = (float)n[8][0],
                               .noise_seed = (uint32_t)n[8][1]};
}

void kith_augmentation_text(char out[KITH_AUGMENTATION_TEXT], const kith_augmentation *augmentation) {
    double numbers[WORDS][NUMBERS];
    size_t used = 0;
    to_numbers(numbers, augmentation);
    for (int w = 0; w < WORDS; w++) {
        bool there = false;
        for (int i = 0; i < NUMBERS; i++)
            there |= numbers[w][i] != 0;
        if (!there)
            continue;
        used += (size_t)snprintf(out + used, KITH_AUGMENTATION_TEXT - used, "%s%s", used ? " " : "",
                                 words[w].name);
        for (int i = 0; i < words[w].count; i++)
            used += (size_t)snprintf(out + used, KITH_AUGMENTATION_TEXT - used, "%c%.*g", i ? ':' : '=',
                                     words[w].whole[i] ? 10 : 6, numbers[w][i]);
    }
    if (used == 0)
        snprintf(out, KITH_AUGMENTATION_TEXT, "plain");
}

/* Numbers of one word, from behind its name; NULL: wrong, else what follows. */
static const char *parse_numbers(double *out, const word *is, const char *text) {
    for (int i = 0; i < is->count; i++) {
        char *end = NULL;
        if (*text++ != (i ? ':' : '='))
            return NULL;
        out[i] = strtod(text, &end);
        if (end == text || !(out[i] >= is->low[i] && out[i] <= is->high[i]) ||
            (is->whole[i] && floor(out[i]) != out[i]))
            return NULL;
        text = end;
    }
    if (is->count == 0)
        out[0] = 1;
    return text;
}

bool kith_augmentation_parse(kith_augmentation *out, const char *text) {
    double numbers[WORDS][NUMBERS] = {{0}};
    if (strcmp(text, "plain") == 0)
        text = "";
    while (*text) {
        size_t length = strcspn(text, "= ");
        int w = 0;
        while (w < WORDS && (strncmp(words[w].name, text, length) != 0 || words[w].name[length] != 0))
            w++;
        text = w < WORDS ? parse_numbers(numbers[w], &words[w], text + length) : NULL;
        if (!text || (*text != 0 && *text != ' '))
            return false;
        text += *text == ' ';
    }
    from_numbers(out, numbers);
    return true;
}
